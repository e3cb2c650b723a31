"""What a report is made from, and how its rows are read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from creator_tiers.hygiene import one_line
from creator_tiers.weeks import Week

SIGNIFICANT_DIGITS = 10
"""Floats keep so many digits, so that engines that differ in the last bits give the same report."""


@dataclass(frozen=True)
class ReportInputs:
    """The week's rows, as the warehouse has them.

    Attributes:
        week: the ISO week of the report.
        as_of: the instant at which the week ends, with a time zone.
        comparison: the week's rows of `marts.tier_comparison`.
        previous: the same of the week before; None or no rows when there was none.
        claims: the week's rows of `marts.claim_verdicts`.
        creators_per_tier: `platform, kind_group, tier, creators, posts` and any `mean_*` columns.
        files: rows of `ops.export_files`. Those observed at or after `as_of` are left out here.
        rejected: `rule, rows`: the unresolved quarantine.
        validation: `expectation, severity, outcome, n`, counted over the loads that the numbers rest on
            (status `loaded` or `partial`); a refused file's failed expectation is no reason to hold a report back.
        engine: the warehouse engine's name, shown only.
        scheme: the tier scheme's name.
        window_days: how many days before `as_of` a compared post may be published.
        details: further rows by name, as `creator_tiers.publishing.details` reads them; a name that is not there is
            a section that says so.
        run_id: None to derive it from the rest (the way that keeps a rerun byte-identical).
    """

    week: Week
    as_of: datetime
    comparison: pa.Table
    claims: pa.Table
    creators_per_tier: pa.Table
    files: pa.Table
    rejected: pa.Table
    validation: pa.Table
    engine: str
    scheme: str
    previous: pa.Table | None = None
    window_days: int = 90
    details: Mapping[str, pa.Table] = field(default_factory=dict)
    run_id: str | None = None

    def detail(self, name: str) -> list[dict[str, Cell]]:
        """The rows of a detail, none where it was not given."""
        return rows_of(self.details.get(name))


Cell = str | int | float | bool | None
Row = Mapping[str, Cell]


def rows_of(table: pa.Table | None) -> list[dict[str, Cell]]:
    """The rows of a small table as plain, JSON-able values: texts on one line, floats rounded, NaN None."""
    if table is None:
        return []
    return [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()]


def plain(value: Any) -> Cell:
    """One value made JSON-able; see `rows_of`. Dates and times become ISO text, times in UTC with `Z`."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        number = float(value)
        return float(f"{number:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(number) else None
    if isinstance(value, datetime):
        return zulu(value)
    if isinstance(value, date):
        return value.isoformat()
    return one_line(value)


def zulu(instant: datetime) -> str:
    """A UTC instant as ISO text with `Z`; one without a zone is taken as UTC."""
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%SZ")


def number(row: Row, name: str) -> float | None:
    """A row's number, or None where the column is absent or NULL."""
    value = row.get(name)
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def count(row: Row, name: str) -> int:
    """A row's count; 0 where the column is absent or NULL."""
    value = row.get(name)
    return int(value) if isinstance(value, int | float) else 0


def flag(row: Row, name: str) -> bool | None:
    """A cell that is true or false; None where neither is known."""
    value = row.get(name)
    return value if isinstance(value, bool) else None


def known_count(row: Row, name: str) -> int | None:
    """A row's count, or None where the column is absent or NULL."""
    value = row.get(name)
    return int(value) if isinstance(value, int | float) else None


def text(row: Row, name: str) -> str | None:
    """A row's text, or None where the column is absent or NULL."""
    value = row.get(name)
    return None if value is None else str(value)
