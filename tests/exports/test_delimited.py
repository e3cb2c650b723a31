"""Two readers of delimited text that must agree, and what they do with text that is broken."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_tiers.exports import delimited
from creator_tiers.exports.delimited import count_records, read_batches
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.fingerprint import fingerprint
from creator_tiers.exports.layouts import Layout, candidate_layouts
from creator_tiers.exports.progress import Progress
from creator_tiers.exports.raw import load_raw

Rows = list[list[Any]]


def rows_of(path: Path, layout: Layout, encoding: str = "utf-8") -> Rows:
    table = pa.Table.from_batches(read_batches(path, encoding, layout), schema=delimited.batch_schema(layout))
    return [list(row.values()) for row in table.to_pylist()]


def careful_rows_of(path: Path, layout: Layout, encoding: str = "utf-8") -> Rows:
    batches = delimited._careful(path, encoding, layout, skip=0)
    table = pa.Table.from_batches(batches, schema=delimited.batch_schema(layout))
    return [list(row.values()) for row in table.to_pylist()]


def cells_of(rows: Rows) -> list[list[str]]:
    return [row[1:-2] for row in rows]


def first_layout(path: Path) -> Layout:
    return next(candidate_layouts(path, "utf-8"))


CELL = st.text(alphabet="ab1 é😀,;\t\"\n\r'|", max_size=8)


@pytest.mark.property
@given(
    table=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12)
    ),
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    is_closed=st.booleans(),
)
@settings(max_examples=150)
def test_fast_and_careful_readers_agree(
    tmp_path: Path, table: list[list[str]], delimiter: str, end: str, quoting: Any, is_closed: bool
) -> None:
    width = len(table[0]) if table else 3
    header = [f"name{n}" for n in range(width)]
    if (
        quoting == csv.QUOTE_MINIMAL
    ):  # the csv module gives quotes to the line ends that it writes, to no others
        bare = str.maketrans(dict.fromkeys({"\r", "\n"} - set(end)))
        table = [[cell.translate(bare) for cell in row] for row in table]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([header, *table])
    written = text.getvalue() if is_closed else text.getvalue().removesuffix(end)
    path = tmp_path / "table.csv"
    path.write_bytes(written.encode())
    layout = Layout(delimiter, tuple(header), 1, quoting == csv.QUOTE_ALL)

    rows = rows_of(path, layout)

    assert rows == careful_rows_of(path, layout)
    assert cells_of(rows) == table
    assert [row[0] for row in rows] == list(range(2, 2 + len(table)))
    assert {row[-1] for row in rows} <= {width}
    assert count_records(path, "utf-8", layout) == len(table)


@pytest.mark.property
@given(text=st.text(alphabet='ab,;"\n\r \t', max_size=60))
@settings(max_examples=150)
def test_both_readers_agree_on_any_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(("x,y\n" + text).encode())
    layout = Layout(",", ("x", "y"), 1)

    def told(read: Any) -> Any:
        try:
            return read(path, layout)
        except RefusedFileError as refusal:
            return refusal.rule

    assert told(rows_of) == told(careful_rows_of)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", [[2, "1", "2", None, 2]]),
        ("a,b\n1,2", [[2, "1", "2", None, 2]]),
        ("a,b\r1,2\r3,4", [[2, "1", "2", None, 2], [3, "3", "4", None, 2]]),
        ("a,b\n1,2\r\n3,4\r5,6\n", [[2, "1", "2", None, 2], [3, "3", "4", None, 2], [4, "5", "6", None, 2]]),
        ("a,b\n\n1,2\n", [[2, "", "", None, 2], [3, "1", "2", None, 2]]),
        (
            "a,b\n1\n2,3,4,5\n6,7,,\n",
            [[2, "1", None, None, 1], [3, "2", "3", "4,5", 4], [4, "6", "7", None, 2]],
        ),
        ('a,b\n"x\ny",2\n', [[2, "x\ny", "2", None, 2]]),
        ("a,b\n", []),
        ("a,b", []),
    ],
)
def test_records(tmp_path: Path, text: str, rows: Rows) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())

    assert rows_of(path, Layout(",", ("a", "b"), 1)) == rows


@pytest.mark.unit
def test_quote_that_swallows_records_refuses_the_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('a,b\n1,2\n3,"4\n5,6\n7,8\n')

    with pytest.raises(RefusedFileError, match="record 3 opens a quote that is never closed: the 2 lines"):
        rows_of(path, Layout(",", ("a", "b"), 1))


@pytest.mark.unit
def test_a_cut_download_loses_its_last_record_only(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('a,b,c\n1,2,3\n4,"two\nlines')

    assert rows_of(path, Layout(",", ("a", "b", "c"), 1)) == [
        [2, "1", "2", "3", None, 3],
        [3, "4", "two\nlines", None, None, 2],
    ]


@pytest.mark.unit
def test_stray_quotes_between_proper_ones(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('"a","b"\n"say "hi", now","1"\n"a ""b"", ""c""","2"\n"x"" , ""y","3"\n', encoding="utf-8")
    layout = first_layout(path)

    assert layout.is_all_quoted
    assert cells_of(rows_of(path, layout)) == [['say "hi", now', "1"], ['a "b", "c"', "2"], ['x" , "y', "3"]]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "delimiter", "header", "record"),
    [
        ("a;b\n1;2\n", ";", ("a", "b"), 1),
        ("a\tb\n1\t2\n", "\t", ("a", "b"), 1),
        ("\ufeffa,b\n1,2\n", ",", ("a", "b"), 1),
    ],
)
def test_layouts(tmp_path: Path, text: str, delimiter: str, header: tuple[str, ...], record: int) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    assert any(
        (one.delimiter, one.header, one.header_record) == (delimiter, header, record)
        for one in candidate_layouts(path, "utf-8")
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "message"),
    [("a," * 600_000, "first line is longer"), ("a," * 5000 + "\n1\n", "5,001 columns")],
)
def test_headers_of_no_export_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)

    with pytest.raises(RefusedFileError, match=message):
        list(candidate_layouts(path, "utf-8"))


@pytest.mark.unit
def test_one_endless_line_is_refused_without_being_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MAX_RECORD_CHARS", 1000)
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n" + "x" * 5000 + "\n")

    with pytest.raises(RefusedFileError, match="longer than 1,000"):
        careful_rows_of(path, Layout(",", ("a", "b"), 1))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50)


@pytest.mark.property
@given(text=TEXT, has_bom=st.booleans())
def test_utf8_is_utf8(tmp_path: Path, text: str, has_bom: bool) -> None:
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8-sig" if has_bom else "utf-8", newline="")

    printed = fingerprint(path)

    assert (printed.encoding, printed.bad_byte, printed.nul_at) == ("utf-8", None, None)


@pytest.mark.property
@given(
    before=TEXT,
    after=st.binary(max_size=20),
    bad=st.sampled_from([b"\xff", b"\xc0", b"\xe9(", b"\xed\xa0\x80"]),
)
def test_the_first_bad_byte_is_told(tmp_path: Path, before: str, after: bytes, bad: bytes) -> None:
    head = before.encode()
    path = tmp_path / "file"
    path.write_bytes(b"a" + head + bad + after)

    printed = fingerprint(path)

    assert printed.bad_byte == 1 + len(head)
    assert printed.encoding in (None, "cp1252")
    assert printed.encoding is None or head.isascii()


@pytest.mark.unit
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("é,ü".encode("cp1252"), "cp1252"),
        (b"soft\xadhyphen", "cp1252"),
        ("é".encode("utf-16"), "utf-16"),
        ("é".encode("utf-16-be"), None),
        ("Content,Ä".encode("utf-16-le"), "utf-16-le"),
        ("Content,Ä".encode("utf-16-be"), "utf-16-be"),
        (b"C\0o\0n\0t\0e\0n\0t\0,\0x", "utf-16-le"),
        (b"\xfe\xff\x00a", "utf-16"),
        (b"undefined in the code page: \x81", None),
        ("é and a cut character é".encode()[:-1], None),
        (b"", "utf-8"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, encoding: str | None) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)

    assert fingerprint(path).encoding == encoding


@pytest.mark.unit
def test_chunks_do_not_cut_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creator_tiers.exports.fingerprint.CHUNK", 3)
    path = tmp_path / "file"
    path.write_bytes("aé😀b".encode() + b"\xff")

    assert fingerprint(path).bad_byte == 8


@pytest.mark.unit
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (("a,b\n" + "1,2\n" * 30).encode("utf-16") + b",", "bad_encoding"),
        (("a,b\n" + "1,2\n" * 30 + '3,"4\n5,6\n').encode("utf-16"), "bad_structure"),
        (("a,b\n" + "1,2\n" * 30 + '3,"4\n5,6\n').encode(), "bad_structure"),
    ],
)
def test_what_is_found_late_refuses_the_file(
    cells: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, rule: str
) -> None:
    monkeypatch.setattr(delimited, "BATCH_RECORDS", 10)
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 40)
    path = tmp_path / "table.csv"
    path.write_bytes(data)

    with pytest.raises(RefusedFileError) as refused:
        load_raw(
            cells,
            path,
            fingerprint(path).encoding or "",
            Layout(",", ("a", "b"), 1),
            progress=Progress("a.csv"),
        )
    assert refused.value.rule == rule
