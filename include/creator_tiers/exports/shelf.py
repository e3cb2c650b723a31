"""What the workbench makes of a file's records, and where it is kept: in memory, or on disk for a large file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
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
    with _file_for(connection, name) as path, in_order(connection):
        connection.execute(
            f"COPY ({select}) TO {literal(str(path))}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})",
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
    with shelved_file(connection, name, schema, is_passing=True) as file:
        for batch in batches:
            file.write(batch)


def in_groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in larger batches, about ROW_GROUP each."""
    group: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        if rows >= ROW_GROUP:
            yield from pa.Table.from_batches(group).combine_chunks().to_batches()
            group, rows = [], 0
    if group:
        yield from pa.Table.from_batches(group).combine_chunks().to_batches()


class ShelvedFile:
    """A Parquet file that a thread fills with the batches that it is given, in their order."""

    def __init__(self, path: Path, schema: pa.Schema, pool: ThreadPoolExecutor, *, is_passing: bool) -> None:
        self._path = path
        self._schema = schema
        self._is_passing = is_passing
        self._pool = pool
        self._writer: pq.ParquetWriter | None = None
        self._waiting: Future[None] | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; returns as soon as the rows before them are written."""
        self._wait()
        self._waiting = self._pool.submit(self._write, batch)

    def close(self) -> None:
        """Write the file's end; the file is closed even where rows could not be written."""
        try:
            self._wait()
            if self._writer is None:
                self._writer = self._opened(dictionary=())
        finally:
            if self._writer is not None:
                self._writer.close()

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            # Where most values differ, a dictionary would be built and thrown away.
            few = [
                name
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
                if pa.types.is_dictionary(column.type)
                or pc.count_distinct(column).as_py() * 2 <= batch.num_rows
            ]
            self._writer = self._opened(few)
        self._writer.write_batch(batch, row_group_size=ROW_GROUP)

    def _opened(self, dictionary: Sequence[str]) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            self._path,
            self._schema,
            compression="snappy" if self._is_passing else "zstd",
            use_dictionary=list(dictionary),
            store_schema=False,  # a dictionary is a way to write texts, no type of theirs
            # Nobody looks for a range of texts, and to order the texts of a row group takes as long as writing them.
            write_statistics=[
                field.name
                for field in self._schema
                if field.name == "row_number" or not (self._is_passing or _is_text(field.type))
            ],
        )

    def _wait(self) -> None:
        if self._waiting is not None:
            self._waiting.result()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind.value_type if pa.types.is_dictionary(kind) else kind))


@contextmanager
def shelved_file(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, *, is_passing: bool = False
) -> Iterator[ShelvedFile]:
    """A Parquet file to fill; afterwards a view on it has the name.

    Args:
        connection: the workbench, free for other work while the file is filled.
        name: replaces what had the name before.
        schema: of the rows.
        is_passing: it is read once or twice and not kept: written quickly, and only `row_number` has statistics.
    """
    with _file_for(connection, name) as path, ThreadPoolExecutor(1) as pool:
        file = ShelvedFile(path, schema, pool, is_passing=is_passing)
        try:
            yield file
        finally:
            file.close()


@contextmanager
def _file_for(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[Path]:
    """A Parquet file to fill; afterwards a view on it has the name, and what had it before is gone."""
    earlier = _files(connection, name)
    path = _folder(connection) / f"{name}.{next(_numbers)}.parquet"
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    _view(connection, name, f"SELECT * FROM read_parquet({literal(str(path))})")
    for file in earlier:
        file.unlink()


def _files(connection: duckdb.DuckDBPyConnection, name: str) -> list[Path]:
    """The files in which the rows of a name are kept: one or none."""
    return list(_folder(connection).glob(f"{name}.*.parquet"))


def _remove_files(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    for file in _files(connection, name):
        file.unlink()


def _folder(connection: duckdb.DuckDBPyConnection) -> Path:
    [folder] = connection.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
    return Path(folder)


def view_rows(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    """Name a query whose rows need no keeping. It must not read what had the name before."""
    _view(connection, name, select)
    _remove_files(connection, name)


def _view(connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    _replace(connection, name, f"CREATE OR REPLACE VIEW {identifier(name)} AS {select}", "TABLE")


def write_rows(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> None:
    """Write what has a name to a Parquet file for good, in its order. What is on disk already is moved.

    Else by one thread: what has the name may be a view that joins, and a join by several threads keeps no order.
    """
    if file := next(iter(_files(connection, name)), None):
        connection.execute(f"DROP VIEW {identifier(name)}")
        shutil.move(file, target)
        return
    with _one_thread(connection), in_order(connection):
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
    """Run a CREATE OR REPLACE, which does not replace what is of the other kind. Asking first would cost every file.

    A file of the name is there exactly while the name is a view on it.
    """
    try:
        connection.execute(statement, list(values))
    except duckdb.CatalogException:
        connection.execute(f"DROP {other} IF EXISTS {identifier(name)}")
        connection.execute(statement, list(values))
        if other == "VIEW":
            _remove_files(connection, name)


@contextmanager
def _one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    [threads] = connection.execute("SELECT current_setting('threads')").fetchone() or (1,)
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {int(threads)}")


@contextmanager
def in_order(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let COPY write rows in the order in which they come; a join by one thread keeps that of its left side."""
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET disabled_optimizers = ''")
