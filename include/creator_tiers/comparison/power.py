"""How many more creators would settle a comparison, on the user's own spread."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from creator_tiers.comparison.intervals import equal_spread_freedom, sequential_critical
from creator_tiers.comparison.verdicts import FEWEST_FOR_VERDICT, MARGIN, Expectation, Expects

ONE_LOOK = 2.8
"""Standard errors between 1 and the true ratio for 80 % power at one look: 1.96 + 0.84."""

_POWER = 0.84
_EQUIVALENCE_POWER = 1.28
_MOST = 10_000_000
_ONE_TIER_COST = 1.1

Critical = Callable[[int, int], float]


@dataclass(frozen=True, slots=True)
class Size:
    """Creators in the two arms."""

    a: int
    b: int


def pooled_sd(n_a: int, sd_a: float, n_b: int, sd_b: float) -> float:
    """The standard deviation of log creator rates, pooled over the arms that have one; NaN when neither has."""
    squares = freedom = 0.0
    for n, sd in ((n_a, sd_a), (n_b, sd_b)):
        if n >= 2 and not math.isnan(sd):
            squares += (n - 1) * sd**2
            freedom += n - 1
    return math.sqrt(squares / freedom) if freedom else math.nan


def per_tier(sd: float, ratio: float) -> int:
    """Creators that each tier needs at one look: n = 2 (sd x 2.8 / ln ratio)^2, rounded up."""
    return math.ceil(2 * (sd * ONE_LOOK / math.log(ratio)) ** 2)


def one_look(n_a: int, n_b: int) -> float:  # noqa: ARG001 - one of two interchangeable rules
    """The textbook's distance, whatever the sizes."""
    return ONE_LOOK


def every_look(n_a: int, n_b: int) -> float:
    """The distance in standard errors for 80 % power of the interval that carries the verdict."""
    return _sequential(n_a, n_b) + _POWER


def one_look_equivalence(n_a: int, n_b: int) -> float:  # noqa: ARG001 - one of two interchangeable rules
    """Two one-sided tests at 5 % with 80 % power where there is no difference: 1.645 + 1.28."""
    return 1.645 + _EQUIVALENCE_POWER


def every_look_equivalence(n_a: int, n_b: int) -> float:
    """The same to show that there is no material difference where there is none: both limits have to hold."""
    return _sequential(n_a, n_b) + _EQUIVALENCE_POWER


def target(now: Size, sd: float, reach: float, critical: Critical) -> Size | None:
    """The sizes at which `critical` standard errors fit into `reach`, asking for as few new creators as it can.

    Where one tier alone can do it for at most a tenth more creators, only that tier is asked for.

    Args:
        now: creators today.
        sd: standard deviation of log creator rates.
        reach: a distance on the log scale, above 0.
        critical: standard errors needed at given sizes.

    Returns:
        None when today's sizes suffice or no sensible number does.
    """

    def enough(a: int, b: int) -> bool:
        return critical(a, b) * sd * math.sqrt(1 / a + 1 / b) <= reach

    floor = Size(max(now.a, FEWEST_FOR_VERDICT), max(now.b, FEWEST_FOR_VERDICT))
    if math.isnan(sd) or enough(floor.a, floor.b):
        return floor if floor != now else None
    even = _first(lambda n: enough(n, n), FEWEST_FOR_VERDICT)
    only_b = _first(lambda n: enough(floor.a, n), floor.b)
    only_a = _first(lambda n: enough(n, floor.b), floor.a)
    both = None if even is None else Size(max(even, floor.a), max(even, floor.b))
    alone = [Size(floor.a, only_b)] if only_b else []
    alone += [Size(only_a, floor.b)] if only_a else []
    best = min(alone, key=lambda size: size.a + size.b, default=None)
    if both is None or best is None:
        return both or best
    added = both.a + both.b - now.a - now.b
    return best if best.a + best.b - now.a - now.b <= _ONE_TIER_COST * added else both


def needed_text(
    now: Size, then: Size | None, names: tuple[str, str], sd: float, reach: float, critical: Critical
) -> str | None:
    """The difference in words: `12 mega`, `7 micro, 92 mega`, `12 mega; more micro will not help`."""
    if then is None:
        return None
    more = [(then.a - now.a, names[0]), (then.b - now.b, names[1])]
    text = ", ".join(f"{number} {name}" for number, name in more if number > 0)
    useless = _useless(now, then, names, sd, reach, critical)
    return f"{text}; more {useless} will not help" if useless else text


def needed_more(
    now: Size, sd: float, names: tuple[str, str], expectation: Expectation, estimate: float
) -> tuple[str | None, str | None]:
    """How many more creators would settle a statement.

    The distance that has to become visible is the claimed ratio or bound, else the margin's 1.25. When
    today's creators would already do for that, it is what today's estimate needs to come clear of 1 or to fall
    inside the margin.

    Args:
        now: creators today.
        sd: pooled standard deviation of log creator rates; NaN when no arm has two creators.
        names: the two tiers.
        expectation: the statement.
        estimate: today's ratio, NaN when there is none.

    Returns:
        Two texts like `12 mega`. The first is for the verdict, whose interval is looked at every week; the second
        is the textbook's number for one look, n per tier = 2 (sd x 2.8 / ln R)^2, None once it is reached. None where
        more creators are not what is missing (equal values).
    """
    equivalence = expectation.kind is Expects.EQUIVALENCE
    once, always = (one_look_equivalence, every_look_equivalence) if equivalence else (one_look, every_look)
    reach = abs(math.log(expectation.value or MARGIN[1]))
    at_once, at_all = target(now, sd, reach, once), target(now, sd, reach, always)
    first = needed_text(now, at_once, names, sd, reach, once)
    if at_all is None and not math.isnan(estimate):
        reach = settling_reach(estimate, equivalence=equivalence)
        at_all = target(now, sd, reach, always)
    return needed_text(now, at_all, names, sd, reach, always), first


def settling_reach(estimate: float, *, equivalence: bool = False) -> float:
    """The half-width (log scale) that settles today's estimate: clear of 1 or inside the margin.

    For a claim of equivalence: inside the margin or outside it. Never below 0.02, or a ratio at the very edge
    would ask for the whole platform.
    """
    off, edge = abs(math.log(estimate)), math.log(MARGIN[1])
    return max(abs(edge - off), 0.0 if equivalence else off, 0.02)


def _useless(
    now: Size, then: Size, names: tuple[str, str], sd: float, reach: float, critical: Critical
) -> str | None:
    """The tier of which even endlessly many could not settle it, when only the other one is asked for."""
    for grows, stays, name in ((then.b > now.b, then.a == now.a, 0), (then.a > now.a, then.b == now.b, 1)):
        other = now.b if name == 0 else now.a
        if not (grows and stays) or math.isnan(sd):
            continue
        if other < FEWEST_FOR_VERDICT or critical(_MOST, other) * sd / math.sqrt(other) > reach:
            return names[name]
    return None


def _sequential(n_a: int, n_b: int) -> float:
    a, b = np.asarray(float(n_a)), np.asarray(float(n_b))
    return float(sequential_critical(a, b, equal_spread_freedom(a, b)))


def _first(holds: Callable[[int], bool], least: int) -> int | None:
    """The smallest number from `least` on for which it holds (it has to stay so), None beyond ten million."""
    low, high = least - 1, least
    while not holds(high):
        if high > _MOST:
            return None
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
