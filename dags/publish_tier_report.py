"""### publish_tier_report: the weekly report

**Purpose.** Compare the tiers as of the end of an ISO week, render the report, hold it against the gates, deliver it:
once to each recipient.

**Schedule.** Mondays 00:00 in the configured zone (`CREATOR_TIERS_ZONE`, UTC by default), over the week that has just
ended: the data interval is the ISO week. No catch-up. Past weeks, from what was known then:
`airflow backfill create --dag-id publish_tier_report --from-date 2026-10-05 --to-date 2026-11-01`.

**Inputs.** The warehouse; observations made before the week's end only, whenever the run happens.

**Outputs.** `marts.tier_comparison` and `marts.claim_verdicts` for the week, `reports/<week>/`,
`ops.report_deliveries`, the mail.

**Tasks.** `compare` (in the pool `creator_tiers_warehouse`) writes the week's comparison; `render` makes the files;
`check_gates` stops a stale, blank or contradictory report and tells the owner (`CREATOR_TIERS_OWNER`) why, once;
`deliver` publishes the folder and sends. With `CREATOR_TIERS_APPROVAL_HOURS`, `approve` stands before `deliver`: the
run waits, without a worker slot, until a person says Approve in the UI (Required Actions, with a summary of the draft).
Without an answer in time, or with Reject, `deliver` is skipped: nothing is published and nothing is sent. `make run`
does not wait: it says so and ends with 3; answer under `make up`.

**Params.** `week`: an ISO week such as `2026-W46`, instead of the data interval's. Without either, the last full week.

**Who is told.** Recipients by mail. When the Airflow connection `creator_tiers_webhook` exists, its webhook: the
headline, a closed gate, a failed delivery. A run that has not ended within `CREATOR_TIERS_DEADLINE_HOURS` (2) and the
time for approval: the owner, and the webhook.

**When it fails.**

* `check_gates` red: the report was held back and nothing was sent. The log says which gate and why. Mend the data, run
  `ingest_exports`, then *clear* from `compare`.
* `compare` skipped, and all after it: no export was ever read here, as after a first start. Drop exports, then
  *trigger* the run. A warehouse whose tables are gone is red.
* `deliver` skipped: the draft was rejected, or nobody answered in time. *Clear* `approve` to ask again.
* `deliver` red: *clear* it. Recipients that have the report do not get it again.
* `compare` or `render` red: mend the cause named in the log and *clear* it; the week is replaced as a whole.
* A week that never ran: *trigger* with `week`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import (
    CronDataIntervalTimetable,
    DeadlineAlert,
    DeadlineReference,
    Param,
    SyncCallback,
    dag,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from creator_tiers.errors import GateClosedError, NothingYetError
from creator_tiers.notifying import WebhookNotifier, tell_late
from creator_tiers.orchestration import DEFAULT_ARGS, TAG, WEEK_PATTERN, approval, week_of_run
from creator_tiers.pools import WAREHOUSE_POOL
from creator_tiers.settings import load_settings

APPROVAL = timedelta(hours=load_settings().approval_hours or 0)
"""How long a run may wait for a person; no time: no approval is asked for."""


@dag(
    schedule=CronDataIntervalTimetable("0 0 * * MON", timezone=load_settings().zone),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4) + APPROVAL,
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=load_settings().deadline_hours) + APPROVAL,
        callback=SyncCallback(tell_late),
        name="the report is late",
    ),
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[TAG, "report"],
    params={
        "week": Param(
            None,
            type=["null", "string"],
            pattern=WEEK_PATTERN,
            title="ISO week",
            description="Such as 2026-W46. Empty: the week of the data interval, else the last full one.",
        )
    },
)
def publish_tier_report() -> None:
    """Compare, render, check, deliver."""

    @task(pool=WAREHOUSE_POOL)
    def compare(*, params: dict[str, Any], dag_run: Any) -> dict[str, Any]:
        """Write the week's comparison and verdicts."""
        from creator_tiers import publishing

        settings = load_settings()
        week = week_of_run(params.get("week"), dag_run.data_interval_start, dag_run.run_after, settings.zone)
        try:
            return publishing.compare(settings, week)
        except NothingYetError as error:
            raise AirflowSkipException(str(error)) from error

    @task
    def render(compared: dict[str, Any]) -> dict[str, Any]:
        """Make the report's files, as a draft."""
        from creator_tiers import publishing

        settings = load_settings()
        return publishing.render(settings, publishing.parse_week(settings, compared))

    @task(on_failure_callback=[WebhookNotifier()])
    def check_gates(rendered: dict[str, Any], *, ti: Any) -> dict[str, Any]:
        """Hold the draft against every gate; fail when one is closed, and leave the reasons as `closed_gates`."""
        from creator_tiers import publishing

        settings = load_settings()
        try:
            return publishing.check_gates(settings, publishing.parse_week(settings, rendered))
        except GateClosedError as error:
            ti.xcom_push(key="closed_gates", value=error.reasons)
            raise

    @task(
        pool=WAREHOUSE_POOL,
        on_success_callback=[WebhookNotifier()],
        on_failure_callback=[WebhookNotifier()],
    )
    def deliver(checked: dict[str, Any]) -> dict[str, Any]:
        """Publish the files and send the mail, once to each recipient."""
        from creator_tiers import publishing

        settings = load_settings()
        return publishing.deliver(settings, publishing.parse_week(settings, checked))

    checked = check_gates(render(compare()))
    delivered = deliver(checked)
    if APPROVAL:
        checked >> approval("approve", "check_gates", APPROVAL) >> delivered


publish_tier_report()
