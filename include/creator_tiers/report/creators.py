"""Creators to look at, and creators with problems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from creator_tiers.report.inputs import Row, count, number, text
from creator_tiers.report.wording import group_name, tier_rank

MOST_RANKED = 5
"""Creators of a league that a report shows."""
MOST_TROUBLED = 100
"""Accounts with problems that a report carries."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A creator in the league of a platform, kind group and tier (`marts.creator_league`)."""

    platform: str
    kind_group: str
    where: str
    metric: str
    tier: str
    creator_key: str
    name: str | None
    posts: int
    rate: float | None
    shrunk: float | None
    low: float | None
    high: float | None
    rank: int | None
    raw_rank: int
    creators: int

    @property
    def shown_name(self) -> str:
        """The creator as people write it."""
        return self.name or self.creator_key


@dataclass(frozen=True, slots=True)
class Problem:
    """How often an audit names an account."""

    account_key: str
    problem: str
    n: int


def build_league(rows: Iterable[Row]) -> tuple[Ranked, ...]:
    """The first of each league, by the shrunken rate (by the raw one where nothing could be shrunk)."""
    found = [_ranked(row) for row in rows]
    found.sort(
        key=lambda one: (one.platform, one.kind_group, tier_rank(one.tier), _place(one), one.creator_key)
    )
    kept: dict[tuple[str, str, str], int] = {}
    shown = []
    for one in found:
        league = (one.platform, one.kind_group, one.tier)
        kept[league] = kept.get(league, 0) + 1
        if kept[league] <= MOST_RANKED:
            shown.append(one)
    return tuple(shown)


def build_problems(rows: Iterable[Row]) -> tuple[Problem, ...]:
    """Accounts with the most kinds of problems first, then by how many."""
    found = [
        Problem(text(row, "account_key") or "?", text(row, "problem") or "?", count(row, "n")) for row in rows
    ]
    kinds: dict[str, int] = {}
    totals: dict[str, int] = {}
    for one in found:
        kinds[one.account_key] = kinds.get(one.account_key, 0) + 1
        totals[one.account_key] = totals.get(one.account_key, 0) + one.n
    found.sort(
        key=lambda one: (-kinds[one.account_key], -totals[one.account_key], one.account_key, one.problem)
    )
    return tuple(found[:MOST_TROUBLED])


def _place(one: Ranked) -> tuple[bool, int]:
    return (one.rank is None, one.rank if one.rank is not None else one.raw_rank)


def _ranked(row: Row) -> Ranked:
    platform, kind_group = text(row, "platform") or "?", text(row, "kind_group") or ""
    return Ranked(
        platform=platform,
        kind_group=kind_group,
        where=group_name(platform, kind_group),
        metric=text(row, "metric") or "",
        tier=text(row, "tier") or "?",
        creator_key=text(row, "creator_key") or "?",
        name=text(row, "name"),
        posts=count(row, "posts"),
        rate=number(row, "rate"),
        shrunk=number(row, "shrunk"),
        low=number(row, "low"),
        high=number(row, "high"),
        rank=None if row.get("rank") is None else count(row, "rank"),
        raw_rank=count(row, "raw_rank"),
        creators=count(row, "creators"),
    )
