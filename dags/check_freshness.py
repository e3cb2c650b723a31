"""### check_freshness: what has not come

**Purpose.** A dead man's switch: a run that never started raises no alarm of its own. Says which expected export is
overdue, whether the weekly report that is due has been published, and which recipient has not got it.

**Schedule.** Daily at 07:00 in the configured zone (`CREATOR_TIERS_ZONE`, UTC by default), no catch-up. When the
scheduler itself may be down, let another machine call `creator-tiers freshness`: the same look, exit code 1 when
something is missing.

**Inputs.** `expected_exports.yaml` in the home (nothing is expected unless it is listed there), `ops.export_files`,
`reports/`, the mail outbox.

**Outputs.** A red run that names what is missing; one mail a week for the same things to `CREATOR_TIERS_OWNER`; a word
to the webhook of the connection `creator_tiers_webhook`, when there is one.

**Tasks.** `look_for_exports` and `look_for_reports` list what is missing; `raise_alarm` tells the owner and fails when
there is anything.

**Params.** None.

**When it fails.**

* `raise_alarm` red: its log names what is missing. Put the export into `landing/`, waive it in `expected_exports.yaml`
  until a day, or look at the runs of `publish_tier_report`; then *trigger* a new run.
* `look_for_exports` or `look_for_reports` red: the list or the warehouse cannot be read. Mend that, then *clear* it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from creator_tiers.errors import ContractError
from creator_tiers.notifying import WebhookNotifier
from creator_tiers.orchestration import DEFAULT_ARGS, TAG
from creator_tiers.settings import load_settings


@dag(
    schedule=CronTriggerTimetable("0 7 * * *", timezone=load_settings().zone),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=30),
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[TAG, "operations"],
)
def check_freshness() -> None:
    """Look, raise the alarm."""

    @task
    def look_for_exports(*, dag_run: Any) -> list[str]:
        """The expected exports that are overdue when the run is due, a sentence each."""
        from creator_tiers.freshness import missing_exports

        return missing_exports(load_settings(), dag_run.run_after)

    @task
    def look_for_reports(*, dag_run: Any) -> list[str]:
        """What is missing of the newest report that is due, a sentence each."""
        from creator_tiers.freshness import missing_reports

        return missing_reports(load_settings(), dag_run.run_after)

    @task(on_failure_callback=[WebhookNotifier()])
    def raise_alarm(exports: list[str], reports: list[str], *, dag_run: Any) -> None:
        """Tell the owner what is missing, and fail when anything is."""
        from creator_tiers.freshness import tell_missing

        missing = [*exports, *reports]
        if missing:
            told = tell_missing(load_settings(), missing, dag_run.run_after)
            raise ContractError(". ".join([*missing, told]))

    raise_alarm(look_for_exports(), look_for_reports())


check_freshness()
