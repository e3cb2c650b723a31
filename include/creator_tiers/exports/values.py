"""How the cells of one file's fields become values: the plain way where every cell is plain, else the thorough one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import duckdb

from creator_tiers.exports.columns import Columns
from creator_tiers.exports.evidence import date_order, decimal_style, numeric_dates, shows_another_order
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.source import Rows
from creator_tiers.exports.sql import identifier, literal
from creator_tiers.exports.zones import column_in_utc, in_utc

MOST_CELLS_FROM = 10
"""Known cells from which on a column is disbelieved when more than half of them cannot be read."""

_ROW_PLATFORM = """CASE
    WHEN t.platform IS NULL THEN getvariable('platform')
    WHEN lower(t.platform) IN ('instagram', 'facebook', 'tiktok', 'youtube') THEN lower(t.platform)
END"""


Late = Callable[[], Iterable[object]]


class Values:
    """The parsers of one file's typed fields.

    Attributes:
        parsers: field to SQL over `texts AS t`; NULL for a cell that it cannot read. The plain ones until `read_all`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Columns, rows: Rows) -> None:
        self._connection = connection
        self._columns = columns
        self._rows = rows
        self._orders: dict[str, str | None] = {}
        self._foreign: set[str] = set()
        self._is_as_before: bool | None = None
        self.parsers = {name: self._plain_count(name) for name in rows.counts}
        self.parsers |= {name: f"plain_money({_text(name)})" for name in rows.money}
        self.parsers |= {name: f"try_cast({_text(name)} AS DOUBLE)" for name in rows.durations}
        self._walls = {name: rule.native.format(_text(name)) for name, rule in rows.dates.items()}
        for name, rule in rows.dates.items():
            self.parsers[name] = column_in_utc(_wall(name), rule.zone)
        self._make_valued()

    def read_all(self, late: Late | None = None) -> bool:
        """Read thoroughly, by what the whole file shows, each column with a cell that cannot be read the plain way.

        Args:
            late: lets the records that have such a cell be all that `raw` has, where they are known.

        Returns:
            Whether every cell that could be read the plain way is read as before.

        Raises:
            RefusedFileError: a column that the format needs does not hold what it says.
        """
        if self._is_as_before is None:
            self._is_as_before = self._read_all(late)
        return self._is_as_before

    def _read_all(self, late: Late | None) -> bool:
        unread = [one for one in self._unread(list(self.parsers), late) if one[1]]
        if not unread:
            return True
        marked = [name for name, _, _ in unread]
        self._read_thoroughly(marked)
        self._make_valued()
        # Read thoroughly, no more cells stay unread than read plainly.
        doubtful = [name for name, bad, known in unread if _contradicts(bad, known)]
        if doubtful and self._set_contradictions_aside(doubtful):
            self._columns.make_texts(self._connection)
            self._make_valued()
            return False
        return all(name in self._rows.counts or self._is_order_as_before(name) for name in marked)

    def _is_order_as_before(self, name: str) -> bool:
        """Whether the file's order of dates is known, and not another than the one that the plain way assumes."""
        return self._orders.get(name) is not None and name not in self._foreign

    def is_certain(self, name: str) -> bool:
        """Whether every cell of a field is known to be a number that is not negative."""
        numbers = (*self._rows.counts, *self._rows.durations)
        return name in numbers and self._columns.look_of(name).is_count

    def is_ambiguous(self, name: str) -> str:
        """SQL: the cell is a date that only the file could decide, and the file does not."""
        if name not in self._orders:
            return "false"
        unread = f"t.{identifier(f'v.{name}')} IS NULL"
        return f"({unread} AND is_ambiguous_date({_text(name)}, {literal(self._orders[name])}))"

    def is_unread(self) -> str:
        """SQL: some cell of the record holds something that is no value of its field."""
        unread = [self.cannot_read(name) for name in self.parsers if name in self._columns.positions]
        return " OR ".join(f"({sql})" for sql in unread if sql) or "false"

    def cannot_read(self, name: str) -> str:
        """SQL: the cell holds something that is no value of its field; empty where none does."""
        if self.is_certain(name):
            return ""
        unread = f"{_text(name)} IS NOT NULL AND t.{identifier(f'v.{name}')} IS NULL"
        return f"{unread} AND NOT {self.is_ambiguous(name)}" if name in self._orders else unread

    def _make_valued(self) -> None:
        """Make `valued`: the table `texts`, and a column `v.<field>` for each typed field."""
        values = [f"{sql} AS {identifier(f'v.{name}')}" for name, sql in self.parsers.items()]
        if self._rows.handle_fields:
            values.append(f"{_ROW_PLATFORM} AS row_platform")
        walls = [f"{sql} AS {identifier(f'w.{name}')}" for name, sql in self._walls.items()]
        source = f"(SELECT {', '.join(['t.*', *walls])} FROM texts AS t)" if walls else "texts"
        self._columns.make(
            self._connection, "valued", f"SELECT {', '.join(['t.*', *values])} FROM {source} AS t"
        )

    def _plain_count(self, name: str) -> str:
        if self._columns.look_of(name).is_count:
            return f"CAST({_text(name)} AS BIGINT)"
        return f"plain_integer({_text(name)})"

    def _read_thoroughly(self, marked: list[str]) -> None:
        numbers = (*self._rows.counts, *self._rows.money)
        positions = [
            self._columns.positions[name]
            for name in numbers
            if name in self._columns.positions and not self._columns.look_of(name).is_count
        ]
        style = literal(decimal_style(self._connection, positions + self._columns.unknown))
        for name in marked:
            if name in self._rows.counts:
                self.parsers[name] = f"parse_count({_text(name)}, {style})"
            elif name in self._rows.money:
                self.parsers[name] = f"parse_money({_text(name)}, {style})"
            elif name in self._rows.durations:
                self.parsers[name] = f"parse_duration({_text(name)})"
            else:
                rule = self._rows.dates[name]
                dates = numeric_dates(self._connection, name)
                self._orders[name] = date_order(dates, rule)
                wall = f"parse_timestamp({_text(name)}, {literal(self._orders[name])})"
                thorough = (
                    f"CASE WHEN has_offset({_text(name)}) THEN {wall} ELSE {in_utc(wall, rule.zone)} END"
                )
                if shows_another_order(dates, rule):
                    self._foreign.add(name)
                    self.parsers[name] = thorough
                else:
                    self.parsers[name] = f"coalesce({self.parsers[name]}, {thorough})"

    def _unread(self, names: list[str], late: Late | None = None) -> list[tuple[str, int, int]]:
        """(field, cells that its parser cannot read, cells) of those of the fields that the file has."""
        typed = [name for name in names if name in self._columns.positions and not self.is_certain(name)]
        bad = [f"count(*) FILTER (WHERE {self.cannot_read(name)})" for name in typed]
        if late is None:
            numbers = self._counted([*bad, *(f"count({_text(name)})" for name in typed)])
            return list(zip(typed, numbers[: len(typed)], numbers[len(typed) :], strict=True))
        counts = [sum(numbers) for numbers in zip(*(self._counted(bad) for _ in late()), strict=True)]
        found = [(name, count) for name, count in zip(typed, counts, strict=True) if count]
        known = self._counted([f"count({_text(name)})" for name, _ in found])
        return [(name, count, cells) for (name, count), cells in zip(found, known, strict=True)]

    def _counted(self, counts: list[str]) -> tuple[int, ...]:
        """Aggregates of `valued AS t`."""
        if not counts:
            return ()
        return self._connection.execute(f"SELECT {', '.join(counts)} FROM valued AS t").fetchone() or ()

    def _set_contradictions_aside(self, marked: list[str]) -> bool:
        """Disbelieve columns whose cells are not what their header says; whether there were any.

        Raises:
            RefusedFileError: the format needs the column.
        """
        before = len(self._columns.positions)
        for name, bad, known in self._unread(marked):
            if not _contradicts(bad, known):
                continue
            if name in self._rows.required:
                header = self._columns.header[self._columns.positions[name]]
                raise RefusedFileError(
                    "wrong_column_type",
                    f"the column {header!r} does not hold what it says: {bad} of {known} cells cannot be read, "
                    f"first {self._first_unread(name)}",
                    column=header,
                )
            self._columns.disbelieve(name, self._first_unread(name))
        return len(self._columns.positions) < before

    def _first_unread(self, name: str) -> str:
        """The first cell of a field that cannot be read, with its row; its shape where it may name somebody."""
        text = _text(name)
        may_name = "true" if self._columns.is_private else f"regexp_matches({text}, '\\pL')"
        cell, row = self._connection.execute(f"""
            SELECT left(CASE WHEN {may_name} THEN redacted({text}) ELSE {text} END, 40), row_number
            FROM valued AS t WHERE {self.cannot_read(name)} ORDER BY row_number LIMIT 1
        """).fetchone() or ("", 0)
        return f"{cell!r} in row {row}"


def _contradicts(bad: int, known: int) -> bool:
    """Whether a column does not hold what its header says: of its known cells so many cannot be read."""
    return bad == known >= 2 or (known >= MOST_CELLS_FROM and bad * 2 > known)


def _text(name: str) -> str:
    return f"t.{identifier(name)}"


def _wall(name: str) -> str:
    """The time as it is written, a column between `texts` and `valued`."""
    return f"t.{identifier(f'w.{name}')}"
