"""An export file's records as the workbench's table `raw`: the cells as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa

from creator_tiers.exports import delimited
from creator_tiers.exports.faults import RefusedFileError


def load_raw(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    encoding: str,
    layout: delimited.Layout,
    batches: Iterator[pa.RecordBatch] | None = None,
) -> None:
    """Fill the workbench's table `raw` with the records after the header.

    Args:
        connection: the workbench.
        file: the file.
        encoding: its encoding.
        layout: its layout.
        batches: its records, where they have been read already.

    Raises:
        RefusedFileError: the file cannot be read to its end.
    """
    batches = batches if batches is not None else delimited.read_batches(file, encoding, layout)
    first = next(batches, None)
    stream: Iterator[pa.RecordBatch] = chain([first], batches) if first is not None else iter(())
    reader = pa.RecordBatchReader.from_batches(delimited.batch_schema(layout), _guarded(stream, file.name))
    connection.register("incoming", reader)
    try:
        connection.execute("CREATE OR REPLACE TABLE raw AS SELECT * FROM incoming")
    except duckdb.Error as error:
        if isinstance(error.__context__, RefusedFileError):
            raise error.__context__ from error
        raise
    finally:
        connection.unregister("incoming")


def _guarded(batches: Iterator[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except UnicodeDecodeError as error:
        raise RefusedFileError("bad_encoding", f"{name}: {error}") from error
