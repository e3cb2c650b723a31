"""The comparison, platform by platform: what each finds, its chart's rows, and the table behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL
from creator_tiers.report.inputs import Cell, Row, count, flag, number, text
from creator_tiers.report.sentences import Fact, sentence
from creator_tiers.report.wording import (
    PLATFORMS,
    Verdict,
    group_name,
    group_place,
    is_over_all_posts,
    measure,
    outcome_of,
    platform_name,
    primary_metric,
    tier_rank,
)

if TYPE_CHECKING:
    from creator_tiers.report.claims import Claim

KEY_PAIR = ("micro", "mega")


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of `marts.tier_comparison`; `estimate` is tier_a over tier_b."""

    platform: str
    kind_group: str
    metric: str
    tier_a: str
    tier_b: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    verdict_low: float | None
    verdict_high: float | None
    creators_a: int
    creators_b: int
    posts_a: int
    posts_b: int
    verdict: str
    needed_more: str | None
    needed_more_weekly: str | None
    is_fragile: bool | None
    method: str | None

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What makes the row the same one in another week."""
        return (self.platform, self.kind_group, self.metric, self.tier_a, self.tier_b)

    @property
    def cell(self) -> str:
        """The name by which `creator-tiers trace` finds the ratio."""
        return f"{self.platform}/{self.kind_group}/{self.metric}/{self.tier_a}-{self.tier_b}"

    @property
    def is_key_pair(self) -> bool:
        """Whether it compares micro with mega."""
        return (self.tier_a, self.tier_b) == KEY_PAIR

    @property
    def is_drawable(self) -> bool:
        """Whether a chart can show it: an estimate with both ends of an interval, all above 0."""
        return all(value is not None and value > 0 for value in (self.estimate, self.ci_low, self.ci_high))

    @property
    def outcome(self) -> Verdict:
        """How the row's verdict is shown in tables and charts."""
        return outcome_of(self.verdict, self.tier_a, self.tier_b)

    def fact(self) -> Fact:
        """The row as something to say in a sentence."""
        return Fact(
            place=group_place(self.platform, self.kind_group),
            metric=self.metric,
            first=self.tier_a,
            second=self.tier_b,
            verdict=self.verdict,
            estimate=self.estimate,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            verdict_low=self.verdict_low,
            verdict_high=self.verdict_high,
            n_first=self.creators_a,
            n_second=self.creators_b,
            needed_more=self.needed_more,
            needed_more_weekly=self.needed_more_weekly,
            lead=self.outcome.word,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """A platform's kind group: its main metric's rows (all pairs), and micro/mega by its other metrics."""

    kind_group: str
    name: str
    metric: str
    measure: str
    finding: str
    pairs: tuple[Pair, ...]
    other_measures: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A forest plot: its file inside the report's folder, its text alternative, how many rows it draws."""

    file: str
    alt: str
    rows_drawn: int


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's part of the report. `chart` is None where there is nothing to draw; `empty` says why."""

    platform: str
    name: str
    groups: tuple[Group, ...]
    chart: Chart | None
    empty: str | None


@dataclass(frozen=True, slots=True)
class TierRow:
    """Creators of one tier on one platform and kind group; `means` holds any mean rates given."""

    platform: str
    kind_group: str
    name: str
    tier: str
    creators: int
    posts: int
    means: dict[str, Cell]


def build_pairs(rows: Iterable[Row]) -> tuple[Pair, ...]:
    """The comparison's rows in the report's order: platform, kind group, main metric first, tiers by size."""
    pairs = [
        Pair(
            platform=text(row, "platform") or "unknown",
            kind_group=text(row, "kind_group") or "",
            metric=text(row, "metric") or "",
            tier_a=text(row, "tier_a") or "",
            tier_b=text(row, "tier_b") or "",
            estimate=number(row, "estimate"),
            ci_low=number(row, "ci_low"),
            ci_high=number(row, "ci_high"),
            verdict_low=number(row, "verdict_low"),
            verdict_high=number(row, "verdict_high"),
            creators_a=count(row, "creators_a"),
            creators_b=count(row, "creators_b"),
            posts_a=count(row, "posts_a"),
            posts_b=count(row, "posts_b"),
            verdict=text(row, "verdict") or "not_testable",
            needed_more=text(row, "needed_more"),
            needed_more_weekly=text(row, "needed_more_weekly"),
            is_fragile=flag(row, "is_fragile"),
            method=text(row, "method"),
        )
        for row in rows
    ]
    return tuple(sorted(pairs, key=_pair_rank))


def build_platforms(
    pairs: Sequence[Pair], claims: Sequence[Claim], tier_rows: Sequence[Row]
) -> tuple[Platform, ...]:
    """A part for each platform that the comparison or the creators' counts know."""
    names = {pair.platform for pair in pairs} | {text(row, "platform") or "unknown" for row in tier_rows}
    return tuple(
        _platform(name, [pair for pair in pairs if pair.platform == name], claims)
        for name in sorted(names, key=_platform_rank)
    )


def build_tiers(rows: Iterable[Row]) -> tuple[TierRow, ...]:
    """Creators and posts per tier, in the report's order."""
    tiers = [
        TierRow(
            platform=text(row, "platform") or "unknown",
            kind_group=text(row, "kind_group") or "",
            name=group_name(text(row, "platform") or "unknown", text(row, "kind_group") or ""),
            tier=text(row, "tier") or "unknown",
            creators=count(row, "creators"),
            posts=count(row, "posts"),
            means={name: row[name] for name in sorted(row) if name.startswith("mean_")},
        )
        for row in rows
    ]
    return tuple(
        sorted(
            tiers,
            key=lambda row: (_platform_rank(row.platform), _group_rank(row.kind_group), tier_rank(row.tier)),
        )
    )


def _platform(platform: str, pairs: Sequence[Pair], claims: Sequence[Claim]) -> Platform:
    name = platform_name(platform)
    kind_groups = sorted({pair.kind_group for pair in pairs}, key=_group_rank)
    groups = tuple(
        _group(platform, kind, [pair for pair in pairs if pair.kind_group == kind], claims)
        for kind in kind_groups
    )
    drawn = sum(pair.is_drawable for group in groups for pair in group.pairs)
    if drawn:
        alt = f"Forest plot, {name}. " + " ".join(group.finding for group in groups)
        return Platform(platform, name, groups, Chart(f"charts/{_file_stem(platform)}.png", alt, drawn), None)
    empty = (
        f"Nothing to draw for {name} yet: no two tiers have at least {FEWEST_FOR_INTERVAL} creators each "
        "with settled posts in the window that have the measure."
    )
    return Platform(platform, name, groups, None, empty)


def _group(platform: str, kind_group: str, pairs: Sequence[Pair], claims: Sequence[Claim]) -> Group:
    available = {pair.metric for pair in pairs}
    wanted = primary_metric(platform)
    metric = wanted if wanted in available else min(available)
    main = tuple(pair for pair in pairs if pair.metric == metric)
    key = next((pair for pair in main if pair.is_key_pair), None)
    claim = next((c for c in claims if key is not None and c.is_about(key)), None)
    if claim is not None:
        finding = sentence(claim.fact())
    elif key is not None:
        finding = sentence(key.fact())
    else:
        finding = f"{group_name(platform, kind_group)}: micro and mega creators were not compared."
    return Group(
        kind_group=kind_group,
        name=group_name(platform, kind_group),
        metric=metric,
        measure=measure(metric),
        finding=finding,
        pairs=main,
        other_measures=tuple(pair for pair in pairs if _is_other_measure(pair, metric)),
    )


def _is_other_measure(pair: Pair, main: str) -> bool:
    """Micro/mega by another denominator that has data, or by the main one over branded or own posts alone."""
    is_comparable = is_over_all_posts(pair.metric) or pair.metric.startswith(f"{main}_")
    return pair.is_key_pair and pair.metric != main and is_comparable and pair.verdict != "not_testable"


def _pair_rank(pair: Pair) -> tuple[object, ...]:
    return (
        _platform_rank(pair.platform),
        _group_rank(pair.kind_group),
        pair.metric != primary_metric(pair.platform),
        not is_over_all_posts(pair.metric),
        pair.metric,
        not pair.is_key_pair,
        pair.tier_a == "small",
        tier_rank(pair.tier_a),
        tier_rank(pair.tier_b),
    )


def _platform_rank(platform: str) -> tuple[int, str]:
    order = list(PLATFORMS)
    return (order.index(platform) if platform in order else len(order), platform)


def _group_rank(kind_group: str) -> tuple[bool, str]:
    return (kind_group == "short", kind_group)


def _file_stem(platform: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in platform) or "_"
