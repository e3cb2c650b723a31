"""Excel workbooks: each sheet as a CSV file for the readers of text, its rows numbered as the sheet shows them."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.sql import exact_decimal

MAX_SHEETS = 50
MAX_PART_BYTES = 512 << 20
MAX_CELLS = 10_000_000
"""Rows times columns up to a sheet's last cell: blank ones between are held in memory too."""
EXACT_BELOW = 10**15
"""Excel keeps 15 digits: from here on a number cell is no longer what was typed or imported."""

_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})\d""")
_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Z]{0,3}(\d{1,7})["']""")
_NUMERIC_DATE = re.compile(r"\s*\d{1,2}([-/.])\d{1,2}[-/.]\d{2,4}(?!\d)")
_MARKS = "-/."
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_OURS = (KeyboardInterrupt, SystemExit, GeneratorExit)

Cell = float | str | bool | time | date | timedelta
Row = list[Cell]


def sheets(file: Path, scratch: Path) -> list[tuple[str, Path]]:
    """The visible sheets that hold anything, each with a CSV file in `scratch`.

    A number is written plainly; from 10^15 on as Excel shows it (`1.79E+16`), for its last digits are lost. A date
    cell is written as ISO 8601, except where its column holds numeric dates as text beside it: there Excel has
    turned into dates what it could, perhaps with day and month swapped, and such a cell is written so that the file's
    own dates cannot decide it. An error or a formula without a value is blank.

    Raises:
        RefusedFileError: the workbook is old, protected, damaged, or too large.
    """
    with file.open("rb") as opened:
        if opened.read(8) == _OLD:
            raise RefusedFileError(
                "not_supported",
                "an old (.xls) or password-protected workbook; save it as .xlsx without a password, or as CSV",
            )
    _check_size(file)
    found: list[tuple[str, Path]] = []
    try:
        with CalamineWorkbook.from_path(file) as book:
            for about in book.sheets_metadata:
                if about.typ != SheetTypeEnum.WorkSheet or about.visible != SheetVisibleEnum.Visible:
                    continue
                sheet = book.get_sheet_by_name(about.name)
                if sheet.start is not None:
                    found.append((about.name, _write(sheet, scratch / f"sheet-{len(found)}.csv")))
    except _NOT_OURS:
        raise
    except BaseException as error:
        if not _is_readers(error):
            raise
        raise RefusedFileError("bad_structure", f"the workbook cannot be read: {error}") from error
    return found


def _is_readers(error: BaseException) -> bool:
    """Whether the reader of workbooks gave up, in an orderly way or by a panic, which is no `Exception`."""
    return isinstance(error, CalamineError | OSError | ValueError) or not isinstance(error, Exception)


def _check_size(file: Path) -> None:
    """Read every part once, in small pieces: their true sizes, and how far the sheets reach.

    Raises:
        RefusedFileError: the workbook is damaged or too large.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            pages = [info for info in archive.infolist() if info.filename.startswith("xl/worksheets/sheet")]
            if not pages or any(info.filename.endswith(".bin") for info in pages):
                raise RefusedFileError(
                    "not_supported", "a document, or a binary workbook; save the sheet as .xlsx or CSV"
                )
            if len(pages) > MAX_SHEETS:
                raise RefusedFileError("archive_limit", f"the workbook has {len(pages):,} sheets")
            for info in archive.infolist():
                if info.file_size > MAX_PART_BYTES:
                    raise RefusedFileError(
                        "archive_limit",
                        f"{info.filename!r} in the workbook unpacks to {info.file_size:,} bytes; save it as CSV",
                    )
                rows, columns = _reach(archive, info)
                if info in pages and rows * columns > MAX_CELLS:
                    raise RefusedFileError(
                        "archive_limit",
                        f"a sheet reaches over {rows:,} rows and {columns:,} columns, more than {MAX_CELLS:,} cells; "
                        "delete the blank ones, or save it as CSV",
                    )
    except RefusedFileError:
        raise
    except Exception as error:
        raise RefusedFileError("bad_structure", f"the workbook cannot be read: {error}") from error


def _reach(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[int, int]:
    """The greatest row and column that a part's cells name."""
    last_row, last_column, tail = 0, 0, b""
    with archive.open(info) as part:
        while chunk := part.read(1 << 20):
            text = tail + chunk
            last_row = max(last_row, *map(int, set(_ROW.findall(text))), 0)
            last_column = max(last_column, *map(_column_number, set(_COLUMN.findall(text))), 0)
            tail = text[-32:]
    return last_row, last_column


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _write(sheet: CalamineSheet, target: Path) -> Path:
    marks = _half_converted(sheet)
    with target.open("w", encoding="utf-8", errors="replace", newline="") as opened:
        writer = csv.writer(opened)
        for row in sheet.iter_rows():
            cells = [_text(cell, marks.get(position)) for position, cell in enumerate(row)]
            is_remark = cells[0].startswith("#") and not any(cells[1:])
            writer.writerow(cells[:1] if is_remark else cells)
    return target


def _half_converted(sheet: CalamineSheet) -> dict[int, str]:
    """Columns that hold both date cells and numeric dates as text, each with a mark that the texts do not use."""
    dated: set[int] = set()
    written: dict[int, set[str]] = {}
    for row in sheet.iter_rows():
        for position, cell in enumerate(row):
            if isinstance(cell, date):
                dated.add(position)
            elif isinstance(cell, str) and (found := _NUMERIC_DATE.match(cell)):
                written.setdefault(position, set()).add(found[1])
    return {
        position: next((mark for mark in _MARKS if mark not in marks), _MARKS[0])
        for position, marks in written.items()
        if position in dated
    }


def _text(cell: Cell, mark: str | None) -> str:
    if isinstance(cell, str):
        return cell.replace("\0", "")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, date):
        return _date(cell, mark)
    if isinstance(cell, time):
        cell = timedelta(
            hours=cell.hour, minutes=cell.minute, seconds=cell.second + round(cell.microsecond / 1e6)
        )
    seconds = round(cell.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _number(value: float) -> str:
    if abs(value) >= EXACT_BELOW:
        return f"{value:.2E}"
    return str(int(value)) if value == int(value) else exact_decimal(f"{value:.15g}")


def _date(cell: date, mark: str | None) -> str:
    if isinstance(cell, datetime):
        cell = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
    day = cell.date() if isinstance(cell, datetime) else cell
    is_undecidable = mark is not None and day.day <= 12 and day.day != day.month
    shown = f"{day.day}{mark}{day.month}{mark}{day.year}" if is_undecidable else day.isoformat()
    return f"{shown} {cell:%H:%M:%S}" if isinstance(cell, datetime) else shown
