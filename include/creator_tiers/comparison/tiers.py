"""Every pair of tiers, on every platform, kind group and metric, in one week's comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import combinations

import numpy as np
import pyarrow as pa

from creator_tiers.comparison.arms import EMPTY, Arm
from creator_tiers.comparison.claims import Claim, expectation_of, load_claims
from creator_tiers.comparison.coded import DENOMINATORS, METRICS, TIERS
from creator_tiers.comparison.intervals import (
    FloatArray,
    Interval,
    Moments,
    sequential_interval,
    welch_interval,
)
from creator_tiers.comparison.power import Size, needed_more, pooled_sd
from creator_tiers.comparison.rates import SUBSETS, Frame, frame_of
from creator_tiers.comparison.robustness import ESTIMATORS, is_fragile, strip
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL, HIGHER, Expectation, Verdict, decide
from creator_tiers.weeks import Week

METHOD = "ratio of geometric means of creator rates, Welch on logs, t-mixture confidence sequence; version 2"
PAIRS = (*combinations(TIERS, 2), ("small", "rest"))
"""The ten pairs, the smaller tier first, and the pooled one."""

COMPARISON_SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("platform", pa.string()),
        ("kind_group", pa.string()),
        ("metric", pa.string()),
        ("tier_a", pa.string()),
        ("tier_b", pa.string()),
        ("estimate", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("verdict_low", pa.float64()),
        ("verdict_high", pa.float64()),
        ("creators_a", pa.int64()),
        ("creators_b", pa.int64()),
        ("posts_a", pa.int64()),
        ("posts_b", pa.int64()),
        ("verdict", pa.string()),
        ("needed_more", pa.string()),
        ("is_fragile", pa.bool_()),
        ("method", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("scheme", pa.string()),
        ("subset", pa.string()),
        ("needed_more_weekly", pa.string()),
        ("needed_more_once", pa.string()),
        ("sd_a", pa.float64()),
        ("sd_b", pa.float64()),
        *((name, pa.float64()) for name in ESTIMATORS),
    ]
)
"""The columns of `marts.tier_comparison`, then the extra ones. Ratios are a / b; sd_* are of natural logs."""


@dataclass(frozen=True, slots=True)
class _Row:
    group: tuple[str, str]
    metric: str
    subset: str
    pair: tuple[str, str]
    a: Arm
    b: Arm
    missing: str | None


def compare_tiers(
    posts: pa.Table, week: Week, scheme: str, claims: Sequence[Claim] | None = None
) -> pa.Table:
    """All tier pairs of a week.

    A row is a platform, kind group, metric and pair. The metrics are also compared over branded posts and over
    own posts alone, as metrics of their own with the suffix `_branded` and `_own` (`subset` tells them apart too).

    Args:
        posts: the posts eligible for the week (see `coded.coded`).
        week: the week; the rows are as of its end.
        scheme: the name of the tier scheme that gave the posts their tier.
        claims: the register that gives claimed sizes; the product's own when not given.

    Returns:
        A table of `COMPARISON_SCHEMA`, sorted by platform, kind group, metric and pair. An unbounded interval is NULL.

    Raises:
        MissingColumnError: the posts lack a column.
    """
    known = load_claims() if claims is None else claims
    frame = frame_of(posts)
    rows = [row for subset in SUBSETS for row in _rows(frame, subset)]
    moments_a, moments_b = _moments([row.a for row in rows]), _moments([row.b for row in rows])
    once, always = welch_interval(moments_a, moments_b), sequential_interval(moments_a, moments_b)
    records = [
        {
            "week_start": week.monday,
            "as_of": week.ends_at.astimezone(UTC).replace(tzinfo=None),
            "scheme": scheme,
            "method": METHOD,
            **_judged(row, _at(once, index), _at(always, index), known),
        }
        for index, row in enumerate(rows)
    ]
    records.sort(key=lambda one: (one["platform"], one["kind_group"], one["metric"]))
    return pa.Table.from_pylist(records, schema=COMPARISON_SCHEMA)


def _rows(frame: Frame, subset: str) -> list[_Row]:
    arms = frame.arms(subset)
    groups = sorted({group for group, _, _ in arms}) if subset != "all" else range(len(frame.groups))
    return [
        _Row(
            frame.groups[group],
            metric,
            subset,
            pair,
            arms.get((group, metric, pair[0]), EMPTY),
            arms.get((group, metric, pair[1]), EMPTY),
            _missing(frame, arms, group, metric) if subset == "all" else None,
        )
        for group in groups
        for metric in METRICS
        if subset == "all" or any((group, metric, tier) in arms for tier in TIERS)
        for pair in PAIRS
    ]


def _missing(frame: Frame, arms: Mapping[tuple[int, str, str], Arm], group: int, metric: str) -> str | None:
    """The input without which a metric cannot be compared at all."""
    if (group, metric) not in frame.measured:
        return f"posts with engagements_core_settled and {DENOMINATORS[metric]}"
    if not any((group, metric, tier) in arms for tier in TIERS):
        return "follower counts of the accounts"
    return None


def _moments(arms: list[Arm]) -> Moments:
    each = [arm.moments for arm in arms]
    return Moments(
        np.array([one.n for one in each], dtype=np.float64),
        np.array([one.mean for one in each], dtype=np.float64),
        np.array([one.variance for one in each], dtype=np.float64),
    )


def _at(interval: Interval, index: int) -> tuple[float, float, float]:
    def one(values: FloatArray) -> float:
        return float(values[index])

    return one(interval.estimate), one(interval.low), one(interval.high)


def _judged(
    row: _Row,
    once: tuple[float, float, float],
    always: tuple[float, float, float],
    claims: Sequence[Claim],
) -> dict[str, object]:
    n_a, n_b = row.a.logs.size, row.b.logs.size
    sd_a, sd_b = _sd(row.a), _sd(row.b)
    if not (row.a.engagements or row.b.engagements):  # the offset alone makes neither a ratio nor a spread
        once = always = (math.nan, math.nan, math.nan)
        sd_a = sd_b = math.nan
    shown = min(n_a, n_b) >= FEWEST_FOR_INTERVAL and not math.isnan(once[0])
    expectation = HIGHER
    if row.subset == "all":
        expectation = expectation_of(claims, *row.group, row.metric, row.pair)
    estimators = strip(row.a, row.b) if shown else {}
    verdict, needed, once_only = _verdict(row, once[0], always, expectation, (sd_a, sd_b))
    bounded = shown and math.isfinite(always[2])
    return {
        "platform": row.group[0],
        "kind_group": row.group[1],
        "metric": row.metric if row.subset == "all" else f"{row.metric}_{row.subset}",
        "tier_a": row.pair[0],
        "tier_b": row.pair[1],
        "estimate": once[0] if shown else None,
        "ci_low": once[1] if shown else None,
        "ci_high": once[2] if shown else None,
        "verdict_low": always[1] if bounded else None,
        "verdict_high": always[2] if bounded else None,
        "creators_a": n_a,
        "creators_b": n_b,
        "posts_a": row.a.posts,
        "posts_b": row.b.posts,
        "verdict": verdict.value,
        "needed_more": needed,
        "is_fragile": is_fragile(once[0], estimators) if shown else None,
        "subset": row.subset,
        "needed_more_weekly": needed,
        "needed_more_once": once_only,
        "sd_a": None if math.isnan(sd_a) else sd_a,
        "sd_b": None if math.isnan(sd_b) else sd_b,
        **{name: None if math.isnan(value) else value for name, value in estimators.items()},
    }


def _verdict(
    row: _Row,
    estimate: float,
    always: tuple[float, float, float],
    expectation: Expectation,
    sds: tuple[float, float],
) -> tuple[Verdict, str | None, str | None]:
    if row.missing is not None:
        return Verdict.NOT_TESTABLE, row.missing, None
    n_a, n_b = row.a.logs.size, row.b.logs.size
    verdict = decide(always[1], always[2], expectation)
    if verdict is not Verdict.NOT_ENOUGH_EVIDENCE:
        return verdict, None, None
    sd = pooled_sd(n_a, sds[0], n_b, sds[1])
    return verdict, *needed_more(Size(n_a, n_b), sd, row.pair, expectation, estimate)


def _sd(arm: Arm) -> float:
    return math.sqrt(arm.moments.variance) if arm.logs.size > 1 else math.nan
