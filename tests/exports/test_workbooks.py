"""Workbooks that are damaged, protected, or far larger than they look."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from creator_tiers.exports import workbooks
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.workbooks import sheets

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "exports"
BOOK = FIXTURES / "youtube_studio_table" / "workbook.xlsx"
SHEET = "xl/worksheets/sheet1.xml"

pytestmark = pytest.mark.unit


def with_parts(target: Path, parts: Mapping[str, bytes | None]) -> Path:
    """A copy of the workbook with other parts; None leaves one out."""
    with zipfile.ZipFile(BOOK) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            content = parts[name] if name in parts else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return target


def page(cells: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{cells}</sheetData></worksheet>"
    ).encode()


def refusal(file: Path, scratch: Path) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as caught:
        sheets(file, scratch)
    return caught.value


def test_each_sheet_that_holds_anything_is_a_file(tmp_path: Path) -> None:
    assert [name for name, _ in sheets(BOOK, tmp_path)] == ["Table data", "Chart data", "Totals"]


def test_a_number_cell_has_a_decimal_point(tmp_path: Path) -> None:
    row = "".join(
        f'<c r="{at}1"><v>{value}</v></c>'
        for at, value in zip("ABCD", ("1.125", "12.5", "-3", "0.1"), strict=True)
    )
    parts = {SHEET: page(f'<row r="1">{row}</row>')}

    _, written = sheets(with_parts(tmp_path / "a.xlsx", parts), tmp_path)[0]

    assert written.read_text().splitlines()[0].split(",")[:4] == ["1.1250", "12.5", "-3", "0.1"]


def test_a_far_cell_does_not_fill_the_memory(tmp_path: Path) -> None:
    far = page(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r = \'XFD1048576\'><v>1</v></c></row>'
    )

    refused = refusal(with_parts(tmp_path / "far.xlsx", {SHEET: far}), tmp_path)

    assert refused.rule == "archive_limit"
    assert "1,048,576 rows and 16,384 columns" in refused.message


def test_a_part_that_unpacks_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_PART_BYTES", 1 << 20)
    bomb = with_parts(tmp_path / "bomb.xlsx", {"xl/sharedStrings.xml": b" " * (2 << 20)})

    assert refusal(bomb, tmp_path).rule == "archive_limit"


def test_too_many_sheets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_SHEETS", 3)

    assert refusal(BOOK, tmp_path).rule == "archive_limit"


def test_a_damaged_workbook_is_refused_with_a_reason(tmp_path: Path) -> None:
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(BOOK.read_bytes()[:-400])
    broken = with_parts(tmp_path / "broken.xlsx", {SHEET: b"<worksheet><sheetData><row r="})
    nameless = with_parts(tmp_path / "nameless.xlsx", {SHEET: None})

    for file in (cut, broken, nameless):
        assert refusal(file, tmp_path).rule == "bad_structure", file.name


@pytest.mark.parametrize("position", range(0, len(BOOK.read_bytes()), 211))
def test_a_flipped_byte_never_crashes_the_reader(position: int, tmp_path: Path) -> None:
    content = bytearray(BOOK.read_bytes())
    content[position] ^= 0xFF
    file = tmp_path / "flipped.xlsx"
    file.write_bytes(content)

    try:
        pages = sheets(file, tmp_path)
    except RefusedFileError:
        return
    assert len(pages) <= 4


def test_columns_of_any_name_are_numbered() -> None:
    assert [workbooks._column_number(name) for name in (b"A", b"Z", b"AA", b"XFD")] == [1, 26, 27, 16384]
