"""Each verdict by hand, in the contract's order."""

from __future__ import annotations

import math

import pytest

from creator_tiers.comparison.verdicts import HIGHER, Expectation, Expects, decide

RATIO = Expectation(Expects.RATIO, 1.38)
BOUND = Expectation(Expects.BOUND, 1.25)
EQUAL = Expectation(Expects.EQUIVALENCE)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("low", "high", "expectation", "verdict"),
    [
        # Inside the margin comes first, even clear of 1.
        (0.90, 1.10, RATIO, "no_material_difference"),
        (1.02, 1.20, RATIO, "no_material_difference"),
        (0.82, 0.97, HIGHER, "no_material_difference"),
        (0.90, 1.10, EQUAL, "supported"),
        # The margin's edges do not belong to it.
        (0.80, 1.20, RATIO, "not_enough_evidence"),
        (1.10, 1.25, HIGHER, "direction_only"),
        # Wholly on the wrong side of 1.
        (0.50, 0.90, RATIO, "contradicted"),
        (0.50, 0.90, BOUND, "contradicted"),
        (0.50, 1.00, RATIO, "not_enough_evidence"),
        # Equivalence: wholly outside the margin, on either side.
        (0.50, 0.79, EQUAL, "contradicted"),
        (1.26, 1.90, EQUAL, "contradicted"),
        (1.05, 1.90, EQUAL, "not_enough_evidence"),
        (0.50, 0.90, EQUAL, "not_enough_evidence"),
        # The right side: the claimed size inside, or not.
        (1.10, 1.60, RATIO, "supported"),
        (1.05, 1.30, RATIO, "direction_only"),
        (1.40, 1.90, RATIO, "direction_only"),
        (1.38, 1.90, RATIO, "direction_only"),
        (1.05, 1.90, HIGHER, "direction_only"),
        # A bound has to be passed by the lower limit.
        (1.26, 3.00, BOUND, "supported"),
        (1.25, 3.00, BOUND, "direction_only"),
        (1.01, 3.00, BOUND, "direction_only"),
        # Everything else.
        (0.70, 1.60, RATIO, "not_enough_evidence"),
        (1.00, 1.60, RATIO, "not_enough_evidence"),
        (0.00, math.inf, RATIO, "not_enough_evidence"),
        (math.nan, math.nan, RATIO, "not_enough_evidence"),
    ],
)
def test_verdicts_by_hand(low: float, high: float, expectation: Expectation, verdict: str) -> None:
    assert decide(low, high, expectation) == verdict
