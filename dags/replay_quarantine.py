"""### replay_quarantine: refused rows, read again with today's rules

**Purpose.** After a rule or an alias is mended, or a sidecar is added: read the files whose rows were refused again.
A file that reads differently now is replaced as a whole, as if it had been read so when it was received.

**Schedule.** None: trigger it by hand when something is mended. `creator-tiers rejected` shows what there is to replay.

**Inputs.** The quarantine in the lake, and the same files in `landing/`; a file that lies there no longer is told.

**Outputs.** Replaced loads in `lake/`, whose settled refusals keep the time (`ops.rejected_rows.resolved_at`); an event
of the asset `creator_tiers://lake` when anything was replaced. The event starts `build_marts`, which then builds the
warehouse again from the lake.

**Tasks.** `read_again` reads and replaces, in the pool `creator_tiers_ingest`; `announce_rows` publishes the asset
event, also for what was replaced before a failure, and is skipped when nothing was.

**Params.** `rule`: only files with a row refused by this rule, such as `bad_date`. `file`: only files whose path
contains this text, or whose file_id begins with it; without a rule also those of them without refusals, as a renamed
column refuses nothing. Empty: all with refusals.

**When it fails.** Each file is replaced whole or not at all, and reading again what was replaced changes nothing: mend
the cause that the log names and *clear* `read_again`, or *trigger* a new run. A file that is told as missing must be
put back into `landing/`; one that waits is still being written or cannot be opened: *trigger* a new run later.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Metadata, Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from creator_tiers.orchestration import DEFAULT_ARGS, LAKE, TAG
from creator_tiers.pools import INGEST_POOL


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[TAG, "ingestion"],
    params={
        "rule": Param(
            None,
            type=["null", "string"],
            title="Rule",
            description="Such as bad_date. Empty: every rule.",
        ),
        "file": Param(
            None,
            type=["null", "string"],
            title="File",
            description="A part of its path, or the beginning of its file_id. Empty: every file with refusals.",
        ),
    },
)
def replay_quarantine() -> None:
    """Read again, announce."""

    @task(pool=INGEST_POOL)
    def read_again(*, params: dict[str, Any]) -> dict[str, Any]:
        """Replace the loads that read differently now."""
        from creator_tiers.ingestion import replay
        from creator_tiers.settings import load_settings

        found = replay(load_settings(), params.get("rule"), params.get("file"))
        return {name: value for name, value in found.items() if name != "answers"}

    @task(outlets=[LAKE], inlets=[LAKE], trigger_rule="all_done")
    def announce_rows(*, inlet_events: dict[Asset, Any]) -> Any:
        """Publish the asset event when the lake holds something that the last event did not speak of."""
        from creator_tiers.announcing import describe_lake
        from creator_tiers.lake import open_lake
        from creator_tiers.settings import load_settings

        events = inlet_events[LAKE]
        try:
            told = dict(events[-1].extra)
        except IndexError:
            told = {}
        extra = describe_lake(open_lake(load_settings()).manifests(), told)
        if extra is None:
            raise AirflowSkipException("Nothing was replaced")
        yield Metadata(LAKE, extra=extra)

    read_again() >> announce_rows()


replay_quarantine()
