"""The vocabulary of verdicts and the order in which they are tried (contract, "Order of the verdicts")."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

MARGIN = (0.80, 1.25)
"""Ratios that make no material difference. The interval that carries the verdict has to lie inside."""

FEWEST_FOR_INTERVAL = 3
"""Creators that each arm needs before an estimate and its interval are shown."""

FEWEST_FOR_VERDICT = 5
"""Creators that each arm needs before a verdict can be more than `not_enough_evidence`."""


class Verdict(StrEnum):
    """What the data say about a statement."""

    SUPPORTED = "supported"
    DIRECTION_ONLY = "direction_only"
    NO_MATERIAL_DIFFERENCE = "no_material_difference"
    CONTRADICTED = "contradicted"
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
    NOT_TESTABLE = "not_testable"


class Expects(StrEnum):
    """What a statement says about a ratio."""

    DIRECTION = "direction"
    """Above 1, no size given."""
    RATIO = "ratio"
    """Above 1, of this size."""
    BOUND = "bound"
    """Above this bound."""
    EQUIVALENCE = "equivalence"
    """Inside the margin."""
    NOT_BELOW = "not_below"
    """Not below this bound (below 1): no material loss."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A statement about the ratio a / b.

    Attributes:
        kind: what is said.
        value: the claimed ratio or the bound, above 1 (below it for `not_below`); None for the kinds without one.
    """

    kind: Expects
    value: float | None = None


HIGHER = Expectation(Expects.DIRECTION)


def decide(low: float, high: float, expectation: Expectation = HIGHER) -> Verdict:
    """The verdict of an interval.

    `(low, high)` has to be the interval that carries the verdict at any look. Lying inside the margin with
    both limits is the pair of one-sided tests; the 95 % interval tests each side at 2.5 %, inside the 5 % asked for,
    and one interval then stands behind every verdict. Below the floor of a verdict that interval has no limits
    (`FEWEST_FOR_VERDICT`), so nothing but `not_enough_evidence` can come out.

    Args:
        low: lower limit of the ratio a / b; NaN or 0 when there is none.
        high: upper limit; NaN or inf when there is none.
        expectation: the statement that is judged.
    """
    if math.isnan(low) or math.isnan(high):
        return Verdict.NOT_ENOUGH_EVIDENCE
    if expectation.kind is Expects.NOT_BELOW:
        return _not_below(low, high, expectation.value or MARGIN[0])
    equivalence = expectation.kind is Expects.EQUIVALENCE
    if low > MARGIN[0] and high < MARGIN[1]:
        return Verdict.SUPPORTED if equivalence else Verdict.NO_MATERIAL_DIFFERENCE
    if equivalence:
        outside = high < MARGIN[0] or low > MARGIN[1]
        return Verdict.CONTRADICTED if outside else Verdict.NOT_ENOUGH_EVIDENCE
    if high < 1:
        return Verdict.CONTRADICTED
    if low > 1:
        return Verdict.SUPPORTED if _size_fits(low, high, expectation) else Verdict.DIRECTION_ONLY
    return Verdict.NOT_ENOUGH_EVIDENCE


def _not_below(low: float, high: float, bound: float) -> Verdict:
    """No material loss: the whole interval above the bound; the whole of it below is the contrary."""
    if low > bound:
        return Verdict.SUPPORTED
    return Verdict.CONTRADICTED if high < bound else Verdict.NOT_ENOUGH_EVIDENCE


def _size_fits(low: float, high: float, expectation: Expectation) -> bool:
    if expectation.value is None:
        return False
    if expectation.kind is Expects.BOUND:
        return low > expectation.value
    return low < expectation.value < high
