"""The table descriptions: one YAML file a table drives DDL, row rules, expectations and the dictionary.

A description lies at `include/sql/<layer>/<name>.yaml`; the table's query, where it has one, beside it as
`<name>.sql`. Nothing else in the project spells out a table's columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from creator_tiers.settings import RESOURCES

ColumnType = Literal["text", "bigint", "double", "decimal", "rate", "timestamp", "date", "boolean"]
Severity = Literal["reject", "fail", "warn"]

SQL = RESOURCES / "sql"
TYPES = ("text", "bigint", "double", "decimal", "rate", "timestamp", "date", "boolean")
CHECKS: Mapping[str, frozenset[str]] = {
    "not_null": frozenset(),
    "between": frozenset({"min", "max"}),
    "in": frozenset({"values"}),
    "matches": frozenset({"pattern"}),
    "unique": frozenset(),
    "compound_unique": frozenset({"columns"}),
    "at_least_column": frozenset({"other"}),
}
"""The kinds of check and the arguments of each. `between` needs one of its two."""

ORDERED = ("bigint", "double", "decimal", "rate", "timestamp", "date")
UNPORTABLE = re.compile(r"\\(?![tnr])[A-Za-z0-9]|\(\?(?!:)|^\^|\$")
"""What Python's and RE2's expressions understand differently, and anchors: a pattern is for the whole text."""

SEVERITIES = ("reject", "fail", "warn")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, where libyaml is there: a tenth of the time for a hundred descriptions."""


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
        arguments: `min`, `max` (inclusive) for `between`; `values` for `in`; `pattern` for `matches`, which
            the whole text must match; `columns` for `compound_unique`; `other` for `at_least_column`
            (this column >= the other). NULL breaks `not_null` only.
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
        since: a time that `window` and the table share too, in the window never later than in the rows that it stands
            for. No row before the window's first such time is looked at.
        order: columns by which the rows of a first build lie in the table, where an engine then passes over rows.
    """

    mode: Literal["replace_all", "append", "replace_keys"]
    window: str | None = None
    keys: tuple[str, ...] = ()
    since: str | None = None
    order: tuple[str, ...] = ()


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
        indexes: lists of columns that queries look rows up by, beside the keys that the table is written by. Engines
            that scan columns instead have no use for them.
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
    indexes: tuple[tuple[str, ...], ...] = ()

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
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
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
            indexes=tuple(map(tuple, raw.get("indexes", ()))),
        )
    except KeyError as error:
        raise DescriptionError(f"{where}: the key {error} is missing") from error
    named = set(described.key).union(*described.indexes)
    unknown = named - {column.name for column in columns}
    if unknown:
        raise DescriptionError(f"{where}: key or index columns that are not described: {sorted(unknown)}")
    for check in checks:
        _fits(check, described, where)
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
        raise DescriptionError(
            f"{where}: {kind} on {column}: a rule goes with severity reject, and only there"
        )
    missing = CHECKS[kind] - set(arguments)
    if set(arguments) - CHECKS[kind] or (missing and missing == CHECKS[kind]):
        raise DescriptionError(
            f"{where}: {kind} on {column} takes {sorted(CHECKS[kind]) or 'no arguments'}, not {sorted(arguments)}"
        )
    return Check(kind, column, cast("Severity", severity), rule, arguments)


def _fits(check: Check, described: Table, where: str) -> None:
    """Refuse a check that its column's type cannot answer, or that names a column which does not exist."""
    at = f"{where}: {check.kind} on {check.column}"
    if (check.kind == "compound_unique") != (check.column is None):
        raise DescriptionError(
            f"{at}: compound_unique stands under the table's checks, every other kind under a column"
        )
    names = {column.name for column in described.columns}
    unknown = {*check.arguments.get("columns", ()), *filter(None, [check.arguments.get("other")])} - names
    if unknown:
        raise DescriptionError(f"{at}: no such columns: {sorted(unknown)}")
    kind = described.column(check.column).type if check.column else "text"
    if check.kind in ("between", "at_least_column") and kind not in ORDERED:
        raise DescriptionError(f"{at}: a {kind} has no order to check; use it on one of {', '.join(ORDERED)}")
    if check.kind == "in" and (
        kind in ("timestamp", "date", "double", "decimal", "rate") or not check.arguments["values"]
    ):
        raise DescriptionError(f"{at}: list one value at least, of a text, bigint or boolean column")
    if check.kind == "matches" and (kind != "text" or UNPORTABLE.search(check.arguments["pattern"])):
        raise DescriptionError(
            f"{at}: write a pattern for the whole of a text without anchors, look-around or classes such "
            "as \\s and \\d: engines differ on those; write [0-9] or [ \\t]"
        )


def _write(entry: Mapping[str, Any]) -> Write:
    return Write(
        entry["mode"],
        entry.get("window"),
        tuple(entry.get("keys", ())),
        entry.get("since"),
        tuple(entry.get("order", ())),
    )
