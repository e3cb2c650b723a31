"""Which of a file's columns are which fields, and the view `texts` of its cells by field."""

from __future__ import annotations

import re

import duckdb

from creator_tiers.exports.evidence import handle_field
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.headers import family_fields, tidy
from creator_tiers.exports.looks import Look, Looks
from creator_tiers.exports.recognise import Recognised
from creator_tiers.exports.source import Rows
from creator_tiers.exports.sql import identifier, literal

SHOWN = 6
_USED = re.compile(r"\b[tv]\.([a-z_]+)\b")
_LIST_PLATFORMS = ("instagram", "tiktok", "youtube", "facebook")


class Columns:
    """The columns of one file.

    Attributes:
        rows: how the format is read.
        header: the column names as shown to users.
        positions: field to column.
        unknown: columns that go to `extra`.
        handle_position: the column of handles, in a creator list.
        name_position: the column of display names, in a creator list.
        raw_position: the column with the record as it is written; None where the cells are the record.
        warnings: what a user should know.
        is_large: the records may be too many for the memory.
    """

    def __init__(self, found: Recognised, rows: Rows, looks: Looks, *, is_large: bool) -> None:
        """Map a recognised header.

        Args:
            found: the file's format, layout and mapped header.
            rows: how the format is read.
            looks: how its cells look.
            is_large: make views of what is derived from the records, and keep on disk what must be kept.
        """
        self.header = tuple(tidy(cell) for cell in found.layout.header)
        self.positions = dict(found.mapped.fields)
        self.unknown = list(found.mapped.unknown)
        self.handle_position: int | None = None
        self.name_position: int | None = None
        self.raw_position = found.layout.raw_position
        self.warnings: list[str] = []
        self._family = found.format.family
        self.rows = rows
        self._looks = looks
        self.is_large = is_large
        self._set_unused_aside()

    @property
    def folds(self) -> bool:
        """Whether records may continue another one."""
        return self.rows.fold is not None

    @property
    def is_private(self) -> bool:
        """Whether cells may hold personal data."""
        return self.rows.is_private

    def look_of(self, name: str) -> Look:
        """How the cells of a field look."""
        return self._looks.of(self.positions.get(name))

    def sources_of(self, expression: str) -> list[int]:
        """The columns that a fragment of SQL reads."""
        return [self.positions[name] for name in _USED.findall(expression) if name in self.positions]

    def position_of(self, name: str) -> int | None:
        """The column of a field, of the handle, or the one that an output column comes from; None for none or many."""
        if name == "handle_cell":
            return self.handle_position
        if name in self.positions:
            return self.positions[name]
        sources = self.sources_of(self.rows.outputs[0].columns.get(name, ""))
        return sources[0] if len(sources) == 1 else None

    def disbelieve(self, name: str, example: str) -> None:
        """Keep a field's column in `extra` from now on.

        Args:
            name: the field.
            example: a cell that is to blame, and where it stands.
        """
        position = self.positions.pop(name)
        kept = "is not used" if self.is_private else "is kept in extra"
        if not self.is_private:
            self.unknown.append(position)
        self.warnings.append(
            f"the column {self.header[position]!r} does not hold what it says (first {example}), and {kept}"
        )

    def choose_handle(
        self, connection: duckdb.DuckDBPyConnection, platform: str | None, path: str
    ) -> str | None:
        """Find the handle's column of a creator list, and the platform that the list is about.

        Returns:
            the platform; None where each row names its own.

        Raises:
            RefusedFileError: nothing tells the platform.
        """
        candidates = {
            name: self.positions[name] for name in self.rows.handle_fields if name in self.positions
        }
        chosen = handle_field(connection, candidates)
        self.handle_position = candidates[chosen]
        self.name_position = next((at for name, at in candidates.items() if name != chosen), None)
        if platform is None:
            in_header = {name.split("_")[0] for name in candidates} & set(_LIST_PLATFORMS)
            in_path = {name for name in _LIST_PLATFORMS if name in path.casefold()}
            platform = next((next(iter(found)) for found in (in_header, in_path) if len(found) == 1), None)
        if platform is None and "platform" not in self.positions:
            raise RefusedFileError(
                "missing_column",
                "the list does not tell its platform: add a column `platform`, or name it in the file's name",
                column="platform",
            )
        return platform

    def make_texts(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make `texts`: one text column a field of the family, cleaned, and what is known of the record."""
        every = [f"x{position}" for position in range(len(self.header))]
        cleaned = ", ".join(
            f"{self._cleaned(position)} AS x{position}" for position in range(len(self.header))
        )
        filled = " + ".join(f"CAST({cell} IS NOT NULL AS INTEGER)" for cell in every)
        self.make(
            connection,
            "texts",
            f"""
            SELECT
                row_number,
                cell_count,
                coalesce({", ".join(every)}) IS NULL AND beyond IS NULL AS is_blank,
                {filled} AS filled_cells,
                {self._extra()} AS extra_cells,
                {_cell(self.handle_position)} AS handle_cell,
                {_cell(self.name_position)} AS name_cell,
                {", ".join(self._field(name) for name in family_fields(self._family))}
            FROM (SELECT row_number, {cleaned}, beyond, cell_count FROM raw)
            """,
        )

    def make(self, connection: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
        """Make a table of a query, or a view where the file is too large to be kept twice."""
        kind = "TEMP VIEW" if self.is_large else "TABLE"
        other = f"TABLE IF EXISTS memory.main.{name}" if self.is_large else f"VIEW IF EXISTS temp.main.{name}"
        connection.execute(f"DROP {other}")
        connection.execute(f"CREATE OR REPLACE {kind} {name} AS {select}")

    def _cleaned(self, position: int) -> str:
        if self._looks.of(position).is_tidy:
            return f"nullif(c{position}, '')"
        return f"clean_many(c{position})" if self.is_large else f"clean_text(c{position})"

    def _field(self, name: str) -> str:
        cell = _cell(self.positions.get(name))
        if name in self.positions and name not in self.rows.texts and not self.look_of(name).is_count:
            cell = f"known_value({cell})"
        return f"{cell} AS {identifier(name)}"

    def _extra(self) -> str:
        if not self.unknown:
            return "CAST(NULL AS VARCHAR)"
        members = ", ".join(
            f"{literal(self.header[position] or f'column {position + 1}')}, x{position}"
            for position in sorted(self.unknown)
        )
        return f"nullif(CAST(json_merge_patch('{{}}', json_object({members})) AS VARCHAR), '{{}}')"

    def _set_unused_aside(self) -> None:
        rows = self.rows
        fragments = [rows.ignore, rows.anchor or "", *(reject.when for reject in rows.rejects)]
        fragments += [
            *rows.flags.values(),
            *(sql for output in rows.outputs for sql in output.columns.values()),
        ]
        fragments += [sql for output in rows.outputs for sql in (output.where, output.each or "")]
        fragments += [rows.fold.begins] if rows.fold else []
        used = {*_USED.findall(" ".join(fragments)), *rows.required, *rows.handle_fields}
        used |= {reject.field for reject in rows.rejects} | set(rows.money)
        used |= {rows.fold.key, *rows.counts} if rows.fold else set()
        for name in [name for name in self.positions if name not in used]:
            position = self.positions.pop(name)
            if name not in rows.redundant:
                self.unknown.append(position)
        if rows.is_private:
            self.unknown = []
        named = [self.header[position] for position in sorted(self.unknown) if self.header[position]]
        if named:
            more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
            self.warnings.append(f"columns kept in extra: {', '.join(named[:SHOWN])}{more}")


def _cell(position: int | None) -> str:
    return "CAST(NULL AS VARCHAR)" if position is None else f"x{position}"
