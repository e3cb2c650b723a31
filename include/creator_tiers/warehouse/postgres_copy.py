"""Rows into PostgreSQL by COPY, formatted column by column by Arrow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql as composing
from pyarrow import csv

from creator_tiers.tables import Table
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import ARROW_TYPES, schema

_FORMAT = csv.WriteOptions(include_header=False, quoting_style="needed")
"""Texts are quoted and NULL is not: COPY then tells an empty text from an unknown one."""

_ROWS_AT_ONCE = 32_768
_BYTES_AT_ONCE = 65_536


def copy_in(
    connection: psycopg.Connection[tuple[Any, ...]], table: Table, batches: Iterable[pa.RecordBatch]
) -> int:
    """Append batches that have the table's columns in their order; how many rows.

    The bytes go to libpq in its blocking mode: psycopg's own writer would spend several times what the server needs.

    Raises:
        psycopg.Error: the server refuses a row, or is gone.
    """
    names = composing.SQL(", ").join(composing.Identifier(column.name) for column in table.columns)
    into = composing.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        composing.Identifier(table.layer, table.name), names
    )
    rows = 0
    with connection.cursor().copy(into) as copy:
        wire = copy.connection.pgconn
        wire.nonblocking = 0
        try:
            for batch in batches:
                rows += batch.num_rows
                text = io.BytesIO()
                csv.write_csv(batch, text, _FORMAT)
                whole = text.getbuffer()
                for start in range(0, len(whole), _BYTES_AT_ONCE):
                    wire.put_copy_data(whole[start : start + _BYTES_AT_ONCE])
        finally:
            wire.nonblocking = 1
    return rows


def batches_of(rows: pa.Table) -> list[pa.RecordBatch]:
    """A frame in parts that are formatted at once."""
    batches: list[pa.RecordBatch] = rows.to_batches(max_chunksize=_ROWS_AT_ONCE)
    return batches


def batches_of_files(table: Table, files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    """The rows of Parquet files as the table has them, `load_key` being each file's name without ending.

    Raises:
        WarehouseError: a column has another type than described.
    """
    fields = schema(table)
    for path in files:
        with pq.ParquetFile(path, memory_map=True) as file:
            found = file.schema_arrow
            _check(table, found, path)
            present = [name for name in fields.names if name in found.names and name != "load_key"]
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=present):
                columns = [_part(field, batch, path) for field in fields]
                yield pa.RecordBatch.from_arrays(columns, names=fields.names)


def _part(field: pa.Field, batch: pa.RecordBatch, path: Path) -> pa.Array:
    if field.name == "load_key":
        return pa.repeat(pa.scalar(path.stem, pa.string()), batch.num_rows)
    if field.name not in batch.schema.names:
        return pa.nulls(batch.num_rows, field.type)
    return batch.column(field.name).cast(field.type)


def _check(table: Table, found: pa.Schema, path: Path) -> None:
    for column in table.columns:
        if column.name == "load_key" or column.name not in found.names:
            continue
        expected, given = ARROW_TYPES[column.type], found.field(column.name).type
        is_text = column.type == "text" and (pa.types.is_large_string(given) or pa.types.is_dictionary(given))
        if given != expected and not is_text:
            raise WarehouseError(
                f"{table.full_name}.{column.name} is {column.type} ({expected}), but the lake's Parquet says "
                f"{given}: {path}"
            )
