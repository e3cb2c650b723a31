"""How many micros are worth a mega: for the same budget, and for the same net orders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from creator_tiers.comparison.draws import generator

FloatArray = npt.NDArray[np.float64]

DRAWS = 4000
FEWEST = 3
"""Placements of a tier below which nothing is drawn."""


@dataclass(frozen=True, slots=True)
class TierDraws:
    """Joint draws of a tier's means per placement, arrays of one length: draw i of each belongs together.

    Attributes:
        cost: loaded cost, hours included.
        hours: hands-on hours.
        orders: net orders.
        reach: reach.
        placements: what they rest on.
    """

    cost: FloatArray
    hours: FloatArray
    orders: FloatArray
    reach: FloatArray
    placements: int


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Micros per mega, with 95 % intervals; NaN where an input is unknown.

    Attributes:
        equal_budget, equal_orders, equal_reach: (median, low, high).
        better: the chance, over the draws, that equal budget in micros brings more net orders than in a mega.
    """

    equal_budget: tuple[float, float, float]
    equal_orders: tuple[float, float, float]
    equal_reach: tuple[float, float, float]
    better: float


def draw_tier(
    cost: Sequence[float],
    hours: Sequence[float],
    orders: Sequence[float],
    reach: Sequence[float],
    *names: str,
) -> TierDraws:
    """Draws of a tier's means: the Bayesian bootstrap over placements (Rubin, Annals of Statistics 9, 1981).

    A placement keeps its numbers together, so that dear ones may also be the good ones. Unknown (NaN) numbers are
    left out of that mean only.

    Args:
        cost, hours, orders, reach: of each placement.
        names: seed the draws, such as the claim, the week and the tier.
    """
    columns = [np.asarray(one, dtype=np.float64) for one in (cost, hours, orders, reach)]
    n = columns[0].size
    if n < FEWEST:
        nothing = np.full(DRAWS, np.nan)
        return TierDraws(nothing, nothing, nothing, nothing, n)
    order = np.lexsort(columns[::-1])
    weights = generator("break-even", *names).exponential(size=(DRAWS, n))
    means = [_means(weights, one[order]) for one in columns]
    return TierDraws(means[0], means[1], means[2], means[3], n)


def break_even(micro: TierDraws, mega: TierDraws) -> BreakEven:
    """Micros per mega from joint draws of both tiers."""
    with np.errstate(all="ignore"):
        budget, orders, reach = mega.cost / micro.cost, mega.orders / micro.orders, mega.reach / micro.reach
        known = np.isfinite(budget) & ~np.isnan(orders)
        better = float((budget > orders)[known].mean()) if known.any() else math.nan
    return BreakEven(_summary(budget), _summary(orders), _summary(reach), better)


def _means(weights: FloatArray, values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    if known.sum() < FEWEST:
        return np.full(weights.shape[0], np.nan)
    return np.asarray(weights[:, known] @ values[known] / weights[:, known].sum(axis=1))


def _summary(ratios: FloatArray) -> tuple[float, float, float]:
    """Median and 95 % interval; an infinite limit stays infinite (a tier without an order may need any number)."""
    kept = ratios[~np.isnan(ratios)]
    if kept.size < ratios.size / 2 or not np.isfinite(kept).any():
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(kept, [0.025, 0.5, 0.975], method="lower")
    return float(middle), float(low), float(high)
