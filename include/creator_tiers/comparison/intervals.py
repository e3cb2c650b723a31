"""The ratio of two groups' typical rates, with its intervals: one for this week, one for every week.

Everything works on natural logs of creator rates, so that a difference of means is the log of a ratio of
geometric means. The array functions take moments (many comparisons at once); `compare_rates` and
`compare_rates_sequential` take the rates of one comparison.

Sources: Welch, Biometrika 34 (1947), with Satterthwaite's degrees of freedom; Wang and Ramdas, "Anytime-valid
t-tests and confidence sequences for Gaussian means with unknown variance" (arXiv 2310.03722), in the
two-sample form of Gonen, Johnson, Lu and Westfall, The American Statistician 59 (2005). The reasons for the choice
and its limits are in `docs/adr/0003-sequential-verdicts.md`, the measured error rates in `docs/calibration.md`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from creator_tiers.comparison.verdicts import FEWEST_FOR_VERDICT

FloatArray: TypeAlias = npt.NDArray[np.float64]
Triple: TypeAlias = tuple[float, float, float]

LEVEL = 0.95
"""The level of both intervals."""

MIXTURE_VARIANCE = 1.0
"""Variance of the Gaussian mixture over the standardised effect: fewest standard errors near 40 creators an arm."""

NO_VARIANCE = 1e-18
"""A variance of logs at or below this is rounding noise: equal values."""

_NAN: Triple = (math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Moments:
    """Log rates of one arm, for one comparison or for many (arrays of one shape).

    Attributes:
        n: creators.
        mean: arithmetic mean of their log rates.
        variance: sample variance (n - 1) of their log rates.
    """

    n: FloatArray
    mean: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True)
class Interval:
    """Ratios a / b: the estimate and its limits, arrays of one shape; NaN where there is none."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference of mean logs, its standard error and its degrees of freedom; NaN where undefined."""

    difference: FloatArray
    error: FloatArray
    freedom: FloatArray


def compare_rates(a: Sequence[float] | FloatArray, b: Sequence[float] | FloatArray) -> Triple:
    """The ratio of geometric means a / b with its 95 % Welch interval, good for one look at the data.

    Args:
        a: positive rates, one a creator.
        b: the same of the other arm.

    Returns:
        (estimate, ci_low, ci_high), ratios. Three NaNs when the data cannot carry an interval: fewer than
        two creators in an arm, a rate that is not a positive finite number, or no variance at all.
    """
    return _compare(a, b, sequential=False)


def compare_rates_sequential(a: Sequence[float] | FloatArray, b: Sequence[float] | FloatArray) -> Triple:
    """The ratio of geometric means a / b with an interval that holds at every look at growing data.

    Over any number of looks the chance that the interval ever excludes the true ratio is at most 5 %. The price is
    width: about 1.65 times the Welch interval with 20 to 200 creators an arm, far more with few.

    Args:
        a: positive rates, one a creator.
        b: the same of the other arm.

    Returns:
        (estimate, low, high), ratios; (estimate, 0, inf) where so few creators can exclude nothing (always below
        5 in an arm). Three NaNs in the cases named at `compare_rates`.
    """
    return _compare(a, b, sequential=True)


def moments(rates: Sequence[float] | FloatArray) -> Moments:
    """Moments of the logs of positive rates; NaN moments when a rate is not a positive finite number."""
    values = np.asarray(rates, dtype=np.float64).ravel()
    n = np.float64(values.size)
    if values.size == 0 or not np.all(np.isfinite(values)) or np.any(values <= 0):
        return Moments(np.asarray(n), np.asarray(np.nan), np.asarray(np.nan))
    return log_moments(np.log(values))


def log_moments(logs: FloatArray) -> Moments:
    """Moments of log rates. They are summed in sorted order, so that the order of delivery cannot matter."""
    ordered = np.sort(logs)
    variance = ordered.var(ddof=1) if ordered.size > 1 else np.nan
    mean = ordered.mean() if ordered.size else np.nan
    return Moments(np.asarray(np.float64(ordered.size)), np.asarray(mean), np.asarray(variance))


def welch_interval(a: Moments, b: Moments, level: float = LEVEL) -> Interval:
    """Welch's interval for the ratio of geometric means, at one look."""
    contrast = welch_contrast(a, b)
    with np.errstate(invalid="ignore", divide="ignore"):
        critical = stdtrit(contrast.freedom, 0.5 + level / 2)
    return interval_of(contrast, critical)


def sequential_interval(a: Moments, b: Moments, level: float = LEVEL) -> Interval:
    """The interval for the ratio of geometric means that holds at all looks together."""
    contrast = cautious_contrast(a, b)
    return interval_of(contrast, sequential_critical(a.n, b.n, contrast.freedom, level))


def sequential_critical(
    n_a: FloatArray, n_b: FloatArray, freedom: FloatArray, level: float = LEVEL
) -> FloatArray:
    """How many standard errors the sequential interval reaches to each side; infinite with too few creators.

    The e-value of "no difference" is the Bayes factor of the two-sample t statistic, with a standardised effect
    from N(0, g) and the right-Haar measure over the spread. With N = n_a n_b / (n_a + n_b) and A = 1 + N g it is
    A^(-1/2) ((1 + t^2/v) / (1 + t^2/(A v)))^((v + 1)/2). By Ville's inequality it ever reaches 1 / alpha with a
    chance of at most alpha; the critical value is the t at which it does, in closed form. Welch-Satterthwaite's v
    stands for the pooled degrees of freedom where variances differ, and a guard of 1 + 1/min(n) makes up for what
    skew and unequal arms take from small samples (found by simulation).

    Args:
        n_a: creators in a.
        n_b: creators in b.
        freedom: degrees of freedom v.
        level: 1 - alpha.
    """
    with np.errstate(all="ignore"):
        size = np.asarray(n_a * n_b / (n_a + n_b))
    return critical_of(size, np.minimum(n_a, n_b), freedom, level)


def critical_of(
    size: FloatArray, fewest: FloatArray, freedom: FloatArray, level: float = LEVEL
) -> FloatArray:
    """`sequential_critical` for any estimate with a t statistic.

    Args:
        size: N; n_a n_b / (n_a + n_b) for two arms, n for one sample, their sum over strata.
        fewest: creators of the smaller arm.
        freedom: degrees of freedom v; NaN gives NaN.
        level: 1 - alpha.
    """
    with np.errstate(all="ignore"):
        spread = 1 + MIXTURE_VARIANCE * size
        exponent = (np.log(spread) - 2 * np.log(1 - level)) / (freedom + 1)
        square = freedom * np.expm1(exponent) / (1 - np.exp(exponent) / spread)
        critical = np.sqrt(square) * (1 + 1 / fewest)
        bounded = (np.exp(exponent) < spread) & (fewest >= FEWEST_FOR_VERDICT)
    return np.where(bounded, critical, np.where(np.isnan(freedom), np.nan, np.inf))


def p_at_any_look(
    errors: FloatArray, size: FloatArray, fewest: FloatArray, freedom: FloatArray
) -> FloatArray:
    """The p-value that may be looked at every week: 1 over the e-value (at most 1).

    It is at most 1 - level exactly where the interval of `critical_of` leaves the value out.

    Args:
        errors: distance of the estimate from the value, in standard errors.
        size, fewest, freedom: as in `critical_of`.
    """
    with np.errstate(all="ignore"):
        square = (errors / (1 + 1 / fewest)) ** 2
        spread = 1 + MIXTURE_VARIANCE * size
        log_e = (np.log1p(square / freedom) - np.log1p(square / (spread * freedom))) * (freedom + 1) / 2
        p = np.exp(np.minimum(0.5 * np.log(spread) - log_e, 0.0))
    return np.where(
        np.isnan(freedom) | np.isnan(errors), np.nan, np.where(fewest < FEWEST_FOR_VERDICT, 1.0, p)
    )


def _compare(a: Sequence[float] | FloatArray, b: Sequence[float] | FloatArray, *, sequential: bool) -> Triple:
    arms = moments(a), moments(b)
    found = sequential_interval(*arms) if sequential else welch_interval(*arms)
    triple = float(found.estimate), float(found.low), float(found.high)
    return _NAN if any(math.isnan(value) for value in triple) else triple


def welch_contrast(a: Moments, b: Moments) -> Contrast:
    """Difference of mean logs, its standard error and Satterthwaite's degrees of freedom; NaN where undefined."""
    with np.errstate(all="ignore"):
        part_a, part_b = a.variance / a.n, b.variance / b.n
        square = part_a + part_b
        freedom = square**2 / (part_a**2 / (a.n - 1) + part_b**2 / (b.n - 1))
        known = (np.minimum(a.n, b.n) >= 2) & (np.maximum(a.variance, b.variance) > NO_VARIANCE)
        known &= np.isfinite(square) & np.isfinite(freedom)
        return Contrast(
            np.where(known, a.mean - b.mean, np.nan),
            np.where(known, np.sqrt(square), np.nan),
            np.where(known, freedom, np.nan),
        )


def cautious_contrast(a: Moments, b: Moments) -> Contrast:
    """The contrast that the sequential interval rests on: the larger error, the fewer degrees of freedom.

    A handful of creators against many sometimes look alike by luck. Welch's error is then too small and
    Satterthwaite's v too large at once, and in 52 weeks some week is lucky. So the error is at least the pooled one,
    and v at most what equal spreads would give. With arms of equal size that changes nothing.
    """
    welch = welch_contrast(a, b)
    with np.errstate(all="ignore"):
        pooled = ((a.n - 1) * a.variance + (b.n - 1) * b.variance) / (a.n + b.n - 2)
        error = np.sqrt(pooled * (1 / a.n + 1 / b.n))
        known = ~np.isnan(welch.error)
        return Contrast(
            welch.difference,
            np.where(known, np.maximum(welch.error, error), np.nan),
            np.where(known, np.minimum(welch.freedom, equal_spread_freedom(a.n, b.n)), np.nan),
        )


def equal_spread_freedom(n_a: FloatArray, n_b: FloatArray) -> FloatArray:
    """Satterthwaite's degrees of freedom where both arms have the same spread."""
    return np.asarray((1 / n_a + 1 / n_b) ** 2 / (1 / (n_a**2 * (n_a - 1)) + 1 / (n_b**2 * (n_b - 1))))


def interval_of(contrast: Contrast, critical: FloatArray) -> Interval:
    """The ratio and its limits, `critical` standard errors to each side."""
    with np.errstate(over="ignore", invalid="ignore"):
        reach = critical * contrast.error
        estimate = np.exp(contrast.difference)
        pretends = ~np.isfinite(estimate) | (estimate == 0)
        estimate = np.where(pretends, np.nan, estimate)
        low = np.where(pretends, np.nan, np.exp(contrast.difference - reach))
        high = np.where(pretends, np.nan, np.exp(contrast.difference + reach))
    return Interval(estimate, low, high)
