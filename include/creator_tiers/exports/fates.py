"""What becomes of every record of a file: accepted, duplicate, rejected, ignored; and the accepted rows themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from creator_tiers.exports.columns import Columns
from creator_tiers.exports.fragments import Fault, with_values
from creator_tiers.exports.parting import ASIDE, Parted
from creator_tiers.exports.shelf import keep_rows, view_rows
from creator_tiers.exports.source import Output
from creator_tiers.exports.sql import identifier, literal
from creator_tiers.exports.typing_rows import RowTyper
from creator_tiers.tables import table

FILE_COLUMNS = ("file_id", "row_number", "loaded_at", "observed_at", "flags", "extra")
"""Columns that do not make two rows of a file different facts."""

_ACCEPTABLE = "NOT is_ignored AND fault IS NULL"
_BEGINS = f"{_ACCEPTABLE} AND NOT is_companion"
"""The same where records continue others: only those that begin a fact."""
CONFLICT = "conflicting_duplicate"


@dataclass(frozen=True, slots=True)
class Fates:
    """Records by fate; `read` is their sum. `by_rule` has the rejected ones by rule."""

    read: int
    accepted: int
    duplicate: int
    rejected: int
    ignored: int
    by_rule: Mapping[str, int]

    @property
    def has_repeats(self) -> bool:
        """Whether the workbench's table `repeats` tells some records' fates."""
        return self.duplicate > 0 or CONFLICT in self.by_rule


def decide(
    connection: duckdb.DuckDBPyConnection,
    main: Output,
    columns: Columns,
    faults: Sequence[Fault],
    parted: Parted | None = None,
) -> Fates:
    """Count the records by fate; fill `repeats` and `refused` when there is something to fill in.

    Args:
        connection: the workbench.
        main: the dataset of the table `typed`.
        columns: the file's columns.
        faults: what `typed.fault` means.
        parted: the rows that are accepted already, where `typed` does not have every record.
    """
    settled = 0 if parted is None else parted.settled
    key = ", ".join(identifier(name) for name in main.duplicate_key)
    facts = _BEGINS if columns.folds else _ACCEPTABLE
    read, ignored, faulty, keys, begun = connection.execute(f"""
        SELECT
            count(*), count(*) FILTER (WHERE is_ignored), count(fault),
            count(DISTINCT hash({key})) FILTER (WHERE {facts}), count(*) FILTER (WHERE {facts})
        FROM typed
    """).fetchone() or (0, 0, 0, 0, 0)
    acceptable = read - ignored - faulty
    repeated: dict[str, int] = {}
    if keys < begun:
        _find_repeats(connection, main, facts)
        rows = "CAST(sum(line_rows) AS BIGINT)" if columns.folds else "count(*)"
        lines = "JOIN typed USING (row_number)" if columns.folds else ""
        repeated = dict(
            connection.execute(f"SELECT fate, {rows} FROM repeats {lines} GROUP BY fate").fetchall()
        )
    conflicts, duplicate = repeated.get("rejected", 0), repeated.get("duplicate", 0)
    by_rule: dict[str, int] = {}
    if faulty + conflicts:
        has_aside = parted is not None and parted.has_aside
        _list_refused(connection, columns, faults, has_conflicts=conflicts > 0, has_aside=has_aside)
        by_rule = dict(
            connection.execute("SELECT rule, count(*) FROM refused GROUP BY rule ORDER BY rule").fetchall()
        )
    return Fates(
        read=read + settled,
        accepted=acceptable - conflicts - duplicate + settled,
        duplicate=duplicate,
        rejected=faulty + conflicts,
        ignored=ignored,
        by_rule=by_rule,
    )


def write_main(
    connection: duckdb.DuckDBPyConnection,
    main: Output,
    fates: Fates,
    columns: Columns,
    parted: Parted | None = None,
) -> None:
    """Fill `out_<dataset>` of the first dataset with the accepted rows, in the order of the file.

    Where some are written already, those that had to wait come last.
    """
    names = ", ".join(identifier(column.name) for column in table(f"lake.{main.dataset}").columns)
    name = f"out_{main.dataset}"
    select = f"""
        SELECT {names} FROM typed {"ANTI JOIN repeats USING (row_number)" if fates.has_repeats else ""}
        WHERE {_BEGINS if columns.folds else _ACCEPTABLE}
    """
    if parted is not None:
        parted.finish(f"{select} ORDER BY row_number")
    elif columns.is_large:  # `typed` is in the order of the file
        view_rows(connection, name, select)
    else:
        keep_rows(connection, name, f"{select} ORDER BY row_number", on_disk=False)


def write_other(
    connection: duckdb.DuckDBPyConnection, main: Output, other: Output, typer: RowTyper, columns: Columns
) -> bool:
    """Fill `out_<dataset>` of a further dataset from the accepted rows; False when it has none."""
    described = table(f"lake.{other.dataset}")
    name = f"out_{other.dataset}"
    given = ", ".join(f"{sql} AS {identifier(n)}" for n, sql in typer.columns_of(other, described).items())
    key = ", ".join(identifier(column) for column in other.duplicate_key)
    members = ""
    if other.each is not None:
        each = with_values(other.each)
        members = f", unnest({each}) AS item, generate_subscripts({each}, 1) AS position"
    select = f"""
        SELECT {given}
        FROM (
            SELECT t.*{members} FROM valued AS t
            SEMI JOIN {identifier(f"out_{main.dataset}")} AS kept ON t.row_number = kept.row_number
        ) AS t
        WHERE {with_values(other.where)}
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY t.row_number) = 1
        ORDER BY t.row_number{", t.position" if other.each else ""}
    """
    keep_rows(connection, name, select, on_disk=columns.is_large)
    [rows] = connection.execute(f"SELECT count(*) FROM {identifier(name)}").fetchone() or [0]
    return bool(rows)


def _find_repeats(connection: duckdb.DuckDBPyConnection, main: Output, begun: str) -> None:
    """The table `repeats`: row_number and fate of the rows that tell nothing new of their key, or something else."""
    described = table(f"lake.{main.dataset}")
    key = ", ".join(identifier(name) for name in main.duplicate_key)
    facts = ", ".join(identifier(c.name) for c in described.columns if c.name not in FILE_COLUMNS)
    conflict = "WHEN NOT is_like_first THEN 'rejected'" if main.conflicts == "rejected" else ""
    connection.execute(f"""
        CREATE OR REPLACE TABLE repeats AS
        WITH repeated AS (
            SELECT hash({key}) AS key_hash FROM typed WHERE {begun} GROUP BY key_hash HAVING count(*) > 1
        ),
        compared AS (
            SELECT row_number, {key}, md5(CAST(row({facts}) AS VARCHAR)) AS facts
            FROM typed WHERE {begun} AND hash({key}) IN (SELECT key_hash FROM repeated)
        ),
        numbered AS (
            SELECT
                row_number,
                row_number() OVER (PARTITION BY {key}, facts ORDER BY row_number) AS nth,
                facts = first_value(facts) OVER (PARTITION BY {key} ORDER BY row_number) AS is_like_first
            FROM compared
        )
        SELECT row_number, CASE {conflict} WHEN nth > 1 THEN 'duplicate' END AS fate
        FROM numbered WHERE fate IS NOT NULL
    """)


def _list_refused(
    connection: duckdb.DuckDBPyConnection,
    columns: Columns,
    faults: Sequence[Fault],
    *,
    has_conflicts: bool,
    has_aside: bool,
) -> None:
    """The table `refused`: row_number, rule, column_name, value, raw."""
    header = columns.header
    positions = [columns.position_of(fault.field) for fault in faults]
    rules = _cases({number: literal(fault.rule) for number, fault in enumerate(faults)})
    names = _cases(
        {
            number: literal((header[at] if at is not None else fault.field) or None)
            for number, (fault, at) in enumerate(zip(faults, positions, strict=True))
        }
    )
    shown = _cases({number: f"c{at}" for number, at in enumerate(positions) if at is not None})
    record = ", ".join(f"csv_cell(c{position})" for position in range(len(header)))
    value = f"CASE fault {shown} END" if shown else "CAST(NULL AS VARCHAR)"
    raw = f"concat_ws(',', array_to_string(list_slice([{record}], 1, cell_count), ','), beyond)"
    if columns.raw_position is not None:
        raw = f"c{columns.raw_position}"
    if columns.is_private:
        value, raw = f"redacted({value})", _redacted_record(columns)
    conflicts = (
        "UNION ALL SELECT row_number, -1 FROM repeats WHERE fate = 'rejected'" if has_conflicts else ""
    )
    records = ASIDE if has_aside and not has_conflicts else "raw"
    select = f"""
        SELECT
            row_number,
            CASE fault {rules} ELSE '{CONFLICT}' END AS rule,
            CASE fault {names} END AS column_name,
            {value} AS value,
            {raw} AS raw
        FROM (SELECT row_number, fault FROM typed WHERE fault IS NOT NULL {conflicts})
        JOIN {records} USING (row_number)
    """
    keep_rows(connection, "refused", select, on_disk=False)


def _redacted_record(columns: Columns) -> str:
    """SQL: the record without what its cells say, but for an order's number where it looks like one."""
    number = columns.position_of("name")
    shown = []
    for position in range(len(columns.header)):
        is_number = f"regexp_full_match(clean_text(c{position}), '#?[A-Z]{{0,6}}-?[0-9]{{1,10}}')"
        known = f"WHEN {is_number} THEN clean_text(c{position}) " if position == number else ""
        shown.append(f"CASE {known}WHEN clean_text(c{position}) IS NOT NULL THEN 'REDACTED' ELSE '' END")
    return f"array_to_string(list_slice([{', '.join(shown)}], 1, cell_count), ',')"


def _cases(results: Mapping[int, str]) -> str:
    return " ".join(f"WHEN {number} THEN {sql}" for number, sql in results.items())
