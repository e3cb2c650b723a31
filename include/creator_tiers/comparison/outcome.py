"""What a judge of a claim hands back, and the row that it becomes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from creator_tiers.comparison.claims import Measure
from creator_tiers.comparison.power import Size, every_look, needed_more, settling_reach
from creator_tiers.comparison.stratified import Pooled
from creator_tiers.comparison.verdicts import (
    FEWEST_FOR_INTERVAL,
    MARGIN,
    Expectation,
    Expects,
    Verdict,
    decide,
)

NAN = (math.nan, math.nan)

FEWEST_CAMPAIGNS = 5
"""Campaigns that a verdict over campaigns as units needs."""

ALIKE = "creators that differ from each other"
"""What is missing where there are enough creators and all have the same, or nobody has anything."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer: of a claim, in a scope, on a metric.

    Attributes:
        scope: a platform, a campaign or `all`.
        metric: what was measured.
        verdict: the verdict.
        estimate, ci, always: the estimate, its interval at one look, the interval that carries the verdict; NaN
            where there is none.
        unit: `ratio`, `share` or `creators`.
        needed: what would settle it, or the input that is missing.
        needed_once: the textbook's number of creators for one look.
        tiers: the arms in words; (None, None) where none are compared.
        creators: of the two arms.
        posts: of the two arms, where posts were counted.
        strata: campaigns (platforms) that it rests on; None where there are none.
        prediction: where one more campaign's ratio lies.
        p: the p-value of the primary statement, good at any look; NaN where nothing was tested.
        is_primary: whether it is the claim's primary answer.
        is_fragile: other reasonable ways to compute it name another winner.
        platform: the platform, where it is about one.
        note: what a reader should know beside.
    """

    scope: str
    metric: str
    verdict: Verdict
    estimate: float = math.nan
    ci: tuple[float, float] = NAN
    always: tuple[float, float] = NAN
    unit: str = "ratio"
    needed: str | None = None
    needed_once: str | None = None
    tiers: tuple[str | None, str | None] = (None, None)
    creators: tuple[int, int] | None = None
    posts: tuple[int, int] | None = None
    strata: int | None = None
    prediction: tuple[float, float] = NAN
    p: float = math.nan
    is_primary: bool = False
    is_fragile: bool | None = None
    platform: str | None = None
    note: str | None = None


def not_testable(scope: str, metric: str, missing: str, **more: Any) -> Outcome:
    """An answer that cannot be given; `missing` names the input."""
    return Outcome(scope, metric, Verdict.NOT_TESTABLE, needed=missing, **more)


def untestable(measure: Measure, missing: str, *, is_primary: bool) -> Outcome:
    """The same about all that a measure of a claim compares."""
    return not_testable(
        "all", measure.metric, missing, tiers=(measure.tier_a, measure.tier_b), is_primary=is_primary
    )


def of_pooled(
    scope: str,
    metric: str,
    pooled: Pooled,
    tiers: tuple[str, str],
    expectation: Expectation,
    *,
    stratum: str = "campaign",
    **more: Any,
) -> Outcome:
    """The answer that a ratio pooled over strata gives; `stratum` is what one of them is."""
    shared: dict[str, Any] = {"tiers": tiers, "creators": pooled.creators, "strata": pooled.strata, **more}
    if min(pooled.creators) < FEWEST_FOR_INTERVAL or math.isnan(pooled.estimate):
        needed, once = _needed(pooled, tiers, expectation, stratum)
        if needed is None and math.isnan(pooled.estimate):
            needed = f"{stratum}s with 2 {tiers[0]} and 2 {tiers[1]} or more" if pooled.is_apart else ALIKE
        verdict = Verdict.NOT_ENOUGH_EVIDENCE
        return Outcome(scope, metric, verdict, needed=needed, needed_once=once, **shared)
    verdict = decide(*pooled.always, expectation)
    needed, once = (None, None)
    if verdict is Verdict.NOT_ENOUGH_EVIDENCE:
        needed, once = _needed(pooled, tiers, expectation, stratum)
    return Outcome(
        scope,
        metric,
        verdict,
        pooled.estimate,
        pooled.ci,
        pooled.always,
        needed=needed,
        needed_once=once,
        prediction=pooled.prediction,
        p=tested(pooled, verdict, expectation),
        **shared,
    )


def tested(pooled: Pooled, verdict: Verdict, expectation: Expectation) -> float:
    """The p-value of what the verdict rests on."""
    return p_behind(pooled.estimate, verdict, expectation, pooled.p)


def p_behind(
    estimate: float, verdict: Verdict, expectation: Expectation, against: Callable[[float], float]
) -> float:
    """The p-value of what a verdict rests on: a difference from 1, or lying inside the margin, or clear of a bound.

    Args:
        estimate: the ratio.
        verdict: what was found.
        expectation: what was claimed.
        against: the p-value of the true ratio being a given one.
    """
    if expectation.kind is Expects.NOT_BELOW:
        return against(expectation.value or MARGIN[0])
    low, high = against(MARGIN[0]), against(MARGIN[1])
    inside = MARGIN[0] < estimate < MARGIN[1]
    if expectation.kind is Expects.EQUIVALENCE:
        return max(low, high) if inside else (high if estimate >= MARGIN[1] else low)
    return max(low, high) if verdict is Verdict.NO_MATERIAL_DIFFERENCE else against(1.0)


def counted(n: int, noun: str) -> str:
    """`1 campaign`, `5 campaigns`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _needed(
    pooled: Pooled, tiers: tuple[str, str], expectation: Expectation, stratum: str
) -> tuple[str | None, str | None]:
    """More creators; more strata where it is these that differ."""
    now = Size(*pooled.creators)
    if pooled.strata > 1 and pooled.spread**2 / pooled.strata > pooled.error**2 / 2:
        reach = settling_reach(pooled.estimate)
        wanted = (every_look(max(now.a, 5), max(now.b, 5)) * pooled.error / reach) ** 2
        more = math.ceil(pooled.strata * wanted) - pooled.strata
        return (counted(more, stratum) if more > 0 else None), None
    return needed_more(now, pooled.sd, tiers, expectation, pooled.estimate)
