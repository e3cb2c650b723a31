"""The audits: lists of what to look at, each with what it means and how many rows it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from creator_tiers.report.inputs import Cell, Row, count, rows_of, text

ABOUT: Mapping[str, tuple[str, str]] = {
    "contested_orders": (
        "Contested orders",
        "orders that several placements claim: who got them, who lost them",
    ),
    "leak_suspects": (
        "Codes that may have leaked",
        "days with many orders by a code, far from any post and without a click: perhaps a coupon site",
    ),
    "undisclosed_posts": (
        "Contract posts without disclosure",
        "no label of the platform and no word in the caption says that they are paid for",
    ),
    "orphan_codes": ("Codes of nobody", "codes used in orders that no placement owns"),
    "counter_falls": ("Counters that fell", "lifetime counts lower than before; the largest losses first"),
    "follower_jumps": (
        "Jumps of follower counts",
        "more than half of the count for each day between two counts",
    ),
    "handle_changes": ("Changed handles", "accounts whose handle changed while the platform's id stayed"),
    "disputed_posts": ("Posts of two accounts", "posts for which exports named several accounts"),
}
"""Title and meaning of each audit, in the report's order."""


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit: `n` rows in `marts.<name>` at as-of, of which `rows` are the first (at most 500)."""

    name: str
    title: str
    meaning: str
    n: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def file(self) -> str:
        """Its CSV file."""
        return f"{self.name}.csv"


@dataclass(frozen=True, slots=True)
class Caution:
    """A check of severity `warn` of a table that is built: how many rows break it."""

    table: str
    expectation: str
    n: int


def build_audits(sizes: Sequence[Row], tables: Mapping[str, pa.Table]) -> tuple[Audit, ...]:
    """Every audit, those without a row too.

    Args:
        sizes: `audit, n`.
        tables: `audit_<name>` to the first rows of each.
    """
    counted = {text(row, "audit"): count(row, "n") for row in sizes}
    found = []
    for name, (title, meaning) in ABOUT.items():
        given = tables.get(f"audit_{name}")
        columns = tuple(given.column_names) if given is not None else ()
        rows = tuple(tuple(row[column] for column in columns) for row in rows_of(given))
        found.append(Audit(name, title, meaning, counted.get(name, len(rows)), columns, rows))
    return tuple(found)


def build_cautions(rows: Sequence[Row]) -> tuple[Caution, ...]:
    """Checks that some row breaks first."""
    found = [Caution(text(r, "table") or "?", text(r, "expectation") or "?", count(r, "n")) for r in rows]
    return tuple(sorted(found, key=lambda one: (-one.n, one.table, one.expectation)))
