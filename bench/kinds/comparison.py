"""A week's comparison with its claims, and its interval beside scipy's bootstrap."""

from __future__ import annotations

from collections.abc import Iterator

from bench.kinds import Plan
from bench.measuring import WrongResultError, measure
from bench.table import Line

KIND = "comparison"
MOST_SECONDS = 10.0
TIMES_FASTER = 20.0
REPEATS = 50


def lines(plan: Plan) -> Iterator[Line]:
    """Measure one size."""
    home, size = plan.folder / "comparison", f"{plan.creators:,} creators x 3"
    one = measure("comparison", home, str(plan.creators))
    if not one.figures["comparisons"] or not one.figures["claims"]:
        raise WrongResultError(f"nothing was compared: {one.figures}")
    of, asked = "10 s", "at most 10 s"
    yield Line(KIND, size, "comparison and claims", one, one.processor / MOST_SECONDS, of, 1.0, asked)
    every = measure("weekly", home, str(plan.creators))
    yield Line(KIND, size, "all tables, 3 schemes", every, every.processor / MOST_SECONDS, of, 1.0, asked)
    ours = measure("our_bootstrap", home, str(REPEATS))
    yield Line(KIND, f"{REPEATS} x 2 x 400", "our bootstrap-t, 1,999 draws", ours)
    scipy = measure("scipy_bootstrap", home, str(REPEATS))
    if abs(ours.figures["low"] / scipy.figures["low"] - 1) > 0.05:
        raise WrongResultError(f"bootstrap: {ours.figures}, scipy's: {scipy.figures}")
    yield Line(
        KIND, f"{REPEATS} x 2 x 400", "scipy.stats.bootstrap, 1,999", scipy, scipy.processor / ours.processor, "ours",
        None, "at least 20", scipy.processor / ours.processor >= TIMES_FASTER,
    )  # fmt: skip
