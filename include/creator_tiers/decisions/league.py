"""Shrunken league tables: a creator with three posts should not top a list by luck.

The normal-normal model on log rates (Efron and Morris, JASA 70, 1975): a creator's mean of m posts has the error
s^2 / m about what is the creator's own, which varies with tau^2 about the group's mean.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.comparison.rates import DENOMINATORS, MEASURED, OFFSET, TIERS, creator_rates
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
    frames = []
    for metric in ("er_followers_settled", "er_views_settled"):
        rates = creator_rates(posts, metric).to_pandas()
        rates = rates[rates["tier"].isin(TIERS)]
        measured = rates["platform"].map(lambda one: MEASURED.get(one, "er_views_settled"))
        rates = rates[measured == metric]
        spreads = _post_variances(posts, metric)
        for (platform, kind_group, tier), group in rates.groupby(
            ["platform", "kind_group", "tier"], sort=True
        ):
            found = league(group, spreads.get((platform, kind_group), math.nan))
            where = {"platform": platform, "kind_group": kind_group, "metric": metric, "tier": tier}
            frames.append(found.assign(**where, creators=len(found)))
    if not frames:
        return LEAGUE_SCHEMA.empty_table()
    table = pd.concat(frames, ignore_index=True).assign(week_start=week.monday)
    for name in ("rate", "shrunk", "low", "high", "weight"):
        table[name] = _rounded(table[name].to_numpy(np.float64))
    for name in ("rank", "raw_rank"):
        table[name] = table[name].astype("Int64")
    return pa.Table.from_pandas(table[LEAGUE_SCHEMA.names], schema=LEAGUE_SCHEMA, preserve_index=False)


def _post_variances(posts: pa.Table, metric: str) -> dict[tuple[str, str], float]:
    """Inside a platform and kind group, s^2 of `league`: posts of one creator and tier about their own mean."""
    below = DENOMINATORS[metric]
    known = pc.and_(pc.greater_equal(posts["engagements_core_settled"], 0), pc.greater(posts[below], 0))
    part = posts.filter(pc.fill_null(pc.and_(known, pc.is_valid(posts["tier"])), False))
    person = pc.coalesce(pc.cast(part["creator_key"], pa.string()), pc.cast(part["account_key"], pa.string()))
    above, under = (part[name].to_numpy().astype(np.float64) for name in ("engagements_core_settled", below))
    logs = np.log((above + OFFSET) / under)
    group, groups = _codes(pc.binary_join_element_wise(part["platform"], part["kind_group"], "\x1f"))
    unit, _ = _codes(pc.binary_join_element_wise(person, pc.cast(part["tier"], pa.string()), "\x1f"))
    order = np.lexsort((logs, unit, group))
    frame = pd.DataFrame({"group": group[order], "unit": unit[order], "log": logs[order]})
    found = {}
    for code, rows in frame.groupby("group", sort=True):
        platform, kind_group = groups[int(str(code))].split("\x1f")
        found[platform, kind_group] = post_variance(rows["unit"], rows["log"])
    return found


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    encoded = pc.dictionary_encode(column).combine_chunks()
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64), encoded.dictionary.to_pylist()


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


def post_variance(creator: pd.Series, log_rate: pd.Series) -> float:
    """The variance of log rates between posts of one creator, pooled; NaN when nobody has two posts."""
    table = pd.DataFrame({"creator": creator.to_numpy(), "log": log_rate.to_numpy(np.float64)})
    table = table[np.isfinite(table["log"])]
    centered = table["log"] - table.groupby("creator")["log"].transform("mean")
    freedom = len(table) - table["creator"].nunique()
    return float((centered**2).sum() / freedom) if freedom > 0 else math.nan
