"""A table as every form shows it: cells with what is shown, what is sorted by, and a small second line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from creator_tiers.report.palette import Tone

LONGEST_WORD = 16
"""Letters of a word that stays whole in the narrowest column."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows. `sort` orders the column on the page (the text where it is None)."""

    text: str
    sort: float | None = None
    small: str = ""
    tone: Tone | None = None
    is_grey: bool = False

    @property
    def is_long(self) -> bool:
        """Whether a word is so long that it has to be broken on a phone."""
        return any(len(word) > LONGEST_WORD for word in f"{self.text} {self.small}".split())


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table with a caption. The first column heads its row.

    Attributes:
        caption: what the rows are.
        columns: their names; those in `numbers` (positions) stand at the right.
        rows: cells.
        note: a sentence below.
        file: the CSV file that has all of it; empty where there is none.
        empty: what to say instead where there is no row.
        more: rows that are left out here.
        narrow: the same with fewer columns, for a mail on a phone; None where it is narrow enough.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()
    note: str = ""
    file: str = ""
    empty: str = ""
    more: int = 0
    narrow: DataTable | None = None

    def first(self, most: int) -> DataTable:
        """The table with at most so many rows."""
        return replace(self, rows=self.rows[:most], more=self.more + max(0, len(self.rows) - most))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: a heading, sentences, tables. `anchor` is its place on the page."""

    anchor: str
    title: str
    lines: tuple[str, ...]
    tables: tuple[DataTable, ...]


def cells(*values: Cell | str) -> tuple[Cell, ...]:
    """A row, plain texts made cells."""
    return tuple(value if isinstance(value, Cell) else Cell(value) for value in values)


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Cell, ...]],
    numbers: Iterable[int] = (),
    *,
    note: str = "",
    file: str = "",
    empty: str = "",
    narrow: DataTable | None = None,
) -> DataTable:
    """A table; see `DataTable`."""
    return DataTable(
        caption, tuple(columns), tuple(rows), frozenset(numbers), note, file, empty, narrow=narrow
    )
