"""SQL made from table descriptions, in the project's dialect. Names come from descriptions, values are bound."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import sqlglot
from sqlglot import ErrorLevel, exp

from creator_tiers.settings import RESOURCES
from creator_tiers.tables import ColumnType, Table
from creator_tiers.warehouse.errors import WarehouseError

DIALECT = "duckdb"
"""What the SQL files are written in, within the subset that every engine understands after transpiling."""

SQL_TYPES: dict[ColumnType, str] = {
    "text": "TEXT",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "decimal": "DECIMAL(18, 4)",
    "rate": "DECIMAL(20, 10)",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "boolean": "BOOLEAN",
}

_TABLES = re.compile(
    r"""--.*|'[^']*'|"[^"]*"|(?<![\w.$])(?P<table>[a-z]\w*\.[a-z]\w*)(?![\w.(])(?P<alias>\s+AS\b)?""",
    re.IGNORECASE,
)
"""Comments, texts and quoted names, which are passed over, and what may be a table."""


@cache
def transpile(sql: str, dialect: str) -> str:
    """The same statement in another dialect.

    Raises:
        WarehouseError: it uses something that the dialect lacks.
    """
    if dialect == DIALECT:
        return sql
    try:
        [statement] = sqlglot.transpile(sql, read=DIALECT, write=dialect, unsupported_level=ErrorLevel.RAISE)
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        raise WarehouseError(f"cannot be said in {dialect}: {error}\n{sql}") from error
    return statement


def model(table: Table) -> str:
    """The text of a table's query.

    Raises:
        WarehouseError: the table has no query.
    """
    if table.query is None:
        raise WarehouseError(
            f"{table.full_name} has no query: include/sql/{table.layer}/{table.name}.sql is missing"
        )
    return table.query.read_text(encoding="utf-8")


@cache
def reading(name: str) -> str:
    """The text of a query that only reads: `include/sql/reads/<name>.sql`."""
    return (RESOURCES / "sql" / "reads" / f"{name}.sql").read_text(encoding="utf-8")


def inline(sql: str, stand_ins: dict[str, str]) -> str:
    """The query with tables replaced by queries: `{"stage.changed_posts": "SELECT ..."}`.

    Texts are put together, not trees, which take a tenth of a report's time. A table with another name in the query
    has it after AS.
    """

    def replace(found: re.Match[str]) -> str:
        query = stand_ins.get(found["table"] or "")
        if query is None:
            return found[0]
        return f"(\n{query}\n)" + (found["alias"] or f" AS {found['table'].split('.')[1]}")

    return _TABLES.sub(replace, sql)


def create_table(table: Table) -> str:
    """The DDL of a table. Keys are checked, not declared: no engine needs an index to replace rows by window."""
    columns = ", ".join(
        f"{column.name} {SQL_TYPES[column.type]}{'' if column.nullable else ' NOT NULL'}"
        for column in table.columns
    )
    return f"CREATE TABLE {table.full_name} ({columns})"


def comments(table: Table) -> list[str]:
    """The statements that put the meanings where SQL tools show them. Nobody looks at `stage.*` tables."""
    if table.layer == "stage":
        return []
    said = [f"COMMENT ON TABLE {table.full_name} IS {literal(f'{table.grain}. {table.description}')}"]
    for column in table.columns:
        text = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
        said.append(f"COMMENT ON COLUMN {table.full_name}.{column.name} IS {literal(text)}")
    return said


def in_order(table: Table, query: str) -> str:
    """The query with its rows in the order that the table's `write` asks for."""
    if table.write is None or not table.write.order:
        return query
    return f"{query.rstrip()}\nORDER BY {', '.join(table.write.order)}"


def insert(table: Table, query: str) -> str:
    """Insert the rows of a query whose columns stand in the table's order."""
    names = ", ".join(column.name for column in table.columns)
    return f"INSERT INTO {table.full_name} ({names})\n{query}"


def delete_window(table: Table) -> str:
    """Delete the rows whose keys stand in the window of the table's `write`.

    What the bounds (of keys that are times or dates, and of `since`) say is true of these rows anyway: they let an
    engine pass over the rest of a long history without comparing keys.
    """
    if table.write is None or table.write.window is None:
        raise WarehouseError(f"{table.full_name} has no window to replace")
    window, keys = table.write.window, table.write.keys
    equal = " AND ".join(f"changed.{key} = {table.name}.{key}" for key in keys)
    bounds = [
        f" AND {table.name}.{key} {sign} (SELECT {edge}(bound.{key}) FROM {window} AS bound)"
        for key in keys
        if table.column(key).type in ("timestamp", "date")
        for sign, edge in ((">=", "min"), ("<=", "max"))
    ]
    if since := table.write.since:
        bounds.append(f" AND {table.name}.{since} >= (SELECT min(bound.{since}) FROM {window} AS bound)")
    among = f"EXISTS (SELECT 1 FROM {window} AS changed WHERE {equal})"
    return f"DELETE FROM {table.full_name} WHERE {among}{''.join(bounds)}"


def delete_where(table: Table, columns: Iterable[str]) -> str:
    """Delete the rows whose columns equal the parameters of the same names."""
    equal = " AND ".join(f"{table.column(name).name} = ${name}" for name in columns)
    return f"DELETE FROM {table.full_name}" + (f" WHERE {equal}" if equal else "")


def quoted(name: str) -> str:
    """A name that comes from outside as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal, for the few statements that take no bound values (comments, views)."""
    return exp.Literal.string(text).sql(dialect=DIALECT)
