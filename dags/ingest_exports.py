"""### ingest_exports: export files in, rows in the lake

**Purpose.** Find the files in the landing zone (`$CREATOR_TIERS_HOME/landing`, or `CREATOR_TIERS_LANDING`) that were
never read, recognise each by its content, validate its rows, write the good ones to the lake (Parquet) and the bad ones
to quarantine.

**Schedule.** Hourly, UTC, no catch-up: a run reads whatever lies there, so one run makes up for any number of missed
ones. Trigger it by hand at any time; two runs never overlap.

**Inputs.** The landing zone, at any depth: exports of Instagram, TikTok, YouTube, creator lists; orders, web sessions,
affiliate events, exchange rates; your lists of campaigns and placements.

**Outputs.** `lake/<dataset>/*.parquet`, `lake/manifests/*.json`; an event of the asset `creator_tiers://lake`, with the
number of files and rows, when anything was loaded or refused. The event starts `build_marts`.

**Tasks.** `find_new_files` puts the files into batches (a large file alone, small ones together); `ingest_files` reads
a batch each, in the pool `creator_tiers_ingest`; `announce_rows` publishes the asset event for what landed, even when
another batch failed; `sum_up` adds up the counts and turns the run red when a batch failed.

**Params.** None.

**When it fails.**

* `ingest_files` red: open its log. A refused file is not a failure: it is in `creator-tiers rejected`. A red batch is a
  fault of this program or of the disk; the other batches are loaded. *Clear* the red task: files that were read are
  skipped.
* `find_new_files` red: the landing folder cannot be read. Mend that and *clear* it.
* Anything else, or a run that was stopped half-way: *trigger* a new run. Nothing is loaded twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, CronTriggerTimetable, Metadata, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from creator_tiers.orchestration import DEFAULT_ARGS, LAKE, TAG
from creator_tiers.pools import INGEST_POOL


@dag(
    schedule=CronTriggerTimetable("0 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[TAG, "ingestion"],
)
def ingest_exports() -> None:
    """Find, read, announce, sum up."""

    @task
    def find_new_files() -> list[dict[str, Any]]:
        """The files never read before, in batches."""
        from creator_tiers.ingestion import plan
        from creator_tiers.settings import load_settings

        return list(plan(load_settings()))

    @task(pool=INGEST_POOL, map_index_template="{{ task.op_kwargs['batch']['label'] }}")
    def ingest_files(batch: dict[str, Any]) -> dict[str, Any]:
        """Read, validate and store the files of a batch."""
        from creator_tiers.ingestion import ingest
        from creator_tiers.settings import load_settings

        return dict(ingest(load_settings(), batch))

    @task(outlets=[LAKE], inlets=[LAKE], trigger_rule="all_done")
    def announce_rows(*, inlet_events: dict[Asset, Any]) -> Any:
        """Publish the asset event when the lake holds something that the last event did not speak of."""
        from creator_tiers.announcing import describe_lake
        from creator_tiers.lake import open_lake
        from creator_tiers.settings import load_settings

        extra = describe_lake(open_lake(load_settings()).manifests(), _last_extra(inlet_events[LAKE]))
        if extra is None:
            raise AirflowSkipException("Nothing new in the lake")
        yield Metadata(LAKE, extra=extra)

    @task(trigger_rule="none_failed")
    def sum_up(summaries: list[dict[str, Any]] | None) -> dict[str, int]:
        """Add up the counts of all batches."""
        total: dict[str, int] = {}
        for summary in summaries or []:
            for name, value in summary.items():
                if isinstance(value, int):
                    total[name] = total.get(name, 0) + value
        return total

    summaries = ingest_files.expand(batch=find_new_files())
    summaries >> announce_rows()
    sum_up(summaries)


def _last_extra(events: Any) -> dict[str, Any]:
    try:
        return dict(events[-1].extra)
    except IndexError:
        return {}


ingest_exports()
