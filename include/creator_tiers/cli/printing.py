"""How answers are printed: tables for people, CSV and JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from creator_tiers.errors import ContractError

if TYPE_CHECKING:
    import pyarrow as pa


def print_rows(rows: pa.Table, form: str) -> None:
    """Print a table of rows in one of `common.FORMATS`.

    Raises:
        ContractError: JSON cannot have two columns of one name.
    """
    if form == "json":
        if twice := [name for name in rows.column_names if rows.column_names.count(name) > 1]:
            raise ContractError(
                f"two columns are called {twice[0]}: give one another name (AS ...), or print CSV"
            )
        print_json([plain(row) for row in rows.to_pylist()])
        return
    cells = zip(*(column.to_pylist() for column in rows.columns), strict=True)
    if form == "csv":
        print_csv(rows.column_names, cells)
    else:
        print_table(rows.column_names, [[_shown(value) for value in row] for row in cells])


def print_json(value: object) -> None:
    """Print JSON, indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_csv(names: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Print CSV that no spreadsheet takes for formulas."""
    import csv

    from creator_tiers.hygiene import spreadsheet_cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([spreadsheet_cell(name) for name in names])
    for row in rows:
        writer.writerow([spreadsheet_cell(json_value(value)) for value in row])


def print_table(names: Sequence[str], rows: list[list[str]]) -> None:
    """Print a table for people."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 1000, highlight=False)
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _shown(value: object) -> str:
    from creator_tiers.hygiene import one_line

    return "" if value is None else one_line(json_value(value), 120)


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record as JSON has it; see `json_value`."""
    return {name: json_value(value) for name, value in record.items()}


def json_value(value: Any) -> Any:
    """A value as JSON has it: times as `YYYY-MM-DDTHH:MM:SSZ`, decimals as numbers, unknown and no number as null."""
    from datetime import date
    from decimal import Decimal

    if isinstance(value, datetime):
        instant = value if value.tzinfo is None else value.astimezone(UTC)
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, list | tuple):
        return [json_value(one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
