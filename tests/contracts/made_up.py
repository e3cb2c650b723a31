"""Tables made up on the spot, so that each test shows the check that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from creator_tiers.contracts import ValidationResult, row_rules, validate
from creator_tiers.tables import Check, Column, Table

ARROW = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "decimal": pa.decimal128(18, 4),
    "rate": pa.decimal128(20, 10),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def make_table(columns: Mapping[str, str], *checks: Check, required: tuple[str, ...] = ()) -> Table:
    """A table of those columns and types, with those checks; `required` columns are not nullable."""
    described = tuple(
        Column(name, kind, "made up", nullable=name not in required)  # type: ignore[arg-type]
        for name, kind in columns.items()
    )
    return Table("lake", "made_up", "a row", (), "tests", "made up", described, checks, None, None)


def check(kind: str, column: str | None = None, severity: str = "reject", **arguments: Any) -> Check:
    """A check; with severity `reject` its rule is called `broken`."""
    rule = "broken" if severity == "reject" else None
    return Check(kind, column, severity, rule, arguments)  # type: ignore[arg-type]


def arrow(columns: Mapping[str, str], rows: list[tuple[Any, ...]]) -> pa.Table:
    """Rows as an Arrow table of the columns' types."""
    return pa.table(
        {
            name: pa.array([row[number] for row in rows], ARROW[kind])
            for number, (name, kind) in enumerate(columns.items())
        }
    )


def broken_rows(table: Table, rows: pa.Table, within: tuple[str, ...] = ()) -> list[int]:
    """The positions of the rows that the SQL rules refuse."""
    numbered = rows.append_column("nth_row", pa.array(range(len(rows)), pa.int64()))
    breaks = " or ".join(rule.breaks for rule in row_rules(table, within)) or "false"
    told = _connection().from_arrow(numbered).project(f"nth_row, {breaks} as is_broken")
    return [position for position, is_broken in told.order("nth_row").fetchall() if is_broken]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def outcome(table: Table, rows: pa.Table, within: tuple[str, ...] = ()) -> ValidationResult:
    """The outcome of a table's only check by Great Expectations."""
    [result] = validate(rows, table, "run", NOW, within)
    return result
