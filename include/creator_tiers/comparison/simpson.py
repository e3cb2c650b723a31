"""Simpson's alarm: all creators in one heap may say the opposite of what every platform, or every niche, says.

A table a week: the ratio inside strata, pooled over them, beside the ratio of the heap, and beside both the one that is
adjusted for kind, niche and month. Where heap and strata name different winners the stratified one is the headline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from creator_tiers.comparison.adjusting import NONE, adjusted_ratio
from creator_tiers.comparison.arms import Arms
from creator_tiers.comparison.coded import MEASURED, METRICS, coded
from creator_tiers.comparison.intervals import FloatArray, Moments, log_moments, welch_interval
from creator_tiers.comparison.rates import frame_of
from creator_tiers.comparison.stratified import pool
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL
from creator_tiers.weeks import Week

PAIRS = (("micro", "mega"), ("small", "rest"))
ALL = "all"
SHOWN_DIGITS = 12
"""The order in which rows come may change the last digits of a sum, never a figure."""

STRATIFIED_SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("platform", pa.string()),
        ("kind_group", pa.string()),
        ("strata_of", pa.string()),
        ("metric", pa.string()),
        ("tier_a", pa.string()),
        ("tier_b", pa.string()),
        ("stratified", pa.float64()),
        ("stratified_low", pa.float64()),
        ("stratified_high", pa.float64()),
        ("pooled", pa.float64()),
        ("pooled_low", pa.float64()),
        ("pooled_high", pa.float64()),
        ("adjusted", pa.float64()),
        ("adjusted_low", pa.float64()),
        ("adjusted_high", pa.float64()),
        ("strata", pa.int64()),
        ("creators_a", pa.int64()),
        ("creators_b", pa.int64()),
        ("is_reversed", pa.bool_()),
    ]
)
"""The columns of `marts.stratified_comparison`."""


def stratified_comparison(posts: pa.Table, week: Week) -> pa.Table:
    """Micro/mega and small/rest: over all platforms, stratified by platform and kind; inside each, by niche.

    Args:
        posts: the posts of the week's comparison; `niche`, `kind` and `published_at` are used where they are there.
        week: the week.

    Returns:
        A table of `STRATIFIED_SCHEMA`, without a row where fewer than two strata have two creators in each tier, or
        fewer than three creators are in an arm.
    """
    known = coded(posts)
    arms = frame_of(posts).arms("all")
    records = list(_over(posts, arms, range(len(known.groups)), (ALL, ALL), "platform"))
    if known.niche is not None:
        niches = len(known.niche.names)
        strata = frame_of(posts).strata(np.where(known.niche.is_known, known.niche.code, -1), niches)
        for place in sorted(known.groups):
            first = known.groups.index(place) * niches
            records += _over(posts, strata, range(first, first + niches), place, "niche")
    found = [{"week_start": week.monday, **record} for record in records]
    return pa.Table.from_pylist(found, schema=STRATIFIED_SCHEMA)


def _over(
    posts: pa.Table, arms: Arms, strata: range, place: tuple[str, str], strata_of: str
) -> Iterator[dict[str, Any]]:
    where = {"platform": place[0], "kind_group": place[1], "strata_of": strata_of}
    for metric in METRICS:
        for pair in PAIRS:
            found = _alarm(arms, strata, metric, pair)
            if found is None:
                continue
            adjusted = NONE
            if pair == PAIRS[0] and metric == MEASURED.get(place[0], "er_views_settled"):
                platform, kind_group = (None, None) if place[0] == ALL else place
                adjusted = adjusted_ratio(posts, metric, platform, kind_group, pair)
            limits = {
                "adjusted": adjusted.value,
                "adjusted_low": adjusted.low,
                "adjusted_high": adjusted.high,
            }
            numbers = {**found, **limits}
            yield {**where, **{name: _known(value) for name, value in numbers.items()}}


def simpson(posts: pa.Table, metric: str, pair: tuple[str, str]) -> Mapping[str, Any] | None:
    """Stratified by platform and kind group, and all creators in one heap: when they name different winners, say so.

    Returns:
        `metric, tier_a, tier_b, stratified, stratified_low, stratified_high, pooled, pooled_low, pooled_high, strata,
        creators_a, creators_b, is_reversed` (then the stratified one is the headline); None with fewer than two strata
        or three creators in an arm.
    """
    frame = frame_of(posts)
    return _alarm(frame.arms("all"), range(len(frame.groups)), metric, pair)


def _alarm(arms: Arms, strata: range, metric: str, pair: tuple[str, str]) -> dict[str, Any] | None:
    sides = ([arms.logs((group, metric, side)) for group in strata] for side in pair)
    both = [one for one in zip(*sides, strict=True) if min(one[0].size, one[1].size) >= 2]
    if len(both) < 2:
        return None
    a, b = (_stacked([one[side] for one in both]) for side in (0, 1))
    heaps = [np.concatenate([one[side] for one in both]) for side in (0, 1)]
    if min(heap.size for heap in heaps) < FEWEST_FOR_INTERVAL:
        return None
    inside = pool(a, b, (heaps[0].size, heaps[1].size))
    heap = welch_interval(log_moments(heaps[0]), log_moments(heaps[1]))
    if math.isnan(inside.estimate) or math.isnan(float(heap.estimate)) or inside.strata < 2:
        return None
    return {
        "metric": metric,
        "tier_a": pair[0],
        "tier_b": pair[1],
        "stratified": inside.estimate,
        "stratified_low": inside.ci[0],
        "stratified_high": inside.ci[1],
        "pooled": float(heap.estimate),
        "pooled_low": float(heap.low),
        "pooled_high": float(heap.high),
        "strata": inside.strata,
        "creators_a": int(heaps[0].size),
        "creators_b": int(heaps[1].size),
        "is_reversed": (inside.estimate > 1) != (float(heap.estimate) > 1),
    }


def _stacked(arms: Sequence[FloatArray]) -> Moments:
    each = [log_moments(logs) for logs in arms]
    return Moments(
        *(np.array([float(getattr(one, name)) for one in each]) for name in ("n", "mean", "variance"))
    )


def _known(value: Any) -> Any:
    """A number to `SHOWN_DIGITS` digits, None where there is none; anything else as it is."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.{SHOWN_DIGITS}g}") if math.isfinite(value) else None
