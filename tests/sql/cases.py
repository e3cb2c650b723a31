"""SQL cases in YAML: rows given, rows expected.

A file `tests/sql/<layer>/<table>/<theme>.yaml` is a list of cases:

    - what: a sentence that says what must hold
      given:                        # rows by table; what a row leaves out comes from defaults.yaml, else is NULL
        core.posts: [{post_key: "instagram:1"}]
      parameters: {as_of: 2026-03-01}   # optional
      expect:                       # the table's rows in the order of its key; only the columns named are compared
        - {post_key: "instagram:1", is_branded: false}

A file `tests/sql/reads/<name>/<theme>.yaml` is the same for `include/sql/reads/<name>.sql`, a query that only reads;
its rows are expected in the query's own order.

`row_number` counts a table's given rows from 2, as a spreadsheet does. A window that is not given is filled by its own
query. `seeds.*` hold the product's own seeds, with weeks in UTC, unless given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import yaml

from creator_tiers.tables import Column, Table, table
from creator_tiers.warehouse import Warehouse
from creator_tiers.warehouse.build import ALWAYS
from creator_tiers.warehouse.frames import ARROW_TYPES, conform
from creator_tiers.warehouse.seeds import FILES, days, read_seed, weeks
from creator_tiers.warehouse.staging import stage_tables
from creator_tiers.warehouse.state import lasting_tables
from creator_tiers.warehouse.statements import reading

HERE = Path(__file__).parent
TABLES = {one.full_name: one for one in [*stage_tables(), *lasting_tables()]}
DEFAULTS = yaml.safe_load((HERE / "defaults.yaml").read_text(encoding="utf-8"))
EARLY = datetime(2000, 1, 1)
PARAMETERS = {
    "as_of": ALWAYS,
    "observed_since": EARLY,
    "described_since": EARLY,
    "changed_since": EARLY,
    "scheme": "article",
    "attribution_days": 30,
    "click_days": 30,
    "refund_days": 30,
    "subscription_policy": "first",
}
RELATIVE = 1e-12
READS = "reads"
"""The folder of the queries that only read."""


@dataclass(frozen=True)
class Case:
    """One case: what must hold, for which table; for a query that only reads, without one."""

    name: str
    table: Table | None
    what: str
    given: Mapping[str, Sequence[Mapping[str, Any]]]
    parameters: Mapping[str, Any]
    expect: Sequence[Mapping[str, Any]]


def all_cases() -> Iterator[Case]:
    """Every case of every file, in the order of their paths."""
    for path in sorted(HERE.glob("*/*/*.yaml")):
        layer, name = path.parts[-3:-1]
        for number, raw in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), start=1):
            unknown = set(raw) - {"what", "given", "parameters", "expect"}
            if unknown:
                raise ValueError(f"{path}: case {number} has the unknown keys {sorted(unknown)}")
            yield Case(
                f"{layer}.{name}/{path.stem}-{number}",
                None if layer == READS else table(f"{layer}.{name}"),
                raw["what"],
                raw["given"],
                {**PARAMETERS, **raw.get("parameters", {})},
                raw["expect"],
            )


class Bench:
    """A warehouse on which one case after another runs; only what a case touched is cleared before the next."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._touched = {name for name in TABLES if _unsaid(name).num_rows}
        with warehouse.transaction():
            for one in TABLES.values():
                warehouse.create(one)

    def run(self, case: Case) -> list[Mapping[str, Any]]:
        """Fill the tables, run the model, read its table; or run the query that only reads."""
        window = case.table.write.window if case.table and case.table.write else None
        with self._warehouse.transaction():
            for name in self._touched - set(case.given):
                self._warehouse.load_rows(TABLES[name], _unsaid(name))
            for name, rows in case.given.items():
                self._warehouse.load_rows(TABLES[name], _given(TABLES[name], rows))
            if window and window not in case.given:
                self._warehouse.run(TABLES[window], case.parameters)
            if case.table:
                self._warehouse.run(case.table, case.parameters)
        self._touched = {*filter(None, [case.table and case.table.full_name, window]), *case.given}
        if case.table is None:
            text = reading(case.name.partition("/")[0].removeprefix(f"{READS}."))
            named = {name: case.parameters[name] for name in re.findall(r"\$(\w+)", text)}
            return cast("list[Mapping[str, Any]]", self._warehouse.read(text, named).to_pylist())
        order = ", ".join(case.table.key or [column.name for column in case.table.columns])
        found = self._warehouse.read(f"SELECT * FROM {case.table.full_name} ORDER BY {order}")
        return cast("list[Mapping[str, Any]]", found.to_pylist())


def differences(case: Case, found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is not as expected, in words; nothing when all is."""
    if len(found) != len(case.expect):
        return [f"{len(case.expect)} rows expected, {len(found)} found: {found}"]
    return [
        f"row {number}, {name}: expected {value!r}, found {row[name]!r}"
        for number, (row, expected) in enumerate(zip(found, case.expect, strict=True), start=1)
        for name, value in expected.items()
        if not _equal(
            row[name], _value(value, case.table.column(name)) if case.table else _like(row[name], value)
        )
    ]


def _given(one: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    defaults = DEFAULTS.get(one.full_name, {})
    whole = [{"row_number": number, **defaults, **row} for number, row in enumerate(rows, start=2)]
    names = {column.name for column in one.columns}
    unknown = {name for row in rows for name in row} - names
    if unknown:
        raise ValueError(f"{one.full_name} has no column {sorted(unknown)}")
    columns = {
        column.name: pa.array(
            [_value(row.get(column.name), column) for row in whole], ARROW_TYPES[column.type]
        )
        for column in one.columns
    }
    return conform(pa.table(columns), one)


@cache
def _unsaid(name: str) -> pa.Table:
    layer, _, short = name.partition(".")
    if layer == "seeds":
        made = {"weeks": weeks, "days": days}
        return read_seed(short) if short in FILES else made[short](date(2028, 1, 1), "UTC")
    return _given(TABLES[name], [])


def _value(value: Any, column: Column) -> Any:
    if column.type == "timestamp" and isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if column.type == "timestamp" and isinstance(value, str):
        return datetime.fromisoformat(value)
    if column.type == "double" and value is not None:
        return float(value)
    if column.type in ("decimal", "rate") and value is not None:
        return Decimal(str(value))
    return value


def _like(found: Any, expected: Any) -> Any:
    """What is expected, as the type that was found: a query that only reads has no description."""
    if isinstance(found, datetime) and isinstance(expected, date) and not isinstance(expected, datetime):
        return datetime(expected.year, expected.month, expected.day)
    if isinstance(found, float | Decimal) and isinstance(expected, int | float):
        return type(found)(str(expected))
    return expected


def _equal(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=RELATIVE)
    return bool(found == expected) and type(found) is type(expected)
