"""Quotes gone wrong: cells whose inner quotes nobody doubled, and a quote that is opened and never closed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from creator_tiers.exports.faults import RefusedFileError

CHUNK_CHARS = 1 << 20
MAX_REPAIR_BYTES = 64 << 20
"""Platforms' all-quoted exports are small; a larger file is read as it is."""

_ALL_QUOTED = re.compile(r'"[^"\r\n]*"(?:(?P<mark>[,;\t])"[^"\r\n]*")(?:(?P=mark)"[^"\r\n]*")*[\r\n]')
_END = re.compile(r'"(?:(?:\r\n?|\n)(?="|\Z)|\Z)')
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")


def is_all_quoted(head: str) -> bool:
    """Whether the first line has quotes around every cell, so that the records after it do."""
    return _ALL_QUOTED.match(head) is not None


def has_stray_quotes(path: Path, encoding: str, delimiter: str) -> bool:
    """Whether a quote stands inside a cell without its double: neither at a cell's edge nor beside another quote."""
    mark = re.escape(delimiter)
    stray = re.compile(rf'[^{mark}"\r\n]"[^{mark}"\r\n]|(?:[{mark}\n]|\A)""[^{mark}"\r\n]')
    if path.stat().st_size > MAX_REPAIR_BYTES:
        return False
    with path.open(encoding=encoding, newline="") as file:
        tail = ""
        while chunk := file.read(CHUNK_CHARS):
            if stray.search(tail + chunk):
                return True
            tail = chunk[-3:]
    return False


def repaired_records(path: Path, encoding: str, delimiter: str, width: int) -> Iterator[list[str]]:
    """The records of an all-quoted file, header included: a well-formed one as it is written, any other cut at `","`.

    A cut record that has more cells than the header keeps them, so that it is seen to be broken.
    """
    with path.open(encoding=encoding, newline="") as file:
        text = file.read().removeprefix("\ufeff")
    cell = r'"(?:[^"]|"")*+"'
    well_formed = re.compile(rf"{cell}(?:{re.escape(delimiter)}{cell}){{{width - 1}}}(?:\r\n?|\n|\Z)")
    cut = f'"{delimiter}"'
    position = 0
    while position < len(text):
        if found := well_formed.match(text, position):
            yield next(csv.reader([found[0]], delimiter=delimiter))
            position = found.end()
        elif text[position] == '"' and (end := _END.search(text, position + 1)):
            cells = text[position + 1 : end.start()].split(cut)
            yield [one.replace('""', '"') for one in cells]
            position = end.end()
        else:
            line = _LINE.match(text, position)
            end_of_line = line.end() if line else len(text)
            yield next(csv.reader([text[position:end_of_line]], delimiter=delimiter), [])
            position = end_of_line


def check_closed(lines: Sequence[str], delimiter: str, width: int, first: int) -> None:
    """Refuse a file whose last record opened a quote, never closed it, and swallowed records by that.

    Args:
        lines: the last record as it is written.
        delimiter: between cells.
        width: cells of the header.
        first: the number of the record.

    Raises:
        RefusedFileError: `bad_structure`, naming the record.
    """
    if len(lines) < 2:
        return
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" not in str(error):
            return
        swallowed = sum(
            len(cells) == width for line in lines[1:] for cells in csv.reader([line], delimiter=delimiter)
        )
        if swallowed and width > 1:
            raise RefusedFileError(
                "bad_structure",
                f"record {first} opens a quote that is never closed: the {len(lines) - 1:,} lines after it cannot be "
                "told from its cell; export the file again",
            ) from error
