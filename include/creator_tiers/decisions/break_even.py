"""How many micros are worth a mega: for the same budget, and for the same net orders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from creator_tiers.comparison.draws import generator

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DRAWS = 4000
FEWEST = 3
"""Placements of a tier below which nothing is drawn."""
MOST_DRAWN = 2000
"""Placements that are drawn one by one; more are drawn in so many bundles, which changes no interval to be seen."""

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TierDraws:
    """Joint draws of a tier's means per placement, arrays of one length: draw i of each belongs together.

    Attributes:
        cost: loaded cost, hours included.
        hours: hands-on hours.
        orders: net orders.
        reach: reach.
        placements: what they rest on.
        direct: cost without hours; None where nobody asked.
    """

    cost: FloatArray
    hours: FloatArray
    orders: FloatArray
    reach: FloatArray
    placements: int
    direct: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Micros per mega, with 95 % intervals; NaN where an input is unknown.

    Attributes:
        equal_budget, equal_orders, equal_reach: (median, low, high).
        better: the chance, over the draws, that equal budget in micros brings more net orders than in a mega.
        equal_direct: equal budget without hours.
    """

    equal_budget: Triple
    equal_orders: Triple
    equal_reach: Triple
    better: float
    equal_direct: Triple = (math.nan, math.nan, math.nan)


def draw_tier(
    cost: Sequence[float] | FloatArray,
    hours: Sequence[float] | FloatArray,
    orders: Sequence[float] | FloatArray,
    reach: Sequence[float] | FloatArray,
    *names: str,
    direct: Sequence[float] | FloatArray | None = None,
) -> TierDraws:
    """Draws of a tier's means: the Bayesian bootstrap over placements (Rubin, Annals of Statistics 9, 1981).

    A placement keeps its numbers together, so that dear ones may also be the good ones. Unknown (NaN) numbers are
    left out of that mean only.

    Args:
        cost, hours, orders, reach: of each placement.
        names: seed the draws, such as the claim, the week and the tier.
        direct: cost without hours of each placement.
    """
    given = [cost, hours, orders, reach, *(() if direct is None else (direct,))]
    columns = [np.asarray(one, dtype=np.float64) for one in given]
    n = columns[0].size
    if n < FEWEST:
        nothing = np.full(DRAWS, np.nan)
        return TierDraws(nothing, nothing, nothing, nothing, n, None if direct is None else nothing)
    weights, rows = draw_weights(columns, *names)
    means = [mean_of(weights, rows, one) for one in columns]
    return TierDraws(means[0], means[1], means[2], means[3], n, None if direct is None else means[4])


def draw_weights(columns: Sequence[FloatArray], *names: str) -> tuple[FloatArray, IntArray]:
    """Joint weights of rows: draws x bundles, and the bundle of each row. Which row comes first does not matter."""
    n = columns[0].size
    order = np.lexsort(tuple(reversed(columns)))
    bundles = min(n, MOST_DRAWN)
    rows, random = np.empty(n, dtype=np.int64), generator("break-even", *names)
    rows[order] = (np.arange(n) if n == bundles else random.permutation(n)) % bundles
    return random.exponential(size=(DRAWS, bundles)), rows


def mean_of(weights: FloatArray, rows: IntArray, values: FloatArray) -> FloatArray:
    """The mean of the known values in each draw; NaN with fewer than `FEWEST`."""
    return ratio_of(weights, rows, values, np.ones_like(values))


def ratio_of(weights: FloatArray, rows: IntArray, above: FloatArray, below: FloatArray) -> FloatArray:
    """Total over total in each draw, over the rows that know both; NaN with fewer than `FEWEST` such rows."""
    known = np.isfinite(above) & np.isfinite(below)
    if known.sum() < FEWEST:
        return np.full(weights.shape[0], np.nan)
    bundles = weights.shape[1]
    totals = [np.bincount(rows[known], one[known], bundles) for one in (above, below)]
    with np.errstate(all="ignore"):
        return np.asarray((weights @ totals[0]) / (weights @ totals[1]))


def break_even(micro: TierDraws, mega: TierDraws) -> BreakEven:
    """Micros per mega from joint draws of both tiers.

    Drawn again and again, a tier without a single order has none each time: that is no certainty, so no number.
    """
    with np.errstate(all="ignore"):
        budget, reach = mega.cost / micro.cost, mega.reach / micro.reach
        brought = [np.where(tier.orders.any(), tier.orders, np.nan) for tier in (mega, micro)]
        orders = brought[0] / brought[1]
        known = np.isfinite(budget) & ~np.isnan(orders)
        better = float((budget > orders)[known].mean()) if known.any() else math.nan
        direct = None if mega.direct is None or micro.direct is None else mega.direct / micro.direct
    none = (math.nan, math.nan, math.nan)
    return BreakEven(
        summary(budget), summary(orders), summary(reach), better, none if direct is None else summary(direct)
    )


def summary(ratios: FloatArray) -> Triple:
    """Median and 95 % interval; an infinite limit stays infinite (a tier without an order may need any number)."""
    kept = ratios[~np.isnan(ratios)]
    if kept.size < ratios.size / 2 or not np.isfinite(kept).any():
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(kept, [0.025, 0.5, 0.975], method="lower")
    return float(middle), float(low), float(high)
