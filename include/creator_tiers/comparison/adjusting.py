"""Beside the raw ratio: adjusted for what the posts differ in, and the pull of follower counts on the rate itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtrit

from creator_tiers.comparison.intervals import FEWEST_FOR_INTERVAL, LEVEL, FloatArray
from creator_tiers.comparison.rates import DENOMINATORS, OFFSET, SIDES

IntArray = npt.NDArray[np.int64]

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
    y: FloatArray, x: FloatArray, weights: FloatArray, cluster: IntArray, column: int
) -> Coefficient:
    """Weighted least squares with a cluster-robust (CR1) error, as statsmodels' WLS with `cov_type="cluster"`.

    Args:
        y: n values.
        x: n x k design; columns that add nothing are left to the pseudo-inverse.
        weights: n weights.
        cluster: n codes; t with clusters - 1 degrees of freedom.
        column: whose coefficient.
    """
    n, k = x.shape
    codes, index = np.unique(cluster, return_inverse=True)
    groups = int(codes.size)
    if groups <= k or n <= k:
        return NONE
    weighted = x * weights[:, None]
    gram = weighted.T @ x
    if np.linalg.matrix_rank(gram) < k:
        return NONE
    inverse = np.linalg.inv(gram)
    beta = inverse @ (weighted.T @ y)
    scores = weighted * (y - x @ beta)[:, None]
    sums = np.column_stack([np.bincount(index, scores[:, one], groups) for one in range(k)])
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    variance = float((factor * inverse @ (sums.T @ sums) @ inverse)[column, column])
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
    part = _posts(posts, metric, platform, kind_group, pair)
    if part is None:
        return NONE
    y, is_a, creator, table = part
    columns: list[FloatArray] = [np.ones(y.size), is_a]
    for name in ("kind", "niche"):
        values = (
            pc.fill_null(pc.cast(table[name], pa.string()), "unknown") if name in table.column_names else None
        )
        if name == "kind" and platform is None:
            where = (table["platform"], table["kind_group"], *(() if values is None else (values,)))
            values = pc.binary_join_element_wise(*where, " ")
        columns += [] if values is None else _dummies(values)
    if "published_at" in table.column_names:
        months = np.asarray(table["published_at"].to_numpy(), dtype="datetime64[M]").astype(np.int64)
        columns += _dummies(pa.chunked_array([pa.array(months)]))
    unit = creator * 2 + is_a.astype(np.int64)
    _, index, counts = np.unique(unit, return_inverse=True, return_counts=True)
    found = clustered(y, np.column_stack(columns), 1 / counts[index], creator, 1)
    low, high = math.exp(found.low), math.exp(found.high)
    return Coefficient(math.exp(found.value), low, high, found.clusters)


def elasticity(posts: pa.Table, platform: str, kind_group: str) -> Coefficient:
    """The elasticity of engagements to followers over creators of all tiers.

    Followers define the tier and sit in the denominator. At an elasticity of 1 engagements keep pace with followers
    and the rate does not depend on size; below 1 the rate falls with size by arithmetic, whatever a tier is.
    """
    part = _posts(posts, "er_followers_settled", platform, kind_group, None)
    if part is None:
        return NONE
    y, _, creator, table = part
    followers = np.log(np.asarray(table["followers_at_post"].to_numpy(), dtype=np.float64))
    codes, index = np.unique(creator, return_inverse=True)
    n = np.bincount(index)
    engaged = np.bincount(index, y + followers) / n
    size = np.bincount(index, followers) / n
    design = np.column_stack([np.ones(codes.size), size])
    return clustered(engaged, design, np.ones(codes.size), np.arange(codes.size), 1)


def _posts(
    posts: pa.Table,
    metric: str,
    platform: str | None,
    kind_group: str | None,
    pair: tuple[str, str] | None,
) -> tuple[FloatArray, FloatArray, IntArray, pa.Table] | None:
    """Log rates, whether of arm a, creator codes, and the posts, of one comparison (all tiers without a pair)."""
    below = DENOMINATORS[metric]
    keep = pc.and_(pc.greater_equal(posts["engagements_core_settled"], 0), pc.greater(posts[below], 0))
    if platform is not None:
        here = pc.and_(pc.equal(posts["platform"], platform), pc.equal(posts["kind_group"], kind_group))
        keep = pc.and_(keep, here)
    side_a, side_b = (SIDES.get(name, (name,)) for name in pair or ("small", "rest"))
    if pair is not None:
        arms = [*side_a, *side_b]
        keep = pc.and_(keep, pc.is_in(pc.cast(posts["tier"], pa.string()), pa.array(arms, pa.string())))
    table = posts.filter(pc.fill_null(keep, False))
    key = pc.cast(table["creator_key"], pa.string())
    if "account_key" in table.column_names:
        key = pc.coalesce(key, pc.cast(table["account_key"], pa.string()))
    table, key = table.filter(pc.is_valid(key)), pc.drop_null(key)
    encoded = pc.dictionary_encode(key).combine_chunks()
    place = np.argsort(np.asarray(pc.sort_indices(encoded.dictionary)))
    creator = place[np.asarray(encoded.indices.to_numpy(), dtype=np.int64)].astype(np.int64)
    above = np.asarray(table["engagements_core_settled"].to_numpy(), dtype=np.float64)
    under = np.asarray(table[below].to_numpy(), dtype=np.float64)
    order = np.lexsort((under, above, creator))
    creator, above, under, table = creator[order], above[order], under[order], table.take(pa.array(order))
    in_a = np.zeros(creator.size)
    if pair is not None:
        member = pc.is_in(pc.cast(table["tier"], pa.string()), pa.array(side_a, pa.string()))
        in_a = np.asarray(member.to_numpy(zero_copy_only=False), dtype=np.float64)
        arm_sizes = [np.unique(creator[in_a == one]).size for one in (0, 1)]
        if min(arm_sizes) < FEWEST_FOR_INTERVAL:
            return None
    elif np.unique(creator).size < FEWEST_FOR_INTERVAL:
        return None
    return np.log((above + OFFSET) / under), in_a, creator, table


def _dummies(column: pa.ChunkedArray) -> list[FloatArray]:
    """An indicator for each of the frequent values but the most frequent one; the rest stays with that one."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    place = np.argsort(np.asarray(pc.sort_indices(encoded.dictionary)))
    index = place[np.asarray(encoded.indices.to_numpy(), dtype=np.int64)]
    counts = np.bincount(index)
    frequent = np.argsort(-counts, kind="stable")[1:MOST_VALUES]
    return [(index == one).astype(np.float64) for one in np.sort(frequent) if counts[one] >= FEWEST_POSTS]
