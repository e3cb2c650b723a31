"""The marts of a long history beside one script by hand, and beside dbt-duckdb with the same SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.kinds import Plan
from bench.measuring import Measured, WrongResultError, measure
from bench.pieces.marts import MADE
from bench.table import Line

KIND = "marts"
MOST = 1.5
"""Times the script that are asked for, at 10 million observations."""
FOUNDATIONS = ("core.post_versions", "core.account_versions", "core.follower_observations")
"""Tables that ours makes the script's from."""


def lines(plan: Plan) -> Iterator[Line]:
    """Measure each size."""
    for rows in plan.rows:
        yield from _lines(plan, rows)


def history(plan: Plan, rows: int) -> Path:
    """A home with a history of so many observations in its lake."""
    home = plan.folder / f"history-{rows}"
    if not home.exists():
        measure("observe", home, str(rows))
    return home


def _lines(plan: Plan, rows: int) -> Iterator[Line]:
    home, size = history(plan, rows), f"{rows:,} observations"
    built = measure("marts", home)
    script = measure("script", home)
    must_agree("the script", script)
    (home / "script.duckdb").unlink()
    yield Line(KIND, size, "floor: script by hand", script)
    shared = _of_the_scripts_tables(built)
    promise = MOST if rows >= 10_000_000 else None
    of = "the script"
    yield Line(
        KIND, size, "build: the script's tables", shared, shared.processor / script.processor, of, promise
    )
    yield Line(KIND, size, "build: all tables", built, built.processor / script.processor, of)
    if plan.peers is None:
        yield Line(KIND, size, "dbt-duckdb, all tables", None, None, "could not be installed")
        return
    measure("prepare_dbt", home)
    dbt = measure("dbt", home, python=plan.peers)
    must_agree("dbt", dbt)
    (home / "dbt" / "tiers.duckdb").unlink()
    yield Line(KIND, size, "dbt-duckdb, all tables", dbt, dbt.processor / script.processor, of)
    yield Line(KIND, size, "build: all tables", None, built.processor / dbt.processor, "dbt-duckdb")


def must_agree(whose: str, other: Measured) -> None:
    """Compare the tables that another made with the build's.

    Raises:
        WrongResultError: rows are on one side only, or differ.
    """
    for name, counts in other.figures.items():
        if any(number for what, number in counts.items() if what != "rows"):
            raise WrongResultError(f"{name} of {whose} is not what the build made: {counts}")


def _of_the_scripts_tables(built: Measured) -> Measured:
    """The build without the steps for lasting tables that the script does not make; staging and publication count."""
    spared, before = 0.0, ("", 0.0)
    for name, used in built.marks.items():
        is_extra = before[0].startswith(("core.", "marts.", "ops."))
        if is_extra and before[0] not in (*MADE, *FOUNDATIONS):
            spared += used - before[1]
        before = name, used
    processor = built.processor - spared
    return Measured(built.seconds * processor / built.processor, processor, built.memory, built.figures)
