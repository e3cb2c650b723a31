"""The project's SQL as PostgreSQL's: everything in which the two differ, each with its reason.

sqlglot says most of it alike. What it cannot know stands here:

| what | why |
|---|---|
| text columns are `COLLATE "C"` | texts sort by their bytes on every engine, whatever the database's language is |
| `lower`, `upper` work by Unicode's rules, `COLLATE "und-x-icu"` | in the order of bytes they know ASCII only |
| microseconds between times by `date_part`, not `extract` | floats, exact within a century, three times as fast |
| `$name` becomes psycopg's `%(name)s`, a `%` of the text `%%` | the driver binds the values |
| `stage.*` tables are `UNLOGGED` | they live inside one transaction: nothing of them needs to survive a crash |
| indexes | the other engines scan columns instead; a table's are its `write.keys` and the description's `indexes` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import ErrorLevel, exp

from creator_tiers.tables import Column, Table
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.statements import DIALECT, SQL_TYPES

POSTGRES = "postgres"
QUERY_WORDS = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "EXPLAIN", "SHOW", "("})
"""How somebody's own query may begin."""

FORBIDDEN = frozenset({"set_config", "setval", "nextval", "dblink", "dblink_exec", "dblink_connect"})
"""Functions that would leave the analyst's role or the read-only transaction, or write past them."""

_MARK = "\x00"  # stands in no SQL text
_MARKED = re.compile(f"{_MARK}(\\w+){_MARK}")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in PostgreSQL's SQL.

    Attributes:
        text: with `%(name)s` for values; a `%` that is none is doubled where there are any.
        names: the parameters.
    """

    text: str
    names: frozenset[str]


@lru_cache(maxsize=512)
def say(sql: str) -> Said:
    """A statement in the project's dialect as PostgreSQL's.

    Raises:
        WarehouseError: it uses something that PostgreSQL lacks.
    """
    try:
        tree = sqlglot.parse_one(sql, read=DIALECT)
        for node in list(tree.find_all(exp.Placeholder, exp.Parameter)):
            node.replace(exp.Var(this=f"{_MARK}{node.name}{_MARK}"))
        tree = tree.transform(_by_unicode).transform(_in_floats)
        text = tree.sql(dialect=POSTGRES, unsupported_level=ErrorLevel.RAISE)
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        raise WarehouseError(f"cannot be said in PostgreSQL: {error}\n{sql}") from error
    names = frozenset(_MARKED.findall(text))
    return Said(_MARKED.sub(r"%(\1)s", text.replace("%", "%%")) if names else text, names)


def create_table(table: Table, name: str | None = None) -> str:
    """The DDL of a table.

    Args:
        table: its description.
        name: another name, for a temporary table of the same shape.
    """
    kind = "TEMPORARY" if name else "UNLOGGED" if table.layer == "stage" else ""
    columns = ", ".join(
        f"{column.name} {_type(column)}{'' if column.nullable else ' NOT NULL'}" for column in table.columns
    )
    return f"CREATE {kind} TABLE {name or table.full_name} ({columns})"


def create_indexes(table: Table) -> Iterator[str]:
    """The statements for a table's indexes: what its rows are replaced by, and what its description asks for."""
    replaced_by = [table.write.keys] if table.write and table.write.keys else []
    for columns in dict.fromkeys([*replaced_by, *table.indexes]):
        name = f"{table.name}__{'__'.join(columns)}"[:63]
        yield f"CREATE INDEX IF NOT EXISTS {name} ON {table.full_name} ({', '.join(columns)})"


def guard(sql: str) -> str:
    """Somebody's own query, if it looks like one; the server makes sure that it is a single statement.

    Raises:
        WarehouseError: it is something else, or calls what a reader must not.
    """
    try:
        tokens = sqlglot.tokenize(sql, read=POSTGRES)
    except sqlglot.errors.SqlglotError as error:
        raise WarehouseError(f"this cannot be read as SQL: {error}") from error
    if not tokens or tokens[0].text.upper() not in QUERY_WORDS:
        raise WarehouseError("this is not one query: write a single SELECT, SHOW or EXPLAIN")
    called = {name for name in FORBIDDEN if re.search(rf"\b{name}\b", sql, re.IGNORECASE)}
    if called or re.search(r"U&[\"']", sql, re.IGNORECASE):
        raise WarehouseError(f"a query may not call {', '.join(sorted(called)) or 'what it hides in U&'}")
    return sql


def _by_unicode(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Lower | exp.Upper):
        node.set(
            "this", exp.Collate(this=exp.paren(node.this), expression=exp.column("und-x-icu", quoted=True))
        )
        return exp.paren(exp.Collate(this=node, expression=exp.column("C", quoted=True)))
    return node


def _in_floats(node: exp.Expression) -> exp.Expression:
    if not isinstance(node, exp.DateDiff) or node.text("unit").upper() != "MICROSECOND":
        return node
    later, earlier = (exp.cast(node.args[name], "TIMESTAMP") for name in ("this", "expression"))
    seconds = exp.func("DATE_PART", exp.Literal.string("epoch"), exp.Sub(this=later, expression=earlier))
    return exp.cast(exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000)), "BIGINT")


def _type(column: Column) -> str:
    said = exp.DataType.build(SQL_TYPES[column.type], dialect=DIALECT).sql(dialect=POSTGRES)
    return f'{said} COLLATE "C"' if column.type == "text" else said
