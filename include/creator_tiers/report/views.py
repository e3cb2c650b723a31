"""Small rearrangements of the model that the page and the text share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from creator_tiers.report.claims import Claim
from creator_tiers.report.platforms import Group, Pair, TierRow
from creator_tiers.report.wording import count_text, tier_rank

MOST_LISTED = 8
"""Entries of a list of troubles in the page; the CSV files and the JSON have more."""


@dataclass(frozen=True, slots=True)
class TierMatrix:
    """Tiers as columns, kinds of posts as rows; a cell is None where a tier has no creator."""

    tiers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[TierRow | None, ...]], ...]


def tier_matrix(rows: Sequence[TierRow]) -> TierMatrix:
    """Creators per tier, laid out as a matrix."""
    tiers = tuple(sorted({row.tier for row in rows}, key=tier_rank))
    names = tuple(dict.fromkeys(row.name for row in rows))
    cells = {(row.name, row.tier): row for row in rows}
    return TierMatrix(
        tiers, tuple((name, tuple(cells.get((name, tier)) for tier in tiers)) for name in names)
    )


def shown_pairs(group: Group, is_brief: bool = False) -> tuple[Pair, ...]:
    """The pairs that have a ratio, and micro/mega whether it has one or not.

    Args:
        group: the rows.
        is_brief: of the others keep only small/rest.
    """
    return tuple(
        pair
        for pair in group.pairs
        if pair.is_key_pair or (pair.estimate is not None and (not is_brief or pair.tier_a == "small"))
    )


def shows_fragile(row: Pair | Claim) -> bool:
    """Whether to say that a result is fragile: only where a tier is said to be ahead.

    Inside the margin, and without a verdict, that estimators name different winners is nothing new.
    """
    is_directional = row.verdict in ("supported", "direction_only", "contradicted")
    is_equality = isinstance(row, Claim) and row.claimed_kind == "equivalence"
    return row.is_fragile is True and is_directional and not is_equality


def remarks(row: Pair | Claim) -> tuple[str, ...]:
    """What has to be said beside a verdict's word."""
    said = ["fragile"] if shows_fragile(row) else []
    if isinstance(row, Claim):
        said += [row.caution, "turned inside niches" if row.is_turned else ""]
    return tuple(filter(None, said))


def has_ratio(group: Group) -> bool:
    """Whether any pair of a group has a ratio."""
    return any(pair.estimate is not None for pair in group.pairs)


def no_ratio(group: Group) -> str:
    """The pairs without a ratio and their creators: `nano / micro (2 and 1), ...`; empty when all have one."""
    listed = set(shown_pairs(group)) if has_ratio(group) else set()
    return ", ".join(
        f"{pair.tier_a} / {pair.tier_b} ({count_text(pair.creators_a)} and {count_text(pair.creators_b)})"
        for pair in group.pairs
        if pair not in listed
    )
