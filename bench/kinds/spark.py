"""Spark, a cluster of the benchmark's own on this machine: load and marts with one worker and two, by the clock."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator

from bench.kinds import Plan
from bench.kinds.marts import history
from bench.measuring import Measured, measure, must_equal
from bench.table import Line

KIND = "spark"
EXECUTOR = {"spark.executor.memory": "1700m", "spark.driver.memory": "2g", "spark.executor.cores": "1"}


def lines(plan: Plan) -> Iterator[Line]:
    """Measure one size; a line without numbers where Spark cannot run."""
    rows = plan.engine_rows
    size = f"{rows:,} observations"
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        why = "pyspark (make spark) or Java is not on this machine"
        yield Line(KIND, size, "load and marts", None, None, why)
        return
    from tests.engines.spark_cluster import new_place

    home = history(plan, rows)
    seconds = {}
    for workers in (1, 2):
        more = EXECUTOR | {"spark.cores.max": str(workers)}
        place = new_place(plan.folder / f"spark-{workers}", **more)
        read = measure("spark_read", home, CREATOR_TIERS_WAREHOUSE=place)
        yield Line(KIND, size, f"floor: read of the Parquet, {workers} worker", read)
        built = measure("spark", home, CREATOR_TIERS_WAREHOUSE=place)
        must_equal("spark", built.figures, read.figures)
        begun = built.until("begun")
        work = Measured(
            built.seconds - begun.seconds, built.processor - begun.processor, built.memory, built.figures
        )
        seconds[workers] = work.seconds
        of = "the read, by the clock"
        yield Line(KIND, size, f"load and marts, {workers} worker", work, work.seconds / read.seconds, of)
    yield Line(KIND, size, "2 workers", None, seconds[2] / seconds[1], "1 worker, by the clock")
