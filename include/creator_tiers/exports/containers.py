"""Archives, workbooks and JSON: what is inside, as plain files that the readers of text know."""

from __future__ import annotations

import codecs
import csv
import json
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.sql import exact_decimal
from creator_tiers.exports.workbooks import sheets

MAX_MEMBERS = 1000
MAX_MEMBER_BYTES = 20 << 30
MAX_RATIO = 200
RATIO_MATTERS_FROM = 10 << 20
MAX_JSON_BYTES = 512 << 20


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    struct.error,
)
"""What reading a damaged, encrypted or odd archive raises."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file to read: the export itself, a member of an archive, or one of several sheets of a workbook.

    Attributes:
        file: where its bytes are.
        inner: its path inside the archive or workbook; None for a file that is none.
        text: its content as CSV, for a workbook of one sheet.
        refusal: why its content cannot be read.
    """

    file: Path
    inner: str | None
    text: Path | None = None
    refusal: RefusedFileError | None = None


def is_archive(file: Path) -> bool:
    """Whether the bytes begin like a zip archive that is no spreadsheet."""
    with file.open("rb") as opened:
        if opened.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
            return False
    try:
        with zipfile.ZipFile(file) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except zipfile.BadZipFile:
        return True


def is_spreadsheet(file: Path) -> bool:
    """Whether the bytes begin like an Excel workbook, new or old."""
    with file.open("rb") as opened:
        head = opened.read(8)
    return head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or (head.startswith(b"PK") and not is_archive(file))


def members(file: Path, scratch: Path) -> Iterator[Member]:
    """The files to read in a file: its members, unpacked one at a time into `scratch`, or itself.

    A workbook with several sheets that hold anything gives one member a sheet.

    Raises:
        RefusedFileError: the archive is damaged, encrypted, too large, too deep, or unpacks suspiciously.
    """
    if not is_archive(file):
        yield from _sheets(Member(file, None), scratch)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            infos = _checked(archive)
            if not infos:
                raise RefusedFileError(
                    "unknown_format", "the archive holds no file to read; download it again"
                )
            for info in infos:
                target = scratch / "member"
                with archive.open(info) as source, target.open("wb") as unpacked:
                    shutil.copyfileobj(source, unpacked, 1 << 20)
                if is_archive(target):
                    raise RefusedFileError(
                        "archive_limit", f"{info.filename} is an archive inside the archive"
                    )
                yield from _sheets(Member(target, info.filename), scratch)
    except _DAMAGED as error:
        raise RefusedFileError("bad_structure", f"the archive cannot be read: {error}") from error


def _sheets(member: Member, scratch: Path) -> Iterator[Member]:
    """A member as it is; the sheets of one that is a workbook."""
    if not is_spreadsheet(member.file):
        yield member
        return
    try:
        pages = sheets(member.file, scratch)
    except RefusedFileError as refusal:
        yield replace(member, refusal=refusal)
        return
    if len(pages) <= 1:
        text = pages[0][1] if pages else scratch / "blank.csv"
        text.touch()
        yield replace(member, text=text)
        text.unlink(missing_ok=True)
        return
    for name, text in pages:
        yield Member(text, name if member.inner is None else f"{member.inner}/{name}")
        text.unlink(missing_ok=True)


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_noise(info.filename)]
    if len(infos) > MAX_MEMBERS:
        raise RefusedFileError(
            "archive_limit", f"the archive has {len(infos):,} members, more than {MAX_MEMBERS:,}"
        )
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise RefusedFileError("archive_limit", f"the member {info.filename!r} leads out of the archive")
        too_dense = info.file_size > RATIO_MATTERS_FROM and info.file_size > MAX_RATIO * max(
            info.compress_size, 1
        )
        if too_dense or info.file_size > MAX_MEMBER_BYTES:
            raise RefusedFileError(
                "archive_limit",
                f"the member {info.filename!r} unpacks from {info.compress_size:,} to {info.file_size:,} bytes",
            )
    return infos


def _is_noise(name: str) -> bool:
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.startswith((".", "~$"))


def is_json(file: Path) -> bool:
    """Whether the bytes begin like a JSON array or object."""
    with file.open("rb") as opened:
        head = opened.read(64)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or head[:1] == b"\0":
        head = head[2 * (head[:1] != b"\0") :].replace(b"\0", b"")
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"[", b"{")


def flatten_json(file: Path, scratch: Path) -> Path:
    """A JSON export as a CSV file: a record per object of its list (at the top or under `data`, `items`, `videos`).

    Raises:
        RefusedFileError: the file is no JSON, or holds no list of objects.
    """
    if file.stat().st_size > MAX_JSON_BYTES:
        raise RefusedFileError(
            "bad_structure", f"a JSON export of more than {MAX_JSON_BYTES:,} bytes; export it as CSV"
        )
    try:
        content = json.loads(file.read_bytes().removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise RefusedFileError("bad_structure", f"the file begins like JSON but is none: {error}") from error
    records = _records(content)
    if not records:
        raise RefusedFileError("unknown_format", "the JSON holds an empty list")
    columns = list(dict.fromkeys(name for record in records for name in record))
    target = scratch / "flattened.csv"
    with target.open("w", encoding="utf-8", errors="replace", newline="") as opened:
        writer = csv.DictWriter(opened, columns)
        writer.writeheader()
        writer.writerows(records)
    return target


def _records(content: Any) -> list[dict[str, Any]]:
    while isinstance(content, dict):
        inner = (
            content[key] for key in ("data", "items", "videos") if isinstance(content.get(key), dict | list)
        )
        if (content := next(inner, None)) is None:
            break
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise RefusedFileError("unknown_format", "the JSON holds no list of objects")
    return [_flat(record) for record in content]


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Cells of one object, those of an object in it as `outer.inner`; the Graph API's `insights.data`, one a metric."""
    cells: dict[str, Any] = {}
    for name, value in record.items():
        if name == "insights" and isinstance(value, dict):
            cells |= dict(filter(None, map(_insight, value.get("data") or [])))
        elif isinstance(value, dict):
            cells |= {f"{name}.{inner}": _cell(part) for inner, part in value.items()}
        else:
            cells[name] = _cell(value)
    return cells


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return exact_decimal(repr(value))
    return value.replace("\0", "") if isinstance(value, str) else value


def _insight(insight: Any) -> tuple[str, Any] | None:
    """A metric's name and value; None for what is no metric, or has no value yet."""
    try:
        return str(insight["name"]), insight["values"][0]["value"]
    except (KeyError, IndexError, TypeError):
        return None
