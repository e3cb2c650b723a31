"""### build_marts: from the lake to the warehouse's tables

**Purpose.** Bring `core.*`, `marts.*` and `ops.*` up to date with the lake, in one transaction, then publish the
read-only copy that analysts and reports read.

**Schedule.** By itself, whenever the asset `creator_tiers://lake` has an event: `ingest_exports` has landed something.
Events that arrive during a run are served together by the next one.

**Inputs.** Loads in `lake/` that the warehouse has not seen; `include/sql/`.

**Outputs.** The warehouse named by `CREATOR_TIERS_WAREHOUSE` (default: `warehouse.duckdb` in the home),
`published.duckdb`, and an event of the asset `creator_tiers://warehouse` when a table changed.

**Tasks.** `build`, in the one-slot pool `creator_tiers_warehouse` (DuckDB has one writer at a time); `announce_tables`
publishes the asset event, and is skipped when nothing changed.

**Params.** None.

**When it fails.** The warehouse is as it was before: a build is one transaction. Mend the cause (the log names the
table) and *clear* `build`, or *trigger* a new run: a build takes everything that is missing, nothing twice. When the
warehouse itself is damaged, `creator-tiers rebuild` makes it again from the lake.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Metadata, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from creator_tiers.orchestration import DEFAULT_ARGS, LAKE, TAG, WAREHOUSE
from creator_tiers.pools import WAREHOUSE_POOL


@dag(
    schedule=[LAKE],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=[TAG, "warehouse"],
)
def build_marts() -> None:
    """Build, announce."""

    @task(pool=WAREHOUSE_POOL)
    def build() -> dict[str, Any]:
        """Take the lake's new loads into the warehouse."""
        from creator_tiers.publishing import build_warehouse
        from creator_tiers.settings import load_settings

        return build_warehouse(load_settings())

    @task(outlets=[WAREHOUSE])
    def announce_tables(report: dict[str, Any]) -> Any:
        """Publish the asset event when a table changed."""
        if not report["published"]:
            raise AirflowSkipException("No table changed")
        yield Metadata(WAREHOUSE, extra=report)

    announce_tables(build())


build_marts()
