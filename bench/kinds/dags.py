"""DAG files: what parsing each takes beyond importing Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.kinds import Plan
from bench.measuring import ROOT, Measured, measure, must_equal
from bench.table import Line

KIND = "dags"
MOST_SECONDS = 0.5
TRIES = 3


def lines(plan: Plan) -> Iterator[Line]:
    """Measure each file, the best of three tries."""
    home = plan.folder / "dags"
    bare = _best("bare_airflow", home)
    yield Line(KIND, "", "floor: import airflow.sdk", bare)
    for file in sorted((ROOT / "dags").glob("*.py")):
        one = _best("dag", home, file)
        must_equal(f"the DAGs of {file.name}", one.figures["dags"], [file.stem])
        more = one.processor - bare.processor
        yield Line(
            KIND, f"{more:+.2f} s", file.stem, one, one.processor / bare.processor, "the floor", None,
            "at most 0.5 s more", more <= MOST_SECONDS,
        )  # fmt: skip


def _best(name: str, home: Path, file: Path | str = "-") -> Measured:
    return min((measure(name, home, file) for _ in range(TRIES)), key=lambda one: one.processor)
