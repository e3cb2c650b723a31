"""Ratios of totals, creator by creator, inside strata, pooled over strata.

Conversions per reach, cost per order, hours per post: a total over a total. The creator is the unit; a creator
without an order counts. Inside a stratum (a campaign) the log of an arm's ratio Y / E of totals has the variance
n / (n - 1) times the sum of (y_i / Y - e_i / E)^2. For counts y with exposure e that is Poisson regression with the
offset ln e and a cluster-robust (sandwich) variance by creator, in closed form; it needs neither Poisson nor whole
numbers, so it does for money and hours too. Tests hold it against statsmodels' GLM.

Over strata: a random effect. The variance between strata is DerSimonian and Laird's (Controlled Clinical Trials 7,
1986); the weights come from the sizes, not from each stratum's own error, which few creators make noisy; degrees
of freedom by Satterthwaite over all parts, the one between strata having k - 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, stdtrit

from creator_tiers.comparison.intervals import (
    LEVEL,
    NO_VARIANCE,
    Contrast,
    FloatArray,
    Moments,
    cautious_contrast,
    critical_of,
    interval_of,
    p_at_any_look,
    welch_contrast,
)
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL

IntArray = npt.NDArray[np.int64]
A, B = 0, 1

CAREFUL = 0.1
"""The verdict's interval takes the spread between strata that their differences would exceed by luck in 9 of 10 cases
(found by simulation: with the mean, a spread of 0.3 between campaigns was called a difference too often)."""


@dataclass(frozen=True, slots=True)
class Units:
    """Rows to total, arrays of one length.

    Attributes:
        stratum: 0 to strata - 1.
        arm: 0 for a, 1 for b.
        creator: a code; rows of one creator in a stratum and arm are summed.
        above: y, what is totalled; not negative.
        below: e, what it is divided by; not negative.
    """

    stratum: IntArray
    arm: IntArray
    creator: IntArray
    above: FloatArray
    below: FloatArray


@dataclass(frozen=True, slots=True)
class Pooled:
    """The ratio a / b over strata. NaN where the data cannot carry a number.

    Attributes:
        estimate: the ratio.
        ci: its 95 % interval at one look.
        always: the interval that carries the verdict, at any look.
        prediction: where the ratio of one more stratum lies (95 %); NaN with fewer than three strata.
        creators: distinct creators of a and of b in the strata used; where none can be, in those with two of each,
            or else in all.
        strata: how many were used.
        spread: tau, the standard deviation of log ratios between strata.
        sd: what one creator adds, on the log scale: error x sqrt(size) without tau.
        error: standard error of the log ratio that the verdict's interval rests on.
        freedom, size: of that interval.
        is_apart: no stratum has two creators of each arm.
    """

    estimate: float
    ci: tuple[float, float]
    always: tuple[float, float]
    prediction: tuple[float, float]
    creators: tuple[int, int]
    strata: int
    spread: float
    sd: float
    error: float
    freedom: float
    size: float
    is_apart: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether there is an estimate and enough creators to show it."""
        return not math.isnan(self.estimate) and min(self.creators) >= FEWEST_FOR_INTERVAL

    def p(self, ratio: float = 1.0) -> float:
        """The p-value, good at any look, of the true ratio being `ratio`."""
        return p_of(self.estimate, self.error, self.size, min(self.creators), self.freedom, ratio)


def p_of(
    estimate: float, error: float, size: float, fewest: float, freedom: float, ratio: float = 1.0
) -> float:
    """`intervals.p_at_any_look` of one estimate (a ratio) against a ratio; NaN without an estimate."""
    if math.isnan(estimate) or estimate <= 0 or not error > 0:
        return math.nan
    distance = abs(math.log(estimate) - math.log(ratio)) / error
    each = (np.asarray(float(value)) for value in (distance, size, fewest, freedom))
    return float(p_at_any_look(*each))


def stratified_moments(units: Units, strata: int) -> tuple[Moments, Moments]:
    """Moments of the log of each stratum's ratio of totals, arm a and arm b (arrays over strata).

    `n` is creators, `mean` ln(Y / E), `variance` n times the variance of that mean, so that the functions of
    `intervals` take them. An arm whose total is 0 beside one that is not gets half a unit, with the other arm's
    dispersion; a stratum in which nobody has anything says nothing (NaN).
    """
    n, total, below, squares = _totals(units, strata)
    with np.errstate(all="ignore"):
        variance = n / (n - 1) * squares
        dispersion = np.maximum(variance * total, 1.0)
        other_total, other_dispersion = total[:, ::-1], dispersion[:, ::-1]
        empty = (total == 0) & (other_total > 0) & np.isfinite(other_dispersion)
        counted = np.where(empty, 0.5, total)
        variance = np.where(empty, other_dispersion / 0.5, variance)
        mean = np.where((counted > 0) & (below > 0), np.log(counted / below), np.nan)
        variance = np.where((n >= 2) & np.isfinite(mean), variance, np.nan)
    return tuple(  # type: ignore[return-value]
        Moments(n[:, arm], mean[:, arm], variance[:, arm] * n[:, arm]) for arm in (A, B)
    )


def pool_units(units: Units, strata: int) -> Pooled:
    """The ratio a / b of totals, inside strata, pooled over them."""
    kept = np.isfinite(units.above) & np.isfinite(units.below) & (units.above >= 0) & (units.below >= 0)
    kept &= (units.above > 0) | (units.below > 0)
    units = Units(*(getattr(units, name)[kept] for name in Units.__dataclass_fields__))
    a, b = stratified_moments(units, strata)
    used = _usable(a, b)
    is_apart = not (np.minimum(a.n, b.n) >= 2).any()
    if not used.any():  # alike, or nobody has anything, or apart: they are there all the same
        used = np.minimum(a.n, b.n) >= (0 if is_apart else 2)
    inside = used[units.stratum] if units.stratum.size else np.zeros(0, dtype=bool)
    creators = tuple(int(np.unique(units.creator[inside & (units.arm == arm)]).size) for arm in (A, B))
    return replace(pool(a, b, (creators[0], creators[1])), is_apart=is_apart)


def pool(a: Moments, b: Moments, creators: tuple[int, int]) -> Pooled:
    """Pool the log ratios of strata (arrays) with a random effect.

    Args:
        a, b: moments of the arms; strata with fewer than two creators in an arm, or no variance, are left out.
        creators: distinct creators behind them, for the floors.
    """
    used = _usable(a, b)
    if not used.any():
        return _nothing(creators)
    a, b = _take(a, used), _take(b, used)
    welch, cautious = welch_contrast(a, b), cautious_contrast(a, b)
    size = a.n * b.n / (a.n + b.n)
    between = tau_squared(welch.difference, welch.error**2)
    common = float(np.average(welch.error**2 * size, weights=size))
    weights = 1 / (common / size + between)
    weights = weights / weights.sum()
    careful = tau_squared(welch.difference, welch.error**2, CAREFUL)
    once, always = _combined(welch, weights, between), _combined(cautious, weights, careful)
    total, fewest = np.asarray(float(size.sum())), np.asarray(float(min(creators)))
    narrow = interval_of(once, stdtrit(once.freedom, 0.5 + LEVEL / 2))
    wide = interval_of(always, critical_of(total, fewest, always.freedom))
    inner = _combined(cautious, weights, 0.0)
    return Pooled(
        estimate=float(narrow.estimate),
        ci=(float(narrow.low), float(narrow.high)),
        always=(float(wide.low), float(wide.high)),
        prediction=_prediction(once, between, int(used.sum())),
        creators=creators,
        strata=int(used.sum()),
        spread=math.sqrt(between),
        sd=float(inner.error) * math.sqrt(float(total)),
        error=float(always.error),
        freedom=float(always.freedom),
        size=float(total),
    )


def tau_squared(effects: FloatArray, variances: FloatArray, quantile: float | None = None) -> float:
    """DerSimonian and Laird's variance between strata, not below 0.

    With a quantile of chi-squared in place of its mean, the upper limit that goes with it: few strata often look alike
    by luck.
    """
    if effects.size < 2:
        return 0.0
    weights = 1 / variances
    mean = np.average(effects, weights=weights)
    q = float((weights * (effects - mean) ** 2).sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    freedom = effects.size - 1
    expected = freedom if quantile is None else float(chdtri(freedom, 1 - quantile))
    return max(0.0, (q - expected) / scale) if scale > 0 else 0.0


def _combined(each: Contrast, weights: FloatArray, between: float) -> Contrast:
    inner = weights**2 * each.error**2
    outer = float((weights**2).sum()) * between
    total = float(inner.sum()) + outer
    parts = float((inner**2 / each.freedom).sum()) + (outer**2 / (weights.size - 1) if outer > 0 else 0.0)
    return Contrast(
        np.asarray(float((weights * each.difference).sum())),
        np.asarray(math.sqrt(total)),
        np.asarray(total**2 / parts),
    )


def _prediction(once: Contrast, between: float, strata: int) -> tuple[float, float]:
    if strata < 3:
        return math.nan, math.nan
    reach = float(stdtrit(strata - 2, 0.5 + LEVEL / 2)) * math.sqrt(between + float(once.error) ** 2)
    center = float(once.difference)
    return tuple(np.exp(np.clip([center - reach, center + reach], -700, 700)).tolist())


def _totals(units: Units, strata: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Creators, totals of y and e, and sums of squared influences, strata x 2 arms."""
    cells = units.stratum * 2 + units.arm
    span = int(units.creator.max(initial=0)) + 1
    keys, index = np.unique(cells * span + units.creator, return_inverse=True)
    above = np.bincount(index, units.above, keys.size)
    below = np.bincount(index, units.below, keys.size)
    cell = keys // span

    def add(values: npt.NDArray[Any] | None = None) -> FloatArray:
        return np.bincount(cell, values, strata * 2).astype(np.float64)

    total, exposure = add(above), add(below)
    with np.errstate(all="ignore"):
        influence = above / total[cell] - below / exposure[cell]
    squares = add(np.where(np.isfinite(influence), influence, 0.0) ** 2)
    shape = (strata, 2)
    return add().reshape(shape), total.reshape(shape), exposure.reshape(shape), squares.reshape(shape)


def _usable(a: Moments, b: Moments) -> npt.NDArray[np.bool_]:
    known = np.isfinite(a.mean) & np.isfinite(b.mean) & np.isfinite(a.variance) & np.isfinite(b.variance)
    return np.asarray(known & (np.maximum(a.variance, b.variance) > NO_VARIANCE))


def _take(moments: Moments, used: npt.NDArray[np.bool_]) -> Moments:
    return Moments(moments.n[used], moments.mean[used], moments.variance[used])


def _nothing(creators: tuple[int, int]) -> Pooled:
    none, nan = (math.nan, math.nan), math.nan
    return Pooled(nan, none, none, none, creators, 0, nan, nan, nan, nan, nan)
