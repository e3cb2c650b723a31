"""The workbench's table `typed`: the first dataset's columns of every record, and what is wrong with the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import duckdb

from creator_tiers.contracts.rules import RowRule, row_rules
from creator_tiers.exports.columns import Columns
from creator_tiers.exports.folding import fold
from creator_tiers.exports.fragments import Fault, with_values
from creator_tiers.exports.parting import Parting
from creator_tiers.exports.shelf import keep_rows
from creator_tiers.exports.source import Output, Rows
from creator_tiers.exports.sql import cast_to, identifier, literal
from creator_tiers.exports.values import Values
from creator_tiers.tables import Table, table

TRILLION = 10**12 - 1
"""The greatest number that a short cell holds."""
_CONSTANT = re.compile(
    r"CAST\((NULL|true|false|\d+|'[^']*'|getvariable\('\w+'\)|CAST\(NULL AS \w+\)) AS [\w(), ]+\)"
)
"""A column that is the same in every row of a file."""


class RowTyper:
    """Builds the SQL that turns the table `valued` into a dataset's columns.

    Attributes:
        faults: what may be wrong with a record, the first that fits.
    """

    def __init__(
        self,
        rows: Rows,
        columns: Columns,
        values: Values,
        *,
        platform: str | None,
        file_id: str,
        loaded_at: datetime,
        likes_are_hidden: bool,
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._values = values
        self._platform = platform
        self._file_id = file_id
        self._loaded_at = loaded_at
        self._likes_are_hidden = likes_are_hidden
        self._own = self._own_faults()
        self._checks = row_rules(table(f"lake.{rows.outputs[0].dataset}"))
        self.faults = [*self._own, *(Fault(check.rule, check.column) for check in self._checks)]

    def type_rows(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table `typed`: the columns, `is_ignored`, `fault`."""
        select = f"SELECT * EXCLUDE (is_unread) FROM ({self._select()})"
        keep_rows(connection, "typed", select, on_disk=self._columns.is_large)
        if self._rows.fold:
            self.faults = fold(connection, self._rows.fold, self.faults, on_disk=self._columns.is_large)

    def parting(self) -> Parting:
        """The SQL for `Parted`: every record with the first dataset's columns and what marks it."""
        main = self._rows.outputs[0]
        key = _list(main.duplicate_key)
        select = self._select()
        columns = self.columns_of(main, table(f"lake.{main.dataset}"))
        constants = {name: sql for name, sql in columns.items() if _CONSTANT.fullmatch(sql)}
        return Parting(
            names=tuple(columns),
            keys=f"SELECT hash({key}) FROM ({select})",
            rows=f"SELECT * EXCLUDE ({_list(constants)}), hash({key}) AS key_hash FROM ({select})",
            constants=f"SELECT {_named(constants)}",
        )

    def _select(self) -> str:
        """SQL: every record with the first dataset's columns, `is_unread`, `is_ignored` and `fault`."""
        main = self._rows.outputs[0]
        own = _cases([with_values(fault.when) for fault in self._own], 0)
        later = _cases(
            ["" if self._holds(check, main) else check.breaks for check in self._checks], len(self._own)
        )
        keys, with_keys = self._keys(main)
        columns = with_keys(_named(self.columns_of(main, table(f"lake.{main.dataset}"))))
        return f"""
            SELECT
                * EXCLUDE (is_ignored, own_fault),
                is_ignored,
                CASE
                    WHEN is_ignored THEN NULL
                    WHEN own_fault IS NOT NULL THEN own_fault
                    {later}
                END AS fault
            FROM (
                SELECT
                    t.is_blank OR coalesce({with_values(self._rows.ignore)}, false) AS is_ignored,
                    CASE {with_keys(own)} END AS own_fault,
                    {self._values.is_unread()} AS is_unread,
                    {columns}
                FROM {keys} AS t
            )
        """

    def _keys(self, main: Output) -> tuple[str, Callable[[str], str]]:
        """A relation with what identifies a row worked out once; what puts it where the same SQL stands."""
        worked_out = {
            name: with_values(main.columns[name])
            for name in main.duplicate_key
            if "(" in main.columns.get(name, "")
        }
        if not worked_out:
            return "valued", lambda sql: sql
        named = ", ".join(f"{sql} AS {identifier(f'k.{name}')}" for name, sql in worked_out.items())

        def with_keys(sql: str) -> str:
            for name, worked in worked_out.items():
                sql = re.sub(rf"{re.escape(worked)}(?!\w)", f't."k.{name}"', sql)
            return sql

        return f"(SELECT t.*, {named} FROM valued AS t)", with_keys

    def columns_of(self, output: Output, described: Table) -> dict[str, str]:
        """SQL over `valued AS t` for each of a dataset's columns."""
        given = {
            "platform": "t.row_platform" if self._rows.handle_fields else literal(self._platform),
            "observed_at": "getvariable('observed_at')",
            "is_lifetime": "true",
            "has_disclosure": "false",
            "flags": self._flags(),
            "extra": "t.extra_cells",
            "line_rows": "1",
            "file_id": literal(self._file_id),
            "row_number": "t.row_number",
            "loaded_at": literal(self._loaded_at.replace(tzinfo=None).isoformat(sep=" ")),
        } | dict(output.columns)
        if "caption" in output.columns:
            given["has_disclosure"] = f"discloses({output.columns['caption']})"
        if "post_key" in output.columns:
            link = f"link_key({output.columns['permalink']})" if "permalink" in output.columns else "NULL"
            own = f"CASE WHEN {literal(self._platform)} IN ('tiktok', 'youtube') THEN {output.columns['post_key']} END"
            given["link_key"] = f"coalesce({link}, {own})"
        return {
            column.name: cast_to(with_values(given.get(column.name, "NULL")), column.type)
            for column in described.columns
        }

    def _own_faults(self) -> list[Fault]:
        """What refuses a record before its values are looked at."""
        rows, values = self._rows, self._values
        found = [Fault("wrong_cell_count", "", f"t.cell_count <> {len(self._columns.header)}")]
        found += [Fault(reject.rule, reject.field, reject.when) for reject in rows.rejects]
        for name in values.parsers:
            if name in self._columns.positions:
                rule = "bad_date" if name in rows.dates else "bad_cell"
                found.append(Fault(rule, name, values.cannot_read(name)))
        found += [
            Fault("out_of_range", name, "" if values.is_certain(name) else f"v.{name} < 0")
            for name in (*rows.counts, *rows.money)
            if name not in rows.may_be_negative
        ]
        found += [
            Fault("out_of_range", name, f"v.{name} > getvariable('observed_at') + INTERVAL 1 DAY")
            for name, rule in rows.dates.items()
            if not rule.may_be_later
        ]
        return found

    def _holds(self, check: RowRule, main: Output) -> bool:
        """Whether no value of the file can break a check, since all of them are whole numbers below a trillion."""
        name = main.columns.get(check.column, "").removeprefix("v.")
        if not (self._values.is_certain(name) and self._columns.look_of(name).is_short):
            return False
        return check.allows(0, TRILLION)

    def _flags(self) -> str:
        ambiguous = [self._values.is_ambiguous(name) for name in self._rows.dates]
        found = [f"CASE WHEN {sql} THEN 'ambiguous_date' END" for sql in ambiguous if sql != "false"]
        without = [
            f"t.{identifier(name)} IS NOT NULL AND NOT has_offset(t.{identifier(name)})"
            for name, rule in self._rows.dates.items()
            if rule.needs_offset
        ]
        if without:
            found.append(f"CASE WHEN {' OR '.join(without)} THEN 'no_offset' END")
        if "likes" in self._rows.hidden_counts:
            hidden = "t.likes IS NOT NULL" if self._likes_are_hidden else "coalesce(v.likes = -1, false)"
            if "likes" in self._columns.positions:
                hidden = f"{hidden} OR (t.likes IS NULL AND t.comments IS NOT NULL)"
            found.append(f"CASE WHEN {hidden} THEN 'hidden_likes' END")
        found += [f"CASE WHEN {sql} THEN {literal(flag)} END" for flag, sql in self._rows.flags.items()]
        return f"nullif(concat_ws('+', {', '.join(found)}), '')" if found else "NULL"


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {identifier(name)}" for name, sql in columns.items())


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(identifier, names))


def _cases(conditions: Sequence[str], first: int) -> str:
    """The branches of a CASE that numbers conditions; the empty ones keep their number."""
    return " ".join(f"WHEN {sql} THEN {number}" for number, sql in enumerate(conditions, first) if sql)
