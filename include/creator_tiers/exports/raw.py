"""An export file's records as the workbench's table `raw`: the cells as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa

from creator_tiers.exports import delimited
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.layouts import Layout
from creator_tiers.exports.looks import Looks
from creator_tiers.exports.progress import Progress
from creator_tiers.exports.shelf import in_groups, keep_batches, keep_rows


def load_raw(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    encoding: str,
    layout: Layout,
    batches: Iterator[pa.RecordBatch] | None = None,
    *,
    progress: Progress,
    on_disk: bool = False,
) -> Looks:
    """Fill the workbench's table `raw` with the records after the header.

    Args:
        connection: the workbench.
        file: the file.
        encoding: its encoding.
        layout: its layout.
        batches: its records, where they have been read already.
        progress: told how many records are read.
        on_disk: they may be too many for the memory.

    Returns:
        How the cells look, by column.

    Raises:
        RefusedFileError: the file cannot be read to its end.
    """
    looks = Looks()
    watched = _Watched(
        batches if batches is not None else delimited.read_batches(file, encoding, layout), encoding, progress
    )
    if on_disk:
        seen = _seen(in_groups(watched), looks)
        keep_batches(connection, "raw", seen, delimited.batch_schema(layout))
        return looks
    seen = _seen(watched, looks)
    first = next(seen, None)
    stream: Iterator[pa.RecordBatch] = chain([first], seen) if first is not None else iter(())
    reader = pa.RecordBatchReader.from_batches(delimited.batch_schema(layout), stream)
    connection.register("incoming", reader)
    try:
        keep_rows(connection, "raw", "SELECT * FROM incoming", on_disk=False)
    except duckdb.Error as error:
        if watched.refusal is not None:
            raise watched.refusal from error
        raise
    finally:
        connection.unregister("incoming")
    return looks


def _seen(batches: Iterator[pa.RecordBatch], looks: Looks) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        looks.see(batch.columns[1:-2])  # the cells: `delimited.batch_schema`
        yield batch


class _Watched:
    """Batches on their way into the workbench, which tells of an exception only that there was one.

    Attributes:
        refusal: why the file cannot be read further; None where it can.
    """

    def __init__(self, batches: Iterator[pa.RecordBatch], encoding: str, progress: Progress) -> None:
        self.refusal: RefusedFileError | None = None
        self._batches = batches
        self._encoding = encoding
        self._progress = progress

    def __iter__(self) -> _Watched:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            batch = next(self._batches)
        except UnicodeError as error:
            self.refusal = delimited.cut_off(self._encoding, error)
            raise self.refusal from error
        except RefusedFileError as refusal:
            self.refusal = refusal
            raise
        self._progress.rows += batch.num_rows
        return batch
