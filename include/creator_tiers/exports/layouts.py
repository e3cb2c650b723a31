"""How a file of delimited text is laid out: its delimiter, and where its header is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.quotes import is_all_quoted

DELIMITERS = (",", ";", "\t")
PROBE_CHARS = 1 << 20
PROBE_RECORDS = 24
MAX_RECORD_CHARS = 8 << 20
MAX_COLUMNS = 4096
_NOTED = re.compile(r'"?sep=.?"?[,;]*[\r\n]', re.IGNORECASE)

csv.field_size_limit(MAX_RECORD_CHARS)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is laid out.

    Attributes:
        delimiter: between cells.
        header: the column names as written.
        header_record: the header's record number, 1 where nothing stands before it.
        is_all_quoted: the header has quotes around every cell, so that the records have.
        raw_position: the column with the record as it is written, in a file that was made one table.
        unshown: records before the header that a spreadsheet does not show: the line `sep=;`.
    """

    delimiter: str
    header: tuple[str, ...]
    header_record: int
    is_all_quoted: bool = False
    unshown: int = 0
    raw_position: int | None = None

    @property
    def first_number(self) -> int:
        """The number of the first record after the header, as a spreadsheet shows it."""
        return self.header_record + 1 - self.unshown


def candidate_layouts(path: Path, encoding: str) -> Iterator[Layout]:
    """The layouts that the file's beginning allows, the most likely first.

    Raises:
        RefusedFileError: the beginning has a record or a header too large to be an export's.
    """
    head = _head(path, encoding)
    probes = [(delimiter, _probe(head, delimiter)) for delimiter in DELIMITERS]
    told = int(names_its_delimiter(head))
    for number in range(PROBE_RECORDS):
        for delimiter, records in probes:
            if number < len(records) and len(records[number]) > (0 if number == 0 else 1):
                if len(records[number]) > MAX_COLUMNS:
                    raise RefusedFileError(
                        "too_many_columns", f"the header has {len(records[number]):,} columns; no export has"
                    )
                yield Layout(
                    delimiter,
                    tuple(records[number]),
                    number + 1,
                    is_all_quoted=number == 0 and is_all_quoted(head),
                    unshown=told if number else 0,
                )


def names_its_delimiter(head: str) -> bool:
    """Whether the first line is `sep=;`, a spreadsheet's own note of the delimiter."""
    return _NOTED.match(head) is not None


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(PROBE_CHARS)
    if len(head) == PROBE_CHARS and "\n" not in head and "\r" not in head:
        raise RefusedFileError("line_too_long", f"the first line is longer than {PROBE_CHARS:,} characters")
    return head.removeprefix("\ufeff")


def _probe(head: str, delimiter: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), PROBE_RECORDS))
    except csv.Error:
        return []
