"""Shrunken league tables: a creator with three posts should not top a list by luck.

The normal-normal model on log rates (Efron and Morris, JASA 70, 1975): a creator's mean of m posts has the error
s^2 / m about what is the creator's own, which varies with tau^2 about the group's mean.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from creator_tiers.comparison.coded import MEASURED, TIERS, Coded, coded, log_of
from creator_tiers.comparison.rates import ARMS, frame_of
from creator_tiers.comparison.stratified import tau_squared
from creator_tiers.weeks import Week

Z = 1.959963984540054

LEAGUE_SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("platform", pa.string()),
        ("kind_group", pa.string()),
        ("metric", pa.string()),
        ("tier", pa.string()),
        ("creator_key", pa.string()),
        ("posts", pa.int64()),
        ("rate", pa.float64()),
        ("shrunk", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("weight", pa.float64()),
        ("rank", pa.int64()),
        ("raw_rank", pa.int64()),
        ("creators", pa.int64()),
    ]
)
"""The columns of `marts.creator_league`."""


def league_table(posts: pa.Table, week: Week) -> pa.Table:
    """The league of every platform, kind group and tier: creators are compared with their like.

    Args:
        posts: the posts of the week's comparison.
        week: the week.

    Returns:
        A table of `LEAGUE_SCHEMA`, by rank inside each league (by creator where nothing could be shrunk).
    """
    known, frame = coded(posts), frame_of(posts)
    sums = frame.by_arm("all")
    parts: list[pa.Table] = []
    for metric in ("er_followers_settled", "er_views_settled"):
        posts_each = sums.value("posts", metric)
        logs = sums.value("logs", metric)
        places = [
            (group, tier)
            for group in sorted(range(len(frame.groups)), key=lambda one: frame.groups[one])
            if MEASURED.get(frame.groups[group][0], "er_views_settled") == metric
            for tier in sorted(TIERS)
        ]
        for group, tier in places:
            cell = group * len(ARMS) + ARMS.index(tier)
            rows = slice(*np.searchsorted(sums.cell, [cell, cell + 1]))
            has = posts_each[rows] > 0
            if not has.any():
                continue
            n, creator = posts_each[rows][has], sums.creator[rows][has]
            creators = pd.DataFrame(
                {"creator_key": creator, "posts": n, "log_rate": log_of(logs[rows][has], n)}
            )
            found = league(creators, _post_variance(known, metric, group))
            platform, kind_group = frame.groups[group]
            where = {"platform": platform, "kind_group": kind_group, "metric": metric, "tier": tier}
            parts.append(_table(found, {"week_start": week.monday, **where}, frame.creators))
    return pa.concat_tables(parts) if parts else LEAGUE_SCHEMA.empty_table()


def _table(found: pd.DataFrame, where: dict[str, Any], names: pa.Array) -> pa.Table:
    """A league as rows of `LEAGUE_SCHEMA`; its `creator_key` is a position in `names`."""
    size = len(found)
    columns: dict[str, Any] = {name: pa.repeat(value, size) for name, value in where.items()}
    columns["creator_key"] = names.take(pa.array(found["creator_key"].to_numpy(np.int64)))
    columns["posts"] = found["posts"].to_numpy(np.int64)
    columns["creators"] = pa.repeat(size, size)
    for name in ("rate", "shrunk", "low", "high", "weight"):
        columns[name] = _rounded(found[name].to_numpy(np.float64))
    for name in ("rank", "raw_rank"):
        columns[name] = found[name].to_numpy(np.float64)
    return pa.table(
        {
            one.name: pa.array(columns[one.name], from_pandas=True).cast(one.type)
            if isinstance(columns[one.name], np.ndarray)
            else columns[one.name]
            for one in LEAGUE_SCHEMA
        },
        schema=LEAGUE_SCHEMA,
    )


def _post_variance(posts: Coded, metric: str, group: int) -> float:
    """Inside a platform and kind group, s^2 of `league`: posts of one creator and tier about their own mean."""
    kept = posts.has(metric) & (posts.group == group) & (posts.tier >= 0) & (posts.creator >= 0)
    return post_variance(posts.creator[kept] * len(TIERS) + posts.tier[kept], posts.logs(metric)[kept])


def _rounded(values: np.ndarray) -> np.ndarray:
    """To 12 significant digits."""
    with np.errstate(all="ignore"):
        scale = 10.0 ** (11 - np.floor(np.log10(np.abs(values))))
        return np.where(np.isfinite(scale), np.round(values * scale) / scale, values)


def league(creators: pd.DataFrame, post_variance: float) -> pd.DataFrame:
    """Rank creators of one group by their shrunken rate, the raw one beside.

    Args:
        creators: creator_key, posts (at least 1), log_rate (mean of the posts' log rates; `creator_rates`).
        post_variance: s^2, the variance of log rates between posts of one creator (`post_variance`).

    Returns:
        creator_key, posts, rate (raw), shrunk, low, high (95 %), weight (how much the creator's own posts count),
        rank, raw_rank; by rank, ties by creator_key. Rates are per follower, reach or view as they came. With fewer
        than three creators nothing is shrunk and `shrunk, low, high, weight, rank` are NaN.
    """
    kept = creators[np.isfinite(creators["log_rate"].astype(float)) & (creators["posts"] >= 1)]
    kept = kept.sort_values("creator_key", kind="stable").reset_index(drop=True)
    logs, posts = kept["log_rate"].to_numpy(np.float64), kept["posts"].to_numpy(np.float64)
    found = pd.DataFrame({"creator_key": kept["creator_key"], "posts": kept["posts"], "rate": np.exp(logs)})
    found["raw_rank"] = found["rate"].rank(ascending=False, method="min")
    if len(kept) < 3 or not (math.isfinite(post_variance) and post_variance > 0):
        return found.assign(shrunk=np.nan, low=np.nan, high=np.nan, weight=np.nan, rank=np.nan)
    errors = post_variance / posts
    between = tau_squared(logs, errors)
    precision = 1 / (between + errors)
    center = float(np.average(logs, weights=precision))
    weight = between / (between + errors)
    middle = center + weight * (logs - center)
    # the creator's own error, and the group's mean being an estimate
    spread = np.sqrt(weight * errors + (1 - weight) ** 2 / precision.sum())
    found = found.assign(
        shrunk=np.exp(middle),
        low=np.exp(middle - Z * spread),
        high=np.exp(middle + Z * spread),
        weight=weight,
    )
    found["rank"] = found["shrunk"].rank(ascending=False, method="min")
    return found.sort_values(["rank", "creator_key"], kind="stable").reset_index(drop=True)


def post_variance(creator: npt.ArrayLike, log_rate: npt.ArrayLike) -> float:
    """The variance of log rates between posts of one creator, pooled; NaN when nobody has two posts.

    Args:
        creator: whose post it is.
        log_rate: the post's; not finite where it has none.
    """
    logs = np.asarray(log_rate, dtype=np.float64)
    known = np.isfinite(logs)
    logs = logs[known]
    codes, index = np.unique(np.asarray(creator)[known], return_inverse=True)
    freedom = logs.size - codes.size
    means = np.bincount(index, logs, codes.size) / np.bincount(index, minlength=codes.size)
    return float(((logs - means[index]) ** 2).sum() / freedom) if freedom > 0 else math.nan
