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
import pyarrow.compute as pc

from creator_tiers.comparison.adjusting import NONE, adjusted_ratio
from creator_tiers.comparison.intervals import FEWEST_FOR_INTERVAL, Moments, log_moments, welch_interval
from creator_tiers.comparison.rates import MEASURED, METRICS, Arm, frame_of
from creator_tiers.comparison.stratified import pool
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
    tiered = posts.filter(pc.is_valid(posts["tier"]))
    records = list(_over(tiered, ALL, ALL, "platform"))
    if "niche" in posts.column_names:
        groups = tiered.group_by(["platform", "kind_group"], use_threads=False).aggregate([])
        for group in sorted(groups.to_pylist(), key=lambda one: (one["platform"], one["kind_group"])):
            platform, kind_group = group["platform"], group["kind_group"]
            part = tiered.filter(
                pc.and_(pc.equal(tiered["platform"], platform), pc.equal(tiered["kind_group"], kind_group))
            )
            records += _over(part, platform, kind_group, "niche")
    found = [{"week_start": week.monday, **record} for record in records]
    return pa.Table.from_pylist(found, schema=STRATIFIED_SCHEMA)


def _over(posts: pa.Table, platform: str, kind_group: str, strata_of: str) -> Iterator[dict[str, Any]]:
    stratified = posts
    if strata_of == "niche":  # a niche in the place of the platform makes the same strata
        index = posts.schema.get_field_index("platform")
        stratified = posts.set_column(index, "platform", pc.cast(posts["niche"], pa.string()))
    arms = _arms(stratified)
    where = {"platform": platform, "kind_group": kind_group, "strata_of": strata_of}
    for metric in METRICS:
        for pair in PAIRS:
            found = _alarm(arms, metric, pair)
            if found is None:
                continue
            adjusted = NONE
            if pair == PAIRS[0] and metric == MEASURED.get(platform, "er_views_settled"):
                is_all = platform == ALL
                place = (None if is_all else platform, None if is_all else kind_group)
                adjusted = adjusted_ratio(posts, metric, place[0], place[1], pair)
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
    return _alarm(_arms(posts), metric, pair)


_Arms = Mapping[tuple[int, str, str], Arm]


def _arms(posts: pa.Table) -> _Arms:
    return frame_of(posts, ("all",)).arms("all")


def _alarm(arms: _Arms, metric: str, pair: tuple[str, str]) -> dict[str, Any] | None:
    groups = sorted({group for group, _, _ in arms})
    both = [
        (arms[group, metric, pair[0]], arms[group, metric, pair[1]])
        for group in groups
        if all((group, metric, side) in arms and arms[group, metric, side].logs.size >= 2 for side in pair)
    ]
    if len(both) < 2:
        return None
    a, b = (_stacked([one[side] for one in both]) for side in (0, 1))
    heaps = [np.concatenate([one[side].logs for one in both]) for side in (0, 1)]
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


def _stacked(arms: Sequence[Arm]) -> Moments:
    each = [log_moments(arm.logs) for arm in arms]
    return Moments(
        *(np.array([float(getattr(one, name)) for one in each]) for name in ("n", "mean", "variance"))
    )


def _known(value: Any) -> Any:
    """A number to `SHOWN_DIGITS` digits, None where there is none; anything else as it is."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.{SHOWN_DIGITS}g}") if math.isfinite(value) else None
