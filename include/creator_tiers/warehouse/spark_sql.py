"""The project's SQL as Spark's: everything in which the two differ, each with its reason.

sqlglot says the queries alike. What it cannot know stands here and in the settings that `spark_url.PINNED` fixes:

| what | why |
|---|---|
| `layer.table` becomes the view `layer__table` | tables are lists of files, and temporary views have no schema |
| `$name` becomes `:name`, times and dates inside a cast | its literals for Python's times follow the machine's zone |
| no `INSERT`, `DELETE`, `CREATE` | a Parquet file never changes: a table is replaced by another list of files |
| TIMESTAMP is `TIMESTAMP_NTZ` | times are UTC without a zone; Spark's other kind depends on the session's |
| a day plus an interval: the day is cast to a time first | it is a time on the others, a day on Spark |
| types of a model's columns are checked, NULL in a required one is an error | Parquet files take anything |

Not the same on Spark, so not used in queries: a cast of a decimal or double to a whole number cuts off, where DuckDB
and PostgreSQL round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlglot
from sqlglot import TokenType, exp

from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import without_zone
from creator_tiers.warehouse.statements import DIALECT, transpile

SPARK = "spark"
FORBIDDEN = frozenset({"reflect", "java_method", "try_reflect"})
"""Functions that call any Java method, and so could do anything to the machine."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in Spark's SQL.

    Attributes:
        text: with `:name` for values, and the views' names for the tables'.
        tables: full names of the tables that it reads.
    """

    text: str
    tables: tuple[str, ...]


def view_name(full_name: str) -> str:
    """The temporary view that stands for `layer.name`: temporary views have no schema."""
    return full_name.replace(".", "__")


def say(sql: str, parameters: Mapping[str, object]) -> tuple[Said, dict[str, object]]:
    """A query in the project's dialect as Spark's, and the values to bind.

    Times travel as text inside a cast: Spark's own literals for Python's times follow the machine's zone.

    Raises:
        WarehouseError: it cannot be said on Spark, or a value is missing.
    """
    named = _names(sql)
    missing = sorted(named - set(parameters))
    if missing:
        raise WarehouseError(f"no value is given for ${', $'.join(missing)}")
    kinds = tuple((name, _cast_of(parameters[name])) for name in sorted(named))
    return _say(sql, kinds), {name: _bound(parameters[name]) for name in named}


def guard(sql: str, known: Iterable[str]) -> Said:
    """Somebody's own query in Spark's dialect, when it reads tables of the warehouse and does nothing else.

    What runs is what was checked: the text is written anew from the parsed query.

    Args:
        sql: the query.
        known: full names of the tables there are.

    Raises:
        WarehouseError: it is not one query, or reads or calls something else.
    """
    try:
        statements = [one for one in sqlglot.parse(sql, read=SPARK) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise WarehouseError(f"this cannot be read as SQL: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise WarehouseError(
            "this is not one query: write a single SELECT, SHOW TABLES or DESCRIBE layer.table"
        )
    [tree] = statements
    doing = (exp.QueryTransform, exp.Into, exp.Command, exp.DML, exp.DDL)
    if any(not isinstance(node, exp.Query) and isinstance(node, doing) for node in tree.walk()):
        raise WarehouseError("a query may read the warehouse's tables and do nothing else")
    called = {
        token.text.lower()
        for token in sqlglot.tokenize(sql, read=SPARK)
        if token.token_type != TokenType.STRING
    }
    if called & FORBIDDEN:
        raise WarehouseError(f"a query may not call {', '.join(sorted(called & FORBIDDEN))}")
    shown = set(known)
    within = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for node in tree.find_all(exp.Table):
        if isinstance(node.this, exp.Func):
            if _function(node.this) not in ("range", "explode", "posexplode", "inline", "stack"):
                raise WarehouseError(f"a query may not read from {node.sql(SPARK)}")
        elif f"{node.db}.{node.name}".lower() not in shown and (node.db or node.name.lower() not in within):
            raise WarehouseError(f"there is no table {node.sql(SPARK)}; SHOW TABLES lists them")
    return _rename(tree, SPARK)


@lru_cache(maxsize=512)
def _names(sql: str) -> frozenset[str]:
    return frozenset(node.name for node in _parse(sql).find_all(exp.Placeholder, exp.Parameter))


@lru_cache(maxsize=512)
def _say(sql: str, kinds: tuple[tuple[str, str | None], ...]) -> Said:
    tree = _parse(sql)
    casts = {name: cast for name, cast in kinds if cast}
    for node in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        if node.name in casts:
            node.replace(exp.cast(node.copy(), casts[node.name]))
    for span in reversed(list(tree.find_all(exp.Interval))):
        sum_of = span.parent
        if isinstance(sum_of, exp.Add | exp.Sub) and sum_of.expression is span:
            sum_of.this.replace(exp.cast(sum_of.this.copy(), "TIMESTAMP"))
    said = _rename(tree, DIALECT)
    return Said(transpile(said.text, SPARK), said.tables)


def _parse(sql: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(sql, read=DIALECT)
    except sqlglot.errors.SqlglotError as error:
        raise WarehouseError(f"this cannot be read as SQL: {error}") from error


def _rename(tree: exp.Expr, dialect: str) -> Said:
    """Put the views' names in the place of the tables', which keep their short name as alias."""
    found = []
    for node in list(tree.find_all(exp.Table)):
        if node.db and not isinstance(node.this, exp.Func):
            full_name = f"{node.db}.{node.name}".lower()
            found.append(full_name)
            if not node.alias:
                node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name)))
            node.set("this", exp.to_identifier(view_name(full_name)))
            node.set("db", None)
    for column in tree.find_all(exp.Column):
        if column.args.get("db"):
            column.set("db", None)
    return Said(tree.sql(dialect=dialect), tuple(dict.fromkeys(found)))


def _function(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _cast_of(value: object) -> str | None:
    if isinstance(value, datetime):
        return "TIMESTAMP"
    return "DATE" if isinstance(value, date) else None


def _bound(value: object) -> object:
    if isinstance(value, datetime):
        return without_zone(value).isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value
