"""The ingestion with Airflow around it: what Airflow adds, by the clock, to the code that its tasks call."""

from __future__ import annotations

from collections.abc import Iterator

from bench.exports import write_meta_export
from bench.kinds import Plan
from bench.kinds.ingestion import FILE
from bench.measuring import measure, must_equal
from bench.table import Line

KIND = "airflow"
MOST_SECONDS = 30.0


def lines(plan: Plan) -> Iterator[Line]:
    """Measure the smallest size: what Airflow adds does not grow with the rows."""
    rows = plan.rows[0]
    size = f"{rows:,} rows"
    homes = [plan.folder / f"airflow-{number}" for number in (1, 2)]
    for home in homes:
        write_meta_export(home / "landing" / FILE, rows)
    lake = measure("lake", homes[0])
    yield Line(KIND, size, "landing to lake, bare", lake)
    around = measure("airflow", homes[1])
    must_equal("lake by Airflow", around.figures, lake.figures)
    more = around.moments["ingested"] - around.moments["ready"] - lake.seconds
    yield Line(
        KIND, size, "run of ingest_exports more", None, more / MOST_SECONDS, f"30 s ({more:.1f} s)", 1.0,
        "at most 30 s",
    )  # fmt: skip
    more = around.seconds - lake.seconds
    yield Line(KIND, size, "with Airflow's first start", None, more / MOST_SECONDS, f"30 s ({more:.1f} s)")
