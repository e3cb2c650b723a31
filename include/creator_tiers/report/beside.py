"""What stands beside the numbers: published values, other ways to ask, and what earlier reports said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from creator_tiers.comparison.benchmarks import DEFINITIONS, load_benchmarks
from creator_tiers.report.conversions import MAILED, Campaign
from creator_tiers.report.inputs import Row, count, number, text
from creator_tiers.report.wording import group_name, platform_name, primary_metric

TIERS = ("nano", "micro", "mid", "macro", "mega")
SAME = ("geometric_means", "bootstrap_t", "medians")
"""Variants that are no other answer: the claim's own, and other intervals about a ratio that is there already."""
MOVED = 1e-9
"""Figures that differ by less than this share are the same."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published value beside the user's own. `differs` says why the two are not the same thing; None: they are."""

    platform: str
    where: str
    publisher: str
    report: str
    year: int
    subject: str
    value: float
    definition: str
    url: str
    metric: str
    ours: float | None
    ours_of: str
    differs: str | None


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to ask a claim's question (`marts.sensitivity`)."""

    variant: str
    name: str
    estimate: float | None
    low: float | None
    high: float | None
    is_agreeing: bool | None


@dataclass(frozen=True, slots=True)
class Strip:
    """The ways to ask one claim in one scope: how many of the others (not `SAME`) agree with it, of how many."""

    claim_id: str
    scope: str
    metric: str
    agreeing: int
    asked: int
    variants: tuple[Variant, ...]

    def named(self, name: str) -> Variant | None:
        """A variant by its name."""
        return next((one for one in self.variants if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Stratified:
    """Inside strata beside all in one heap (`marts.stratified_comparison`)."""

    platform: str
    kind_group: str
    where: str
    strata_of: str
    metric: str
    tier_a: str
    tier_b: str
    stratified: float | None
    stratified_low: float | None
    stratified_high: float | None
    pooled: float | None
    adjusted: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    strata: int
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure of a closed campaign that is another now than when it was reported."""

    campaign_key: str
    measure: str
    week: str
    old: float | None
    new: float | None
    currency: str | None


def build_published(rates: Sequence[Row]) -> tuple[Published, ...]:
    """Every published value of a platform that the user has data of, same definitions first."""
    platforms = {text(row, "platform") for row in rates}
    found = []
    for one in load_benchmarks():
        if one.platform not in platforms:
            continue
        same = [metric for metric in DEFINITIONS if one.difference(metric) is None]
        near = [metric for metric, (_, below) in DEFINITIONS.items() if below == one.denominator]
        metric = (same or near or [primary_metric(one.platform)])[0]
        tier = one.subject if one.subject in TIERS else "all"
        ours = _level(rates, one.platform, metric, tier, "median" if "median" in one.statistic else "mean")
        found.append(
            Published(
                platform=one.platform,
                where=platform_name(one.platform),
                publisher=one.publisher,
                report=one.report,
                year=one.year,
                subject=one.subject,
                value=one.value,
                definition=f"({one.numerator}) / {one.denominator}, {one.statistic}",
                url=one.url,
                metric=metric,
                ours=ours,
                ours_of="all creators" if tier == "all" else f"{tier} creators",
                differs=one.difference(metric),
            )
        )
    found.sort(key=lambda one: (one.differs is not None, one.platform, -one.year, one.publisher, one.subject))
    return tuple(found)


def _level(rates: Sequence[Row], platform: str, metric: str, tier: str, statistic: str) -> float | None:
    """The value of the platform's first kind group that has the metric (YouTube: videos before Shorts)."""
    rows = [
        row
        for row in rates
        if (row.get("platform"), row.get("metric"), row.get("tier")) == (platform, metric, tier)
        and row.get("kind_group") != "short"
    ]
    return number(rows[0], statistic) if rows else None


def build_strips(rows: Sequence[Row]) -> tuple[Strip, ...]:
    """One strip a claim, scope and metric, in the register's order."""
    keys = list(dict.fromkeys((text(r, "claim_id"), text(r, "scope"), text(r, "metric")) for r in rows))
    strips = []
    for key in keys:
        same = [
            row for row in rows if (text(row, "claim_id"), text(row, "scope"), text(row, "metric")) == key
        ]
        variants = tuple(
            Variant(
                variant=text(row, "variant") or "",
                name=text(row, "name") or "",
                estimate=number(row, "estimate"),
                low=number(row, "low"),
                high=number(row, "high"),
                is_agreeing=None if row.get("is_agreeing") is None else row["is_agreeing"] is True,
            )
            for row in same
        )
        judged = [one.is_agreeing for one in variants if one.is_agreeing is not None and one.name not in SAME]
        strips.append(Strip(key[0] or "?", key[1] or "?", key[2] or "", sum(judged), len(judged), variants))
    return tuple(sorted(strips, key=lambda one: (len(one.claim_id), one.claim_id)))


def build_stratified(rows: Iterable[Row]) -> tuple[Stratified, ...]:
    """Micro/mega and small/rest, over all platforms first."""
    numbers = (
        *("stratified", "stratified_low", "stratified_high", "pooled"),
        *("adjusted", "adjusted_low", "adjusted_high"),
    )
    found = [
        Stratified(
            platform=text(row, "platform") or "?",
            kind_group=text(row, "kind_group") or "",
            where=_where(text(row, "platform") or "?", text(row, "kind_group") or ""),
            strata_of=text(row, "strata_of") or "",
            metric=text(row, "metric") or "",
            tier_a=text(row, "tier_a") or "",
            tier_b=text(row, "tier_b") or "",
            strata=count(row, "strata"),
            is_reversed=row.get("is_reversed") is True,
            **{name: number(row, name) for name in numbers},
        )
        for row in rows
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: (one.platform != "all", one.platform, one.kind_group, one.metric, one.tier_a),
        )
    )


def _where(platform: str, kind_group: str) -> str:
    return "All platforms" if platform == "all" else group_name(platform, kind_group)


def build_restated(mailed: Iterable[Row], campaigns: Sequence[Campaign]) -> tuple[Restated, ...]:
    """The figures that an earlier report gave as final and that are another, or gone, now."""
    now = {one.campaign_key: one for one in campaigns}
    found = []
    for row in mailed:
        key, measure, old = text(row, "campaign_key") or "", text(row, "measure") or "", number(row, "value")
        one = now.get(key)
        new = getattr(one, measure) if one is not None and measure in MAILED else None
        if _is_same(old, new):
            continue
        currency = (
            (text(row, "currency") or (one.currency if one else None)) if measure == "revenue_net" else None
        )
        found.append(Restated(key, measure, text(row, "week") or "?", old, new, currency))
    return tuple(found)


def _is_same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return abs(new - old) <= MOVED * max(abs(old), abs(new))
