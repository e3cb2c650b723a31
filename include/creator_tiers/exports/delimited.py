"""Delimited text: the records after its header, as Arrow batches of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.layouts import MAX_RECORD_CHARS, PROBE_CHARS, Layout
from creator_tiers.exports.quotes import check_closed, has_stray_quotes, repaired_records

BLOCK_BYTES = 1 << 20
"""What pyarrow reads ahead by; several blocks are in memory at once."""
BATCH_RECORDS = 1 << 16


def read_batches(path: Path, encoding: str, layout: Layout) -> Iterator[pa.RecordBatch]:
    """The records after the header.

    Yields batches with `row_number` (bigint; as a spreadsheet shows it, from `layout.first_number`), one text column
    `c0`, `c1`, ... a header cell, `beyond` (text: what stands beyond the header's cells, as CSV; NULL for nothing),
    and `cell_count` (bigint; blank cells beyond the header's do not count).
    A cell that a short record lacks is NULL.
    """
    try:
        yield from _fast(path, encoding, layout)
    except _Irregular as irregular:
        yield from _careful(path, encoding, layout, skip=irregular.records)


def count_records(path: Path, encoding: str, layout: Layout) -> int:
    """How many records follow the header.

    Raises:
        RefusedFileError: the file cannot be read to its end.
    """
    with _decoding(encoding):
        return sum(1 for _ in _records(path, encoding, layout))


def numbered_records(
    path: Path, encoding: str, delimiter: str, width: int | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Every record of a file, numbered from 1; no cells for a blank line.

    Args:
        path: the file.
        encoding: its encoding.
        delimiter: between cells.
        width: cells of a record, to find records in one whose quote is never closed; None: those of the one before.

    Raises:
        RefusedFileError: the file cannot be read to its end.
    """
    with _decoding(encoding), path.open(encoding=encoding, newline="") as file:
        lines = _BoundedLines(file)
        reader = csv.reader(lines, delimiter=delimiter)
        number, before, last = 0, 0, []
        try:
            for number, record in enumerate(reader, 1):
                last = lines.taken
                lines.taken = []
                yield number, record
                before = len(record) if len(last) == 1 else before
        except csv.Error as error:
            raise RefusedFileError(
                "line_too_long", f"near line {reader.line_num:,}: {error}; is a quote left open?"
            ) from error
        check_closed(last, delimiter, before if width is None else width, number)


@contextmanager
def _decoding(encoding: str) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        raise cut_off(encoding, error) from error


def cut_off(encoding: str, error: UnicodeError) -> RefusedFileError:
    """The refusal of a file that stops being text somewhere."""
    return RefusedFileError(
        "bad_encoding", f"the file is cut off or damaged: not {encoding} to its end ({error})"
    )


class _Irregular(Exception):  # noqa: N818 - a signal between two readers, no error
    """The fast reader met a record that only the careful one can read."""

    def __init__(self, records: int) -> None:
        self.records = records


def batch_schema(layout: Layout) -> pa.Schema:
    """The schema of `read_batches`."""
    cells = [pa.field(f"c{position}", pa.string()) for position in range(len(layout.header))]
    beside = [pa.field("beyond", pa.string()), pa.field("cell_count", pa.int64())]
    return pa.schema([pa.field("row_number", pa.int64()), *cells, *beside])


def _fast(path: Path, encoding: str, layout: Layout) -> Iterator[pa.RecordBatch]:
    """pyarrow's reader: regular files in UTF-8 only."""
    if layout.is_all_quoted and has_stray_quotes(path, encoding, layout.delimiter):
        raise _Irregular(0)
    offset = _body_offset(path, layout) if encoding == "utf-8" and len(layout.header) > 1 else None
    if offset is None:
        raise _Irregular(0)
    schema = batch_schema(layout)
    names = schema.names[1:-2]
    done = 0
    with path.open("rb") as file:
        file.seek(offset)
        if not file.read(1):
            return
        file.seek(offset)
        try:
            reader = pa.csv.open_csv(
                file,
                read_options=pa.csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
                parse_options=pa.csv.ParseOptions(
                    delimiter=layout.delimiter, newlines_in_values=True, ignore_empty_lines=False
                ),
                convert_options=pa.csv.ConvertOptions(
                    check_utf8=False,  # the whole file has been checked
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                ),
            )
            tail: pa.Array | None = None
            for batch in reader:
                tail = batch.columns[-1]
                first = layout.first_number + done
                numbers = pa.array(np.arange(first, first + batch.num_rows))
                beyond = pa.nulls(batch.num_rows, pa.string())
                counts = pa.repeat(pa.scalar(len(names), pa.int64()), batch.num_rows)
                done += batch.num_rows
                yield pa.RecordBatch.from_arrays([numbers, *batch.columns, beyond, counts], schema=schema)
        except pa.ArrowInvalid as error:
            raise _Irregular(done) from error
    if tail is not None and len(tail) and _may_be_open(path, tail[-1].as_py()):
        raise _Irregular(done)


def _may_be_open(path: Path, last_cell: str) -> bool:
    """Whether the last cell's quote may never have been closed: it runs over lines, and the file ends with no quote."""
    if "\n" not in last_cell and "\r" not in last_cell:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        return not file.read().rstrip(b"\r\n").endswith(b'"')


def _body_offset(path: Path, layout: Layout) -> int | None:
    """Bytes before the first record after the header; None where the two readers may disagree on it."""
    with path.open("rb") as file:
        head = file.read(PROBE_CHARS).decode("utf-8", "replace")
    lines = _Lines(head)
    records = csv.reader(lines, delimiter=layout.delimiter)
    for _ in range(layout.header_record):
        if next(records, None) is None:
            return None
    before = head[: lines.consumed]
    return None if "\ufffd" in before else len(before.encode("utf-8"))


class _Lines:
    """Lines of a text, with the number of characters given out so far."""

    def __init__(self, text: str) -> None:
        self.consumed = 0
        self._lines = iter(io.StringIO(text, newline=""))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.consumed += len(line)
        return line


def _careful(path: Path, encoding: str, layout: Layout, skip: int) -> Iterator[pa.RecordBatch]:
    """The csv module's reader: any encoding, short and long and blank records. Columnar by the chunk."""
    width = len(layout.header)
    schema = batch_schema(layout)
    records = islice(_records(path, encoding, layout), skip, None)
    number = layout.first_number + skip
    while chunk := list(islice(records, BATCH_RECORDS)):
        columns: list[Sequence[str | None]] = list(zip_longest(*chunk, fillvalue=None))
        count = len(chunk)
        cells = [
            pa.array(columns[position] if position < len(columns) else [None] * count, pa.string())
            for position in range(width)
        ]
        counts = pa.array(map(len, chunk), pa.int64())
        beyond = pa.nulls(count, pa.string())
        if len(columns) > width:
            further = [pa.array(column, pa.string()) for column in columns[width:]]
            joined = pa.compute.binary_join_element_wise(*further, ",", null_handling="replace")
            joined = pa.compute.utf8_rtrim(joined, ",")
            is_blank = pa.compute.equal(pa.compute.utf8_trim(joined, ", \t"), "")
            beyond = pa.compute.if_else(is_blank, pa.scalar(None, pa.string()), joined)
            counts = pa.compute.if_else(is_blank, pa.compute.min_element_wise(counts, width), counts)
        numbers = pa.array(np.arange(number, number + count))
        number += count
        yield pa.RecordBatch.from_arrays([numbers, *cells, beyond, counts], schema=schema)


def _records(path: Path, encoding: str, layout: Layout) -> Iterator[list[str]]:
    """The records after the header, as lists of cells; a blank line is a record of blank cells."""
    width = len(layout.header)
    blank = [""] * width
    if layout.is_all_quoted and has_stray_quotes(path, encoding, layout.delimiter):
        yield from islice(repaired_records(path, encoding, layout.delimiter, width), 1, None)
        return
    for number, record in numbered_records(path, encoding, layout.delimiter, width):
        if number > layout.header_record:
            yield record or blank


class _BoundedLines:
    """Lines, none longer than the longest record that an export has.

    Attributes:
        taken: the lines given out since the attribute was last emptied.
    """

    def __init__(self, file: io.TextIOWrapper) -> None:
        self.taken: list[str] = []
        self._file = file

    def __iter__(self) -> _BoundedLines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_RECORD_CHARS)
        if not line:
            raise StopIteration
        if len(line) == MAX_RECORD_CHARS and not line.endswith("\n"):
            raise RefusedFileError("line_too_long", f"a line is longer than {MAX_RECORD_CHARS:,} characters")
        self.taken.append(line)
        return line
