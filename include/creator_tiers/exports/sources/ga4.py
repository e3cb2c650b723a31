"""Google Analytics 4: one file, several tables, each below its own preamble of `#` lines.

The tables that have a day and a source or a campaign become one; the others are ignored beside them. Which further
dimensions a table has is kept, so that a finer and a coarser table of the same days are never added up.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa

from creator_tiers.exports.delimited import BATCH_RECORDS, Layout, batch_schema
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.headers import map_header
from creator_tiers.exports.source import DateField, Format, Output, Reject, Rows, Tabulated

FAMILY = "ga4_report"
REASON = "no block has a day and a source or campaign; export a report with both dimensions"
DIMENSIONS = ("source", "medium", "source_medium", "campaign", "content")
FIELDS = ("date", "nth_day", *DIMENSIONS, "sessions", "users")
ADDED = ("start_date", "property", "block", "dimensions", "detail", "use")
"""Columns that the reader adds; `use` is blank for a record of a table that is of no use."""

_SAID = re.compile(r"#\s*(Start date|Property)\s*:\s*(.*)", re.IGNORECASE)


@dataclass(slots=True)
class _Block:
    number: int = 0
    said: dict[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[int, ...] = ()

    @property
    def is_useful(self) -> bool:
        has_day = "date" in self.fields or "nth_day" in self.fields
        return has_day and any(name in self.fields for name in ("source", "source_medium", "campaign"))

    @property
    def dimensions(self) -> str:
        return "+".join(name for name in DIMENSIONS if name in self.fields)


def tabulate(file: Path, encoding: str) -> Tabulated:
    """The tables of a report as one.

    Raises:
        RefusedFileError: none of them has a day and a source or a campaign.
    """
    useful, rows = False, 0
    for block, _, _ in _records(file, encoding):
        rows += 1
        useful = useful or block.is_useful
    if not useful:
        raise RefusedFileError("not_supported", f"{FAMILY}: {REASON}", rows=rows)
    layout = Layout(",", (*ADDED, *FIELDS), 1)
    return Tabulated(layout, _batches(file, encoding, layout))


def _batches(file: Path, encoding: str, layout: Layout) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(layout)
    records = _records(file, encoding)
    while chunk := list(islice(records, BATCH_RECORDS)):
        rows = [_row(block, cells) for block, _, cells in chunk]
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        numbers = pa.array([number for _, number, _ in chunk], pa.int64())
        counts = pa.repeat(pa.scalar(len(layout.header), pa.int64()), len(chunk))
        beyond = pa.nulls(len(chunk), pa.string())
        yield pa.RecordBatch.from_arrays([numbers, *columns, beyond, counts], schema=schema)


def _row(block: _Block, cells: list[str]) -> tuple[str | None, ...]:
    if not block.is_useful or not any(cell.strip() for cell in cells):
        return (None,) * (len(ADDED) + len(FIELDS))
    at = block.fields
    values = [cells[at[name]] if name in at and at[name] < len(cells) else None for name in FIELDS]
    detail = "; ".join(
        f"{block.header[position]}={cells[position]}" for position in block.unknown if position < len(cells)
    )
    said = block.said
    return (
        said.get("start date"), said.get("property"), str(block.number), block.dimensions, detail, "yes", *values
    )  # fmt: skip


def _records(file: Path, encoding: str) -> Iterator[tuple[_Block, int, list[str]]]:
    """The records below each header: (block, record number, cells). Preambles and headers are none."""
    block, awaits_header = _Block(), True
    with file.open(encoding=encoding, newline="") as source:
        for number, cells in enumerate(csv.reader(source), 1):
            first = cells[0].removeprefix("\ufeff") if cells else ""
            if first.startswith("#"):
                if not awaits_header:
                    block, awaits_header = _Block(block.number + 1, dict(block.said)), True
                if said := _SAID.match(",".join(cells).removeprefix("\ufeff")):
                    block.said[said[1].lower()] = said[2].strip()
            elif awaits_header:
                if any(cell.strip() for cell in cells):
                    mapped = map_header(cells, FAMILY)
                    block.header, block.fields, block.unknown = tuple(cells), mapped.fields, mapped.unknown
                    awaits_header = False
            else:
                yield block, number, cells


_SPLIT = "string_split(t.source_medium, ' / ')"
_SOURCE = f"coalesce(t.source, {_SPLIT}[1])"
_MEDIUM = f"coalesce(t.medium, {_SPLIT}[2])"
_START = "try_strptime(t.start_date, '%Y%m%d')"
_NTH = f"{_START} + to_days(CAST(try_cast(t.nth_day AS BIGINT) AS INTEGER))"
_DAY = f"CAST(coalesce(v.date, {_NTH}) AS DATE)"
_PROPERTY = "coalesce(t.property, getvariable('place'), '')"
_PARTS = {
    "property": _PROPERTY,
    "source": _SOURCE,
    "medium": _MEDIUM,
    "campaign": "t.campaign",
    "content": "t.content",
}

GA4_REPORT = Format(
    name="ga4_report",
    family=FAMILY,
    recognises=lambda _: False,
    head=lambda text: text.startswith("#") and "# Start date:" in text,
    tabulate=tabulate,
    rows=Rows(
        required=(),
        counts=("sessions", "users"),
        dates={
            "date": DateField(
                native="CASE WHEN regexp_full_match({0}, '\\d{{8}}') THEN try_strptime({0}, '%Y%m%d') END"
            )
        },
        texts=(*ADDED, *DIMENSIONS),
        ignore="t.use IS NULL OR coalesce(t.date, t.nth_day, t.source, t.source_medium, t.campaign) IS NULL",
        rejects=(Reject("bad_date", "nth_day", f"{_DAY} IS NULL"),),
        outputs=(
            Output(
                dataset="web_sessions",
                columns={
                    "session_key": "concat_ws('|', "
                    + ", ".join(
                        [_DAY, "t.dimensions", *(f"coalesce(lower({sql}), '')" for sql in _PARTS.values())]
                    )
                    + ")",
                    "day": _DAY,
                    **_PARTS,
                    "sessions": "v.sessions",
                    "users": "v.users",
                    "dimensions": "t.dimensions",
                    "block": "CAST(t.block AS BIGINT)",
                    "detail": "t.detail",
                },
                duplicate_key=("session_key", "block", "detail"),
            ),
        ),
    ),
    folder="landing/web/<property>/",
)
