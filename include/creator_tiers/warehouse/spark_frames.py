"""Spark's types and the descriptions', and files as Spark frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from creator_tiers.tables import ColumnType, Table
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.spark_sql import SPARK
from creator_tiers.warehouse.spark_store import WHOLE
from creator_tiers.warehouse.statements import DIALECT, SQL_TYPES

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from creator_tiers.warehouse.spark_store import StoredColumn

SPARK_TYPES: Mapping[ColumnType, str] = {
    kind: exp.DataType.build(said, dialect=DIALECT).sql(dialect=SPARK).lower().replace(" ", "")
    for kind, said in SQL_TYPES.items()
}
"""The described types as Spark spells them."""

_NARROWER = {
    "bigint": ("int", "smallint", "tinyint"),
    "double": ("float", "int", "bigint", "decimal"),
    "decimal": ("decimal", "int", "bigint"),
}
"""What may become a column of a type without being asked. ANSI mode refuses values that do not fit."""

UNKNOWN_WEEK = "unknown"
"""The partition of rows whose time is not known."""


def read_files(session: SparkSession, files: Iterable[Path], columns: Iterable[StoredColumn]) -> DataFrame:
    """The rows of Parquet files; columns that they lack are NULL."""
    types = {column.name: SPARK_TYPES[column.type] for column in columns}
    paths = [_exact(path) for path in files]
    if not paths:
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS `{name}`" for name, kind in types.items())
        return session.sql(f"SELECT {nothing} WHERE false")
    return session.read.schema(", ".join(f"`{name}` {kind}" for name, kind in types.items())).parquet(*paths)


def fit(frame: DataFrame, table: Table) -> DataFrame:
    """The frame, its columns in the table's order, with the table's names and types; a required NULL is an error.

    Raises:
        WarehouseError: it has another number of columns, or a type that does not fit.
    """
    from pyspark.sql import functions as f

    if len(frame.columns) != len(table.columns):
        raise WarehouseError(
            f"{len(frame.columns)} columns for the {len(table.columns)} of {table.full_name}"
        )
    chosen: list[Column] = []
    for field, column in zip(frame.schema.fields, table.columns, strict=True):
        found, expected = field.dataType.simpleString(), SPARK_TYPES[column.type]
        value = frame[field.name] if frame.columns.count(field.name) == 1 else None
        if value is None:
            raise WarehouseError(f"the query has two columns {field.name}")
        if found != expected:
            narrower = ("void", *_NARROWER.get(expected.partition("(")[0], ()))
            if found.partition("(")[0] not in narrower:
                raise WarehouseError(f"{table.full_name}.{column.name} is {expected} and cannot hold {found}")
            value = value.cast(expected)
        if not column.nullable:
            message = f"{table.full_name}.{column.name} is NULL and must not be"
            value = f.when(value.isNotNull(), value).otherwise(f.raise_error(f.lit(message)).cast(expected))
        chosen.append(value.alias(column.name))
    return frame.select(*chosen)


def week_of(name: str) -> Column:
    """The Monday of a date or time, as text: the partition of its row."""
    from pyspark.sql import functions as f

    monday = f.date_trunc("week", f.col(name)).cast("date").cast("string")
    return f.coalesce(monday, f.lit(UNKNOWN_WEEK))


def split_weeks(rows: pa.Table, column: str | None) -> dict[str, pa.Table]:
    """The same for an Arrow table: its rows by week, or all of them where there is no column."""
    if column is None:
        return {WHOLE: rows} if rows.num_rows else {}
    days = pc.floor_temporal(rows.column(column).cast(pa.timestamp("us")), unit="week").cast(pa.date32())
    weeks = pc.fill_null(days.cast(pa.string()), UNKNOWN_WEEK)
    return {week: rows.filter(pc.equal(weeks, week)) for week in sorted(weeks.unique().to_pylist())}


def plain_times(rows: pa.Table) -> pa.Table:
    """The rows with times as `timestamp[us]` without a zone."""
    columns = [
        column.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
        if pa.types.is_timestamp(column.type)
        else column
        for column in rows.columns
    ]
    return pa.Table.from_arrays(columns, names=rows.column_names)


def _exact(path: Path) -> str:
    """The path as a pattern that only it matches."""
    return "".join(f"\\{letter}" if letter in "\\[]{}*?^," else letter for letter in str(path))
