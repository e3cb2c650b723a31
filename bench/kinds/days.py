"""One day's export of 10,000 rows on a short and on a long history, from the landing zone to the marts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.history import DAY_FILES, LOAD_ROWS, write_day
from bench.kinds import Plan
from bench.kinds.marts import history
from bench.measuring import Measured, WrongResultError, measure
from bench.table import Line

KIND = "days"
MOST = 1.2
"""Times the time on the shortest history that the longest may take."""


def lines(plan: Plan) -> Iterator[Line]:
    """Measure on a history of 100,000 observations, and on each size of the plan.

    The last day is measured: the first one publishes a whole copy, as nothing was published twice before.
    """
    first = None
    for rows in sorted({LOAD_ROWS, *plan.rows}):
        home, size = history(plan, rows), f"on {rows:,}"
        if not (home / "warehouse.duckdb").exists():
            measure("marts", home)
        day = [_day(home, number, rows) for number in range(len(DAY_FILES))][-1]
        if first is None:
            first = day
            yield Line(KIND, size, "a day's 10,000 rows", day)
        else:
            if day.figures != first.figures:
                raise WrongResultError(f"the day on {rows:,} rows: {day.figures}, on few: {first.figures}")
            ratio, most = day.processor / first.processor, MOST if rows == plan.rows[-1] else None
            yield Line(KIND, size, "a day's 10,000 rows", day, ratio, "the shortest", most)


def _day(home: Path, number: int, rows: int) -> Measured:
    write_day(home / "landing", number)
    day = measure("day", home)
    if day.figures["rebuilt"] or day.figures["loads"] != 1:
        raise WrongResultError(f"the day on {rows:,} rows was no increment: {day.figures}")
    return day
