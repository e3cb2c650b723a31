"""The robustness strip: other ways to compare the same two arms. Where they name another winner, be careful."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from creator_tiers.comparison.arms import Arm

WINSOR = (0.10, 0.90)
"""Quantiles of the pooled log rates beyond which a creator counts as being at the quantile."""

ESTIMATORS = ("ratio_of_sums", "mean_of_ratios", "ratio_of_medians", "winsorised")


def strip(a: Arm, b: Arm) -> Mapping[str, float]:
    """The ratio a / b by each of `ESTIMATORS`; NaN where a denominator is 0.

    ratio_of_sums: all engagements over all followers (reach, views) of the arm, so that large accounts weigh most.
    mean_of_ratios: the arithmetic mean over creators of their mean ratio.
    ratio_of_medians: medians of the creator rates.
    winsorised: geometric means after pulling creators in to the pooled quantiles `WINSOR`.

    Both arms have to hold at least one creator.
    """
    low, high = np.quantile(np.concatenate([a.logs, b.logs]), WINSOR)
    clipped = np.clip(a.logs, low, high).mean() - np.clip(b.logs, low, high).mean()
    values = (
        _ratio(a.engagements / a.denominators, b.engagements / b.denominators),
        _ratio(a.mean_ratio, b.mean_ratio),
        float(np.exp(a.median - b.median)),
        float(np.exp(clipped)),
    )
    return dict(zip(ESTIMATORS, values, strict=True))


def is_fragile(estimate: float, others: Mapping[str, float]) -> bool:
    """Whether some estimator names another winner than the ratio of geometric means does."""
    return any((value > 1) != (estimate > 1) for value in others.values() if not np.isnan(value))


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else float("nan")
