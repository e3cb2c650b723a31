"""Beside the raw ratio: adjusted for what the posts differ in, and the pull of follower counts on the rate itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from scipy.special import stdtrit

from creator_tiers.comparison.coded import (
    DENOMINATORS,
    SIDES,
    TIERS,
    BoolArray,
    Coded,
    IntArray,
    Text,
    coded,
)
from creator_tiers.comparison.intervals import LEVEL, FloatArray
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL

FEWEST_POSTS = 3
"""Posts that a kind, niche or month needs to be adjusted for."""

MOST_VALUES = 25
"""Values of one column (niches are free text) that are told apart; the rarer ones count as the most frequent one."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with its 95 % interval by cluster-robust error; NaN where the data carry none."""

    value: float
    low: float
    high: float
    clusters: int


NONE = Coefficient(math.nan, math.nan, math.nan, 0)


def clustered(
    y: FloatArray,
    x: FloatArray,
    weights: FloatArray,
    cluster: IntArray,
    column: int,
    cell: IntArray | None = None,
) -> Coefficient:
    """Weighted least squares with a cluster-robust (CR1) error, as statsmodels' WLS with `cov_type="cluster"`.

    Of the covariance only one element is wanted, so a cluster's score is needed in one direction alone: the row of the
    inverse that belongs to the coefficient.

    Args:
        y: n values.
        x: design, k columns; columns that add nothing are left to the pseudo-inverse.
        weights: n weights.
        cluster: n codes; t with clusters - 1 degrees of freedom.
        column: whose coefficient.
        cell: the row of `x` that each value has, where many share one; without it `x` has n rows.
    """
    n, k = y.size, x.shape[1]
    codes, index = np.unique(cluster, return_inverse=True)
    groups = int(codes.size)
    if groups <= k or n <= k:
        return NONE
    place = np.arange(n) if cell is None else cell
    weight_of, total_of = (np.bincount(place, one, x.shape[0]) for one in (weights, weights * y))
    gram = (x * weight_of[:, None]).T @ x
    if np.linalg.matrix_rank(gram) < k:
        return NONE
    inverse = np.linalg.inv(gram)
    beta = inverse @ (x.T @ total_of)
    scores = np.bincount(index, weights * (y - (x @ beta)[place]) * (x @ inverse[column])[place], groups)
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    variance = factor * float(scores @ scores)
    if not variance > 1e-18:
        return NONE
    reach = float(stdtrit(groups - 1, 0.5 + LEVEL / 2)) * math.sqrt(variance)
    value = float(beta[column])
    return Coefficient(_rounded(value), _rounded(value - reach), _rounded(value + reach), groups)


def _rounded(value: float) -> float:
    """To 12 digits: the order in which rows come may change the last ones of a sum, never a figure."""
    return float(f"{value:.12g}")


def adjusted_ratio(
    posts: pa.Table, metric: str, platform: str | None, kind_group: str | None, pair: tuple[str, str]
) -> Coefficient:
    """The ratio a / b of rates, adjusted for kind, niche and month of posting; every creator weighs the same.

    Over all platforms (`platform` None) it is adjusted for platform and kind group too.

    Args:
        posts: as for the comparison; `kind` and `niche` are used where there are such columns.
        metric: a rate.
        platform, kind_group, pair: which comparison.
    """
    known = coded(posts)
    rows = _rows(known, metric, platform, kind_group, pair)
    if rows is None:
        return NONE
    creator = known.creator[rows]
    is_a = np.isin(known.tier[rows], _places(pair[0]))
    kind = _codes(known.kind, rows)
    if platform is None:
        kind += known.group[rows] * (int(kind.max()) + 1)
    month = np.zeros(rows.size, dtype=np.int64) if known.month is None else known.month[rows]
    factors = [_factor(code) for code in (kind, _codes(known.niche, rows), month)]
    x, cell = _design(is_a, factors)
    unit = creator * 2 + is_a
    _, index, counts = np.unique(unit, return_inverse=True, return_counts=True)
    found = clustered(known.logs(metric)[rows], x, 1 / counts[index], creator, 1, cell)
    low, high = math.exp(found.low), math.exp(found.high)
    return Coefficient(math.exp(found.value), low, high, found.clusters)


def elasticity(posts: pa.Table, platform: str, kind_group: str) -> Coefficient:
    """The elasticity of engagements to followers over creators of all tiers.

    Followers define the tier and sit in the denominator. At an elasticity of 1 engagements keep pace with followers
    and the rate does not depend on size; below 1 the rate falls with size by arithmetic, whatever a tier is.
    """
    metric = "er_followers_settled"
    known = coded(posts)
    rows = _rows(known, metric, platform, kind_group, None)
    if rows is None:
        return NONE
    logs = known.logs(metric)[rows]
    followers = np.log(known.numbers[DENOMINATORS[metric]][rows])
    codes, index = np.unique(known.creator[rows], return_inverse=True)
    n = np.bincount(index)
    engaged = np.bincount(index, logs + followers) / n
    size = np.bincount(index, followers) / n
    design = np.column_stack([np.ones(codes.size), size])
    return clustered(engaged, design, np.ones(codes.size), np.arange(codes.size), 1)


Factor: TypeAlias = tuple[int, IntArray]
"""How many values something has, and which of them each row has."""


def _rows(
    posts: Coded, metric: str, platform: str | None, kind_group: str | None, pair: tuple[str, str] | None
) -> IntArray | None:
    """The posts of one comparison (of all tiers without a pair), where each arm has creators enough."""
    keep = posts.has(metric) & (posts.creator >= 0)
    if platform is not None:
        place = (platform, kind_group)
        keep &= posts.group == (posts.groups.index(place) if place in posts.groups else -1)
    arms = [np.ones(keep.size, dtype=bool)]
    if pair is not None:
        arms = [np.isin(posts.tier, _places(side)) for side in pair]
        keep &= arms[0] | arms[1]
    sizes = [np.count_nonzero(np.diff(posts.creator[keep & arm], prepend=-1)) for arm in arms]
    return None if min(sizes) < FEWEST_FOR_INTERVAL else np.flatnonzero(keep)


def _places(side: str) -> list[int]:
    return [TIERS.index(tier) for tier in SIDES.get(side, (side,))]


def _codes(text: Text | None, rows: IntArray) -> IntArray:
    return np.zeros(rows.size, dtype=np.int64) if text is None else text.code[rows]


def _factor(code: IntArray) -> Factor:
    """The frequent values told apart; the rarer ones are 0, with the most frequent one."""
    counts = np.bincount(code)
    frequent = np.argsort(-counts, kind="stable")[1:MOST_VALUES]
    kept = np.sort(frequent[counts[frequent] >= FEWEST_POSTS])
    place = np.zeros(counts.size, dtype=np.int64)
    place[kept] = np.arange(1, kept.size + 1)
    return int(kept.size) + 1, place[code]


def _design(is_a: BoolArray, factors: Sequence[Factor]) -> tuple[FloatArray, IntArray]:
    """The distinct rows of the design (1, arm a, an indicator a value but the first), and each post's row."""
    cell = is_a.astype(np.int64)
    for size, code in factors:
        cell = cell * size + code
    found, index = np.unique(cell, return_inverse=True)
    columns = []
    for size, _ in reversed(factors):
        found, value = np.divmod(found, size)
        columns += [(value == one).astype(np.float64) for one in range(size - 1, 0, -1)]
    columns += [found.astype(np.float64), np.ones(found.size)]
    return np.column_stack(columns[::-1]), index.astype(np.int64)
