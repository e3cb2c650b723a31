"""Shrunken league tables: a creator with three posts should not top a list by luck.

The normal-normal model on log rates (Efron and Morris, JASA 70, 1975): a creator's mean of m posts has the error
s^2 / m about what is the creator's own, which varies with tau^2 about the group's mean.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from creator_tiers.comparison.stratified import tau_squared

Z = 1.959963984540054


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
