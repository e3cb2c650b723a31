"""Arrow tables that fit a table's description."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from creator_tiers.tables import ColumnType, Table
from creator_tiers.warehouse.errors import WarehouseError

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "decimal": pa.decimal128(18, 4),
    "rate": pa.decimal128(20, 10),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}


def schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table; times are UTC without a zone."""
    return pa.schema(
        [pa.field(column.name, ARROW_TYPES[column.type], column.nullable) for column in table.columns]
    )


def conform(rows: pa.Table, table: Table) -> pa.Table:
    """The rows with exactly the described columns, in their order and types; absent columns are NULL.

    Times with a zone become UTC.

    Raises:
        WarehouseError: a column is not described, has a value that its type cannot hold, or lacks a required value.
    """
    unknown = [name for name in rows.column_names if name not in {column.name for column in table.columns}]
    if unknown:
        raise WarehouseError(
            f"{table.full_name} has no column {', '.join(unknown)}; describe it in "
            f"include/sql/{table.layer}/{table.name}.yaml"
        )
    columns = [_column(rows, field, table) for field in schema(table)]
    return pa.Table.from_arrays(columns, schema=schema(table))


def _column(rows: pa.Table, field: pa.Field, table: Table) -> pa.ChunkedArray:
    if field.name in rows.column_names:
        given = rows.column(field.name)
        if pa.types.is_timestamp(given.type) and given.type.tz is not None:
            given = given.cast(pa.timestamp(given.type.unit, "UTC")).cast(pa.timestamp(given.type.unit))
        try:
            values = given.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise WarehouseError(
                f"{table.full_name}.{field.name} cannot hold {given.type}: {error}"
            ) from error
    else:
        values = pa.chunked_array([pa.nulls(rows.num_rows, field.type)])
    if not field.nullable and values.null_count:
        raise WarehouseError(
            f"{table.full_name}.{field.name} is NULL in {values.null_count} rows and must not be"
        )
    return values


def without_zone(moment: datetime) -> datetime:
    """A time as the warehouse has it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def bindable(value: object) -> object:
    """A value of a parameter as a driver binds it: times without a zone."""
    return without_zone(value) if isinstance(value, datetime) else value
