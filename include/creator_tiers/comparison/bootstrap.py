"""The bootstrap-t of two arms, drawn by counts: how often each creator is in a draw, times the creators' numbers.

n creators drawn n times with replacement are multinomial counts, and a draw's mean and variance need no more than the
counted sums of x and x squared. The counts depend on n alone; they are made once a size, and a claim and week decide
which creator gets which column of them and, in arms of one size, which draw of the one arm meets which of the other.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.intervals import LEVEL, NO_VARIANCE, FloatArray

RESAMPLES = 1999

MOST_RESAMPLED = 400
"""Creators in an arm up to which the bootstrap is drawn; beyond, Welch's interval is the same."""

_SIZES_KEPT = 8
"""Sizes whose counts are kept: 6 MB each at 400 creators."""

_BLOCKS = 16
"""The draws are multiplied in blocks so small that BLAS stays in one thread: threads that wait for one another take
more processor time than the product does."""

_QUANTILES = np.array([0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
"""Of the draws, the smallest at 0 and the largest at 1."""

_ROUNDING = 1e-12
"""Of the largest square: a variance below this share of it is that of equal values."""


def bootstrap_t(a: FloatArray, b: FloatArray, *names: str) -> tuple[float, float]:
    """The bootstrap-t interval of the ratio of geometric means (Hall, Annals of Statistics 16, 1988), 95 %.

    Args:
        a, b: log rates.
        names: seed the draws.

    Returns:
        Its limits, to 12 digits; NaNs without any variance.
    """
    rng = generator("bootstrap-t", *names)
    arms = [np.sort(one) for one in (a, b)]
    means, variances = [float(one.mean()) for one in arms], [float(one.var(ddof=1)) for one in arms]
    if not max(variances) > NO_VARIANCE:
        return math.nan, math.nan
    center = means[0] - means[1]
    error = math.sqrt(variances[0] / arms[0].size + variances[1] / arms[1].size)
    mixed = [rng.permutation(one - mean) for one, mean in zip(arms, means, strict=True)]
    (means_a, errors_a), (means_b, errors_b) = _drawn(mixed[0], mixed[1], int(rng.integers(1, RESAMPLES)))
    with np.errstate(all="ignore"):
        t = (means_a - means_b) / np.sqrt(errors_a + errors_b)
    ordered = np.sort(t[np.isfinite(t)])
    low, high = np.interp(_QUANTILES * (ordered.size - 1), np.arange(ordered.size), ordered)
    with np.errstate(over="ignore"):
        limits = np.exp([center - high * error, center - low * error])
    return float(f"{limits[0]:.12g}"), float(f"{limits[1]:.12g}")


Drawn: TypeAlias = tuple[FloatArray, FloatArray]
"""The draws' means, and the squared errors of these means."""


def _drawn(a: FloatArray, b: FloatArray, turn: int) -> tuple[Drawn, Drawn]:
    """Draws of two arms, centered numbers in a random order.

    Arms of one size share the counts, and one way through them serves both; so that the draws are independent all the
    same, each of a meets the draw of b that stands `turn` behind it.
    """
    if a.size != b.size:
        return _moments(a, *_sums(a.size, a, a**2)), _moments(b, *_sums(b.size, b, b**2))
    sums = _sums(a.size, a, a**2, b, b**2)
    turned = np.concatenate([sums[2:, turn:], sums[2:, :turn]], axis=1)
    return _moments(a, *sums[:2]), _moments(b, *turned)


def _moments(arm: FloatArray, total: FloatArray, squares: FloatArray) -> Drawn:
    means = total / arm.size
    variances = (squares - total * means) / (arm.size - 1)
    return means, np.where(variances > _ROUNDING * np.square(arm).max(), variances, 0.0) / arm.size


def _sums(n: int, *columns: FloatArray) -> FloatArray:
    """Counted sums of columns of n numbers: columns x draws."""
    sums = np.matmul(_counts(n), np.column_stack(columns))
    return np.ascontiguousarray(sums.reshape(-1, len(columns))[:RESAMPLES].T)


@lru_cache(maxsize=_SIZES_KEPT)
def _counts(n: int) -> FloatArray:
    """How often each of n creators is in each draw: blocks x draws x n, the last draws of the last block unused."""
    rng, draws = generator("bootstrap-t counts", str(n)), math.ceil(RESAMPLES / _BLOCKS)
    counts, first = np.empty((_BLOCKS, draws, n)), np.arange(draws)[:, None] * n
    for block in counts:
        drawn = rng.integers(0, n, (draws, n))
        drawn += first
        block[...] = np.bincount(drawn.ravel(), minlength=draws * n).reshape(draws, n)
    counts.flags.writeable = False
    return counts
