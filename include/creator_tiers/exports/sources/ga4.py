"""Google Analytics 4: one file, several tables, each below its own preamble of `#` lines.

The tables that have a day and a source or a campaign become one; the others are ignored beside them. Which further
dimensions a table has is kept, so that a finer and a coarser table of the same days are never added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa

from creator_tiers.exports.delimited import BATCH_RECORDS, batch_schema, numbered_records
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.headers import map_header
from creator_tiers.exports.layouts import DELIMITERS, Layout
from creator_tiers.exports.source import DateField, Format, Output, Reject, Rows, Tabulated

FAMILY = "ga4_report"
REASON = "no block has a day and a source or campaign; export a report with both dimensions"
DIMENSIONS = ("source", "medium", "source_medium", "campaign", "content")
FIELDS = ("date", "nth_day", *DIMENSIONS, "sessions", "users")
ADDED = ("start_date", "property", "block", "dimensions", "detail", "use")
"""Columns that the reader adds; `use` is blank for a record of a table that is of no use."""
RECORD = "record"
"""The column of the records as they are written."""

_SAID = re.compile(r"#\s*(Start date|Property)\s*:\s*(.*)", re.IGNORECASE)


@dataclass(slots=True)
class _Block:
    number: int = 0
    said: dict[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[int, ...] = ()

    def is_broken(self, cells: list[str]) -> bool:
        """Whether a record is shorter than the header, as where a file is cut off, or says more than it."""
        named = max((at for at, cell in enumerate(self.header, 1) if cell.strip()), default=0)
        return len(cells) < named or any(cell.strip() for cell in cells[len(self.header) :])

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
    rows = 0
    for delimiter in reversed(DELIMITERS):
        useful, rows = False, 0
        for block, _, cells in _read(file, encoding, delimiter):
            rows += cells is not None
            useful = useful or block.is_useful
        if useful:
            layout = Layout(delimiter, (*ADDED, *FIELDS, RECORD), 1, raw_position=len(ADDED) + len(FIELDS))
            return Tabulated(layout, _batches(file, encoding, layout))
    raise RefusedFileError("not_supported", f"{FAMILY}: {REASON}", rows=rows)


def _batches(file: Path, encoding: str, layout: Layout) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(layout)
    width = len(layout.header)
    read = _read(file, encoding, layout.delimiter)
    records = ((block, number, cells) for block, number, cells in read if cells is not None)
    while chunk := list(islice(records, BATCH_RECORDS)):
        rows = [_row(block, cells, layout.delimiter) for block, _, cells in chunk]
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        numbers = pa.array([number for _, number, _ in chunk], pa.int64())
        counts = pa.array([0 if block.is_broken(cells) else width for block, _, cells in chunk], pa.int64())
        beyond = pa.nulls(len(chunk), pa.string())
        yield pa.RecordBatch.from_arrays([numbers, *columns, beyond, counts], schema=schema)


def _row(block: _Block, cells: list[str], delimiter: str) -> tuple[str | None, ...]:
    if not block.is_useful or not any(cell.strip() for cell in cells):
        return (None,) * (len(ADDED) + len(FIELDS) + 1)
    at = block.fields
    values = [cells[at[name]] if name in at and at[name] < len(cells) else None for name in FIELDS]
    detail = "; ".join(
        f"{block.header[position]}={cells[position]}" for position in block.unknown if position < len(cells)
    )
    said = block.said
    return (
        said.get("start date"), said.get("property"), str(block.number), block.dimensions, detail, "yes", *values,
        delimiter.join(cells),
    )  # fmt: skip


def _read(file: Path, encoding: str, delimiter: str) -> Iterator[tuple[_Block, int, list[str] | None]]:
    """The records below each header: (block, record number, cells), None for the cells of the header itself."""
    block, awaits_header = _Block(), True
    for number, cells in numbered_records(file, encoding, delimiter):
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
                yield block, number, None
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
    head=lambda text: text.startswith(("#", '"#')) and "# Start date:" in text,
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
        ignore="t.use IS NULL OR coalesce(t.date, t.nth_day, t.source, t.source_medium, t.campaign) IS NULL"
        " OR is_total(coalesce(t.date, t.nth_day))",
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
