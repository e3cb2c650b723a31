"""What a rate typically is: not who is ahead, but how high everybody stands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import stdtrit

from creator_tiers.comparison.arms import Arm
from creator_tiers.comparison.intervals import LEVEL, NO_VARIANCE
from creator_tiers.comparison.rates import ARMS, frame_of
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL
from creator_tiers.weeks import Week

ALL = "all"
LEVEL_SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("platform", pa.string()),
        ("kind_group", pa.string()),
        ("metric", pa.string()),
        ("tier", pa.string()),
        ("creators", pa.int64()),
        ("posts", pa.int64()),
        ("geometric_mean", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("mean", pa.float64()),
        ("median", pa.float64()),
        ("lower_quartile", pa.float64()),
        ("upper_quartile", pa.float64()),
    ]
)
"""The columns of `marts.tier_rates`. Rates per follower, account reached or view."""


def tier_rates(posts: pa.Table, week: Week) -> pa.Table:
    """The level of each rate by tier, side of tiers, and over `all` creators.

    Args:
        posts: the posts of the week's comparison.
        week: the week.

    Returns:
        A table of `LEVEL_SCHEMA`. With fewer than three creators only the counts are known; without any spread there
        is no interval.
    """
    frame = frame_of(posts)
    records: list[dict[str, Any]] = []
    for arms in (frame.arms("all"), frame.everybody(ALL)):
        for (group, metric, name), one in arms.items():
            platform, kind_group = frame.groups[group]
            records.append(
                {
                    "week_start": week.monday,
                    "platform": platform,
                    "kind_group": kind_group,
                    "metric": metric,
                    "tier": name,
                    **_level(one),
                }
            )
    order = {name: place for place, name in enumerate((*ARMS, ALL))}
    records.sort(key=lambda row: (row["platform"], row["kind_group"], row["metric"], order[row["tier"]]))
    return pa.Table.from_pylist(records, schema=LEVEL_SCHEMA)


def _level(arm: Arm) -> dict[str, Any]:
    counts: dict[str, Any] = {"creators": int(arm.logs.size), "posts": arm.posts}
    n = arm.logs.size
    if n < FEWEST_FOR_INTERVAL:
        return counts
    center, variance = float(arm.moments.mean), float(arm.moments.variance)
    lower, middle, upper = np.quantile(arm.logs, [0.25, 0.5, 0.75])
    reach = (
        float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * math.sqrt(variance / n) if variance > NO_VARIANCE else None
    )
    return {
        **counts,
        "geometric_mean": _rounded(math.exp(center)),
        "low": None if reach is None else _rounded(math.exp(center - reach)),
        "high": None if reach is None else _rounded(math.exp(center + reach)),
        "mean": _rounded(arm.mean_ratio),
        "median": _rounded(math.exp(middle)),
        "lower_quartile": _rounded(math.exp(lower)),
        "upper_quartile": _rounded(math.exp(upper)),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")
