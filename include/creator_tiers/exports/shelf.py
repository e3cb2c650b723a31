"""What the workbench makes of a file's records, and where it is kept: in memory, or on disk for a large file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from creator_tiers.exports.sql import identifier, literal

ROW_GROUP = 1 << 16
"""Rows that a writing thread collects: what is in memory at once."""

_numbers = count()


def keep_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    select: str,
    *,
    on_disk: bool,
    values: Sequence[object] = (),
) -> None:
    """Keep the rows of a query, in their order, under a name: as a table, or as a Parquet file with a view on it.

    Args:
        connection: the workbench.
        name: replaces what had the name before. The query may read that.
        select: the query.
        on_disk: the rows may be too many for the memory.
        values: the query's parameters.
    """
    if not on_disk:
        _replace(connection, name, f"CREATE OR REPLACE TABLE {identifier(name)} AS {select}", "VIEW", values)
        return
    with _file_for(connection, name) as path, _in_order(connection):
        connection.execute(
            f"COPY ({select}) TO {literal(str(path))}"
            f" (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP})",
            list(values),
        )


def keep_batches(
    connection: duckdb.DuckDBPyConnection, name: str, batches: Iterator[pa.RecordBatch], schema: pa.Schema
) -> None:
    """Keep Arrow batches, in their order, as a Parquet file with a view on it.

    Not by DuckDB's COPY: to write batches of a stream in their order it collects them, past its memory limit.

    Args:
        connection: the workbench.
        name: replaces what had the name before.
        batches: the rows, read while others are written.
        schema: of the batches.
    """
    with (
        _file_for(connection, name) as path,
        pq.ParquetWriter(path, schema, compression="snappy", write_statistics=["row_number"]) as writer,
        ThreadPoolExecutor(1) as pool,
    ):
        waiting: Future[None] | None = None
        for group in _groups(batches):
            if waiting is not None:
                waiting.result()
            waiting = pool.submit(writer.write_table, group, row_group_size=ROW_GROUP)
        if waiting is not None:
            waiting.result()


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows of the batches, about ROW_GROUP at a time."""
    group: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        if rows >= ROW_GROUP:
            yield pa.Table.from_batches(group)
            group, rows = [], 0
    if group:
        yield pa.Table.from_batches(group)


@contextmanager
def _file_for(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[Path]:
    """A Parquet file to fill; afterwards a view on it has the name, and what had it before is gone."""
    [folder] = connection.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
    path = Path(folder) / f"{name}.{next(_numbers)}.parquet"
    earlier = list(path.parent.glob(f"{name}.*.parquet"))
    yield path
    view_rows(connection, name, f"SELECT * FROM read_parquet({literal(str(path))})")
    for file in earlier:
        file.unlink()


def view_rows(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    """Name a query whose rows need no keeping."""
    _replace(connection, name, f"CREATE OR REPLACE VIEW {identifier(name)} AS {select}", "TABLE")


def write_rows(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> None:
    """Write what has a name to a Parquet file for good, in its order.

    By one thread: what has the name may be a view that joins, and a join by several threads keeps no order.
    """
    with _one_thread(connection), _in_order(connection):
        connection.execute(
            f"COPY {identifier(name)} TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )


def remove_rows(
    connection: duckdb.DuckDBPyConnection, name: str, condition: str, values: Sequence[object]
) -> None:
    """Take the rows that meet a condition away."""
    try:
        connection.execute(f"DELETE FROM {identifier(name)} WHERE {condition}", list(values))
    except duckdb.BinderException:  # a view
        rest = f"SELECT * FROM {identifier(name)} WHERE ({condition}) IS NOT TRUE"
        with _one_thread(connection):
            keep_rows(connection, name, rest, on_disk=True, values=values)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    statement: str,
    other: str,
    values: Sequence[object] = (),
) -> None:
    """Run a CREATE OR REPLACE, which does not replace what is of the other kind. Asking first would cost every file."""
    try:
        connection.execute(statement, list(values))
    except duckdb.CatalogException:
        connection.execute(f"DROP {other} IF EXISTS {identifier(name)}")
        connection.execute(statement, list(values))


@contextmanager
def _one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    [threads] = connection.execute("SELECT current_setting('threads')").fetchone() or (1,)
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {int(threads)}")


@contextmanager
def _in_order(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let COPY write rows in the order in which they come; a join by one thread keeps that of its left side."""
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET disabled_optimizers = ''")
