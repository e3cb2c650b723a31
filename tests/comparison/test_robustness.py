"""The robustness strip by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from creator_tiers.comparison.arms import Arm
from creator_tiers.comparison.robustness import is_fragile, strip

A = Arm(np.log([0.01, 0.02, 0.09]), np.array([0.01, 0.02, 0.12]), 3, engagements=600, denominators=10_000)
B = Arm(np.log([0.01, 0.01, 0.04]), np.array([0.01, 0.01, 0.04]), 3, engagements=100, denominators=5_000)


@pytest.mark.unit
def test_each_estimator_by_hand() -> None:
    found = strip(A, B)

    assert found["ratio_of_sums"] == pytest.approx((600 / 10_000) / (100 / 5_000))
    assert found["mean_of_ratios"] == pytest.approx(0.05 / 0.02)
    assert found["ratio_of_medians"] == pytest.approx(0.02 / 0.01)
    # Pooled logs of 0.01 (3 times), 0.02, 0.04, 0.09: the 90 % quantile lies half-way between the last two logs.
    high = math.sqrt(0.04 * 0.09)
    assert found["winsorised"] == pytest.approx(((0.02 * high) / (0.01 * 0.04)) ** (1 / 3))


@pytest.mark.unit
def test_no_engagement_at_all_in_b_leaves_no_ratio() -> None:
    found = strip(A, Arm(B.logs, np.zeros(3), 3, 0, 5_000))

    assert math.isnan(found["ratio_of_sums"])
    assert math.isnan(found["mean_of_ratios"])


@pytest.mark.unit
def test_fragile_is_another_winner() -> None:
    assert not is_fragile(1.2, {"one": 1.01, "none": math.nan})
    assert is_fragile(1.2, {"one": 1.3, "other": 0.99})
    assert is_fragile(0.8, {"one": 1.3})
