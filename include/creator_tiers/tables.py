"""The table descriptions: one YAML file a table drives DDL, row rules, expectations and the dictionary.

A description lies at `include/sql/<layer>/<name>.yaml`; the table's query, where it has one, beside it as
`<name>.sql`. Nothing else in the project spells out a table's columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from creator_tiers.settings import RESOURCES

ColumnType = Literal["text", "bigint", "double", "decimal", "timestamp", "date", "boolean"]
Severity = Literal["reject", "fail", "warn"]

SQL = RESOURCES / "sql"
TYPES = ("text", "bigint", "double", "decimal", "timestamp", "date", "boolean")
CHECKS = ("not_null", "between", "in", "matches", "unique", "compound_unique", "at_least_column")
SEVERITIES = ("reject", "fail", "warn")


class DescriptionError(ValueError):
    """A table description that cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation on a column, or on the table where `column` is None.

    Attributes:
        kind: one of `CHECKS`.
        column: the column that it is about.
        severity: `reject` sends the row to quarantine, `fail` stops the load, `warn` only shows.
        rule: the quarantine rule's name, for `reject`.
        arguments: `min`, `max` for `between`; `values` for `in`; `pattern` for `matches`;
            `columns` for `compound_unique`; `other` for `at_least_column` (this column >= the other).
    """

    kind: str
    column: str | None
    severity: Severity
    rule: str | None
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type, unit and meaning. Times are UTC without an offset; ids are text."""

    name: str
    type: ColumnType
    meaning: str
    unit: str | None = None
    nullable: bool = True
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """How a model's rows get into its table.

    Attributes:
        mode: `replace_all`, `append`, or `replace_keys` (delete the rows whose `keys` stand in `window`, insert).
        window: the table that lists the keys to replace, for `replace_keys`.
        keys: the columns that `window` and the table share.
    """

    mode: Literal["replace_all", "append", "replace_keys"]
    window: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table's description.

    Attributes:
        layer: the schema (`lake`, `stage`, `seeds`, `core`, `marts`, `ops`).
        name: the name inside the schema.
        grain: what one row is.
        key: the columns that identify a row, () where a row has no key.
        owner: who answers for it.
        description: what it is for.
        columns: in the order of the DDL.
        checks: every check, the columns' own first.
        write: how the model is written; None for tables that are loaded, not queried.
        query: the model's SQL file; None where there is none.
    """

    layer: str
    name: str
    grain: str
    key: tuple[str, ...]
    owner: str
    description: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    write: Write | None
    query: Path | None

    @property
    def full_name(self) -> str:
        """`layer.name`, as SQL spells it."""
        return f"{self.layer}.{self.name}"

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.full_name} has no column {name}")


def table(full_name: str) -> Table:
    """The description of `layer.name`.

    Raises:
        KeyError: there is none.
    """
    return tables()[full_name]


@cache
def tables() -> Mapping[str, Table]:
    """Every description by full name, in the order of their paths."""
    found = (_read(path) for path in sorted(SQL.glob("*/*.yaml")))
    return {one.full_name: one for one in found}


def _read(path: Path) -> Table:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    where = f"{path.parent.name}/{path.name}"
    try:
        columns = tuple(_column(entry, where) for entry in raw["columns"])
        checks = [check for column in columns for check in column.checks]
        checks += [_check(entry, None, where) for entry in raw.get("checks", [])]
        described = Table(
            layer=path.parent.name,
            name=path.stem,
            grain=raw["grain"],
            key=tuple(raw.get("key", ())),
            owner=raw["owner"],
            description=raw["description"].strip(),
            columns=columns,
            checks=tuple(checks),
            write=_write(raw["write"]) if "write" in raw else None,
            query=query if (query := path.with_suffix(".sql")).exists() else None,
        )
    except KeyError as error:
        raise DescriptionError(f"{where}: the key {error} is missing") from error
    unknown = set(described.key) - {column.name for column in columns}
    if unknown:
        raise DescriptionError(f"{where}: key columns that are not described: {sorted(unknown)}")
    return described


def _column(entry: Mapping[str, Any], where: str) -> Column:
    if entry["type"] not in TYPES:
        raise DescriptionError(f"{where}: {entry['name']} has the unknown type {entry['type']}")
    return Column(
        name=entry["name"],
        type=cast("ColumnType", entry["type"]),
        meaning=entry["meaning"],
        unit=entry.get("unit"),
        nullable=entry.get("nullable", True),
        checks=tuple(_check(check, entry["name"], where) for check in entry.get("checks", [])),
    )


def _check(entry: Mapping[str, Any], column: str | None, where: str) -> Check:
    arguments = dict(entry)
    kind, severity = arguments.pop("check"), arguments.pop("severity")
    rule = arguments.pop("rule", None)
    if kind not in CHECKS or severity not in SEVERITIES:
        raise DescriptionError(f"{where}: unknown check {kind!r} or severity {severity!r}")
    if (severity == "reject") != (rule is not None):
        raise DescriptionError(f"{where}: {kind} on {column}: a rule goes with severity reject, and only there")
    return Check(kind, column, cast("Severity", severity), rule, arguments)


def _write(entry: Mapping[str, Any]) -> Write:
    return Write(entry["mode"], entry.get("window"), tuple(entry.get("keys", ())))
