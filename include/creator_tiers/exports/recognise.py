"""Which format a text file is, where its header is, and how its columns map to fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.headers import Mapped, map_header, usual_name
from creator_tiers.exports.layouts import Layout, candidate_layouts, names_its_delimiter
from creator_tiers.exports.registry import FORMATS
from creator_tiers.exports.source import Format

HEAD_CHARS = 4096
NEAR_FIELDS, NEAR_SHARE = 4, 2 / 3
"""A header is near a format's when so many columns, and such a share of them, have names of the format."""
_REMEDY = "Has the platform changed it? docs/runbooks/format-changed.md"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file's format and layout; its records, where the format reads them itself."""

    format: Format
    layout: Layout
    mapped: Mapped
    batches: Iterator[pa.RecordBatch] | None = None


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A file of no known format, with the layout that it most likely has and what was seen."""

    layout: Layout | None
    message: str


def recognise(path: Path, encoding: str) -> Recognised | Unrecognised:
    """Find the format of a text file from its content.

    The first of its leading records that some format knows as a header, with the first delimiter that shows it.

    Raises:
        RefusedFileError: the beginning of the file cannot be read as text in records.
    """
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(HEAD_CHARS).removeprefix("\ufeff")
    if not head.strip():
        return Unrecognised(None, "the file is empty" if not head else "the file holds only white space")
    if head.lstrip()[:200].casefold().startswith(("<!doctype html", "<html", "<?xml")):
        return Unrecognised(None, "this is a web page, not an export; download the file again")
    if names_its_delimiter(head) and (noted := _after_note(path, encoding)):
        return noted
    headed = next((known for known in FORMATS if known.head and known.head(head)), None)
    first: Layout | None = None
    best: Layout | None = None
    for layout in candidate_layouts(path, encoding):
        first = first or layout
        if best is None or (layout.header_record == 1 and len(layout.header) > len(best.header)):
            best = layout
        for candidate in [headed] if headed else FORMATS:
            mapped = map_header(layout.header, candidate.family)
            is_known = mapped.fields and candidate.recognises(mapped)
            if is_known or (headed and sum(bool(cell.strip()) for cell in layout.header) > 1):
                return Recognised(candidate, layout, mapped)
    if headed and first:
        return Recognised(headed, first, map_header(first.header, headed.family))
    if best and (nearest := _nearest(best)):
        return nearest
    shown = ", ".join(repr(cell) for cell in (best.header if best else ())[:8])
    return Unrecognised(
        best or first, f"no known header; the file begins with the columns {shown or 'none'}; {_REMEDY}"
    )


def _after_note(path: Path, encoding: str) -> Recognised | None:
    """A format of rows whose header follows a spreadsheet's note `sep=;` at once; None where none does."""
    for layout in candidate_layouts(path, encoding):
        if layout.header_record == 2:
            for known in FORMATS:
                mapped = map_header(layout.header, known.family)
                if known.rows and mapped.fields and known.recognises(mapped):
                    return Recognised(known, layout, mapped)
    return None


def _nearest(layout: Layout) -> Recognised | None:
    """The format whose header this would be, were it not for one column that it needs; None where there is none."""
    named = sum(bool(cell.strip()) for cell in layout.header)
    near = []
    for known in FORMATS:
        mapped = map_header(layout.header, known.family)
        missing = [name for name in (known.rows.required if known.rows else ()) if not mapped.has(name)]
        if len(missing) == 1 and len(mapped.fields) >= max(NEAR_FIELDS, NEAR_SHARE * named):
            near.append(Recognised(known, layout, mapped))
    return max(near, key=lambda one: len(one.mapped.fields), default=None)


def tabulated(found: Recognised, path: Path, encoding: str) -> Recognised:
    """The same file as one table, where its format knows how.

    Raises:
        RefusedFileError: it holds nothing that the format reads.
    """
    if found.format.tabulate is None:
        return found
    table = found.format.tabulate(path, encoding)
    mapped = map_header(table.layout.header, found.format.family)
    return replace(found, layout=table.layout, mapped=mapped, batches=table.batches)


def check_required(found: Recognised) -> None:
    """Refuse a file that lacks a column which its format needs.

    Raises:
        RefusedFileError: `missing_column`, naming the field.
    """
    rows = found.format.rows
    missing = [name for name in (rows.required if rows else ()) if not found.mapped.has(name)]
    if missing:
        seen = ", ".join(found.layout.header[:12])
        wanted = ", ".join(f"{name} ({usual_name(found.format.family, name)!r})" for name in missing)
        raise RefusedFileError(
            "missing_column",
            f"{found.format.name} needs a column for {wanted}; the file has: {seen}; export it again with the "
            f"column. {_REMEDY}",
            column=missing[0],
        )
