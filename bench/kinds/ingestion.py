"""An export file from the landing zone to the lake and to `core.post_metrics`, beside DuckDB alone, dlt and pandas.

The floor drops bad records, ours keeps them in quarantine: the rows and sums that are left must be the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.exports import write_meta_export
from bench.kinds import Plan
from bench.measuring import measure, must_equal
from bench.table import Line

FILE = "instagram/bench/Aug-01-2026_Oct-31-2026_1.csv"
MOST = 2.0
"""Times the floor that are asked for, at 10 million rows."""
MOST_MEMORY = 1000.0
"""MB."""
PANDAS_ROWS = 1_000_000
"""pandas keeps the whole file in memory and is not asked for more."""
KIND = "ingestion"


def lines(plan: Plan) -> Iterator[Line]:
    """Measure each size."""
    for rows in plan.rows:
        yield from _lines(plan, rows)


def _lines(plan: Plan, rows: int) -> Iterator[Line]:
    home, size = plan.folder / f"ingestion-{rows}", f"{rows:,} rows"
    file = home / "landing" / FILE
    write_meta_export(file, rows)
    floor = measure("floor", home, file)
    yield Line(KIND, size, "floor: DuckDB read_csv", floor)
    (home / "floor.duckdb").unlink()
    lake = measure("lake", home, file)
    must_equal("lake", lake.figures, floor.figures)
    built = measure("tables", home, file)
    must_equal("tables", built.figures, floor.figures)
    whole = lake + built.through("core.post_metrics")
    promise = MOST if rows >= 10_000_000 else None
    of = "the floor"
    yield Line(KIND, size, "landing to lake", lake, lake.processor / floor.processor, of)
    yield Line(
        KIND, size, "landing to core.post_metrics", whole, whole.processor / floor.processor, of, promise
    )
    yield Line(KIND, size, "peak memory of it", None, whole.memory / MOST_MEMORY, "1,000 MB", 1.0)
    yield Line(KIND, size, "lake to all tables", built, built.processor / floor.processor, of)
    if plan.peers is None:
        yield Line(KIND, size, "dlt", None, None, "could not be installed")
    else:
        dlt = measure("dlt", home, file, plan.peers)
        must_equal("dlt", dlt.figures, floor.figures)
        yield Line(KIND, size, "dlt, from Arrow", dlt, dlt.processor / floor.processor, of)
        ratio = whole.processor / dlt.processor
        yield Line(KIND, size, "landing to core.post_metrics", None, ratio, "dlt", 1.0)
    if rows <= PANDAS_ROWS:
        pandas = measure("pandas", home, file)
        bad_cells = rows // 2000  # `write_meta_export` says so; pandas keeps these rows, without the cell
        must_equal("pandas", pandas.figures["rows"], floor.figures["rows"] + bad_cells)
        (home / "pandas.sqlite").unlink()
        yield Line(KIND, size, "pandas to_sql", pandas, pandas.processor / floor.processor, of)
        ratio = whole.processor / pandas.processor
        yield Line(KIND, size, "landing to core.post_metrics", None, ratio, "pandas", 1.0)
