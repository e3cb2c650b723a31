"""One export file becomes typed rows, refused rows and counts.

The work is done by the embedded DuckDB on the file's records as text: `raw` (cells as they are), `texts` (fields,
cleaned), `typed` (the first dataset's columns and each row's fate), `out_<dataset>` (accepted rows) and `refused`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from creator_tiers.contracts.rules import row_rules
from creator_tiers.exports import delimited
from creator_tiers.exports.columns import Columns
from creator_tiers.exports.context import Context, clean_handle
from creator_tiers.exports.evidence import hidden_likes
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.fingerprint import Fingerprint
from creator_tiers.exports.recognise import Recognised, check_required
from creator_tiers.exports.source import Format, Output, Rows
from creator_tiers.exports.sql import cast_to, identifier, literal
from creator_tiers.exports.values import Values
from creator_tiers.tables import Table, table

Connection = duckdb.DuckDBPyConnection

FILE_COLUMNS = ("file_id", "row_number", "loaded_at", "observed_at", "flags", "extra")
"""Columns that do not make two rows of a file different facts."""

VARIABLES = {
    "handle": "VARCHAR",
    "platform": "VARCHAR",
    "period_start": "DATE",
    "known_at": "TIMESTAMP",
    "anchor": "TIMESTAMP",
    "observed_at": "TIMESTAMP",
    "likes_are_hidden": "BOOLEAN",
}
"""What the fragments of SQL may ask for through `getvariable`, with its type."""

_VALUE = re.compile(r"\bv\.([a-z_]+)\b")


@dataclass(frozen=True, slots=True)
class Limits:
    """When so many rows are refused that the file is: more than `share` of them and at least `rows`."""

    share: float = 0.5
    rows: int = 20


@dataclass(slots=True)
class Reading:
    """What a file's rows turned into. `rows_read` = accepted + duplicate + rejected + ignored.

    Attributes:
        observed_at: UTC; when the platform counted.
        observed_from: `sidecar`, `file_name`, `content` or `modified_at`.
        account: the handle, where the file is about one account.
        datasets: the datasets that have rows, as tables `out_<dataset>` of the workbench.
        rejected_by_rule: rule to rows; the rows are in the workbench's table `refused`.
        warnings: what a user should know of an accepted file.
    """

    format: Format
    platform: str | None
    account: str | None
    observed_at: datetime
    observed_from: str
    rows_read: int
    rows_accepted: int
    rows_duplicate: int
    rows_rejected: int
    rows_ignored: int
    rejected_by_rule: Mapping[str, int]
    datasets: tuple[str, ...]
    warnings: list[str] = field(default_factory=list)


def read_rows(
    connection: Connection,
    file: Path,
    printed: Fingerprint,
    found: Recognised,
    context: Context,
    loaded_at: datetime,
    limits: Limits,
) -> Reading:
    """Read a recognised file whose format has rows.

    Raises:
        RefusedFileError: the file as a whole cannot be used.
    """
    check_required(found)
    load_raw(connection, file, printed.encoding or "utf-8", found.layout)
    return _Reader(connection, printed, found, context, loaded_at, limits).read()


def load_raw(connection: Connection, file: Path, encoding: str, layout: delimited.Layout) -> None:
    """Fill the workbench's table `raw` with the records after the header."""
    batches = delimited.read_batches(file, encoding, layout)
    first = next(batches, None)
    stream: Iterator[pa.RecordBatch] = chain([first], batches) if first is not None else iter(())
    reader = pa.RecordBatchReader.from_batches(delimited.batch_schema(layout), _guarded(stream, file.name))
    connection.register("incoming", reader)
    try:
        connection.execute("CREATE OR REPLACE TABLE raw AS SELECT * FROM incoming")
    except duckdb.Error as error:
        if isinstance(error.__context__, RefusedFileError):
            raise error.__context__ from error
        raise
    finally:
        connection.unregister("incoming")


def _guarded(batches: Iterator[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except UnicodeDecodeError as error:
        raise RefusedFileError("bad_encoding", f"{name}: {error}") from error


class _Reader:
    """Builds and runs the statements for one file."""

    def __init__(
        self,
        connection: Connection,
        printed: Fingerprint,
        found: Recognised,
        context: Context,
        loaded_at: datetime,
        limits: Limits,
    ) -> None:
        if found.format.rows is None:
            raise ValueError(f"{found.format.name} has no rows")
        self.connection = connection
        self.printed = printed
        self.format = found.format
        self.rows: Rows = found.format.rows
        self.context = context
        self.loaded_at = loaded_at
        self.limits = limits
        self.columns = Columns(found, self.rows)
        self.platform = found.format.platform or context.platform
        self.handle = clean_handle(context.handle) if context.handle else None
        self.observed_at = context.observed_at or context.modified_at
        self.observed_from = context.observed_from or "modified_at"

    def read(self) -> Reading:
        """Run every step."""
        if self.rows.handle_fields:
            self.platform = self.columns.choose_handle(self.connection, self.platform, self.context.path)
        self._set("handle", self.handle)
        self._set("platform", self.platform)
        self._set("period_start", self.context.period_start)
        self._set("known_at", self.observed_at)
        self.columns.view_texts(self.connection)
        self._find_observation()
        self.values = Values(self.connection, self.columns, self.rows)
        self._type_rows()
        self._find_repeats()
        return self._conclude()

    def _set(self, variable: str, value: object) -> None:
        if isinstance(value, datetime):
            value = value.replace(tzinfo=None)
        self.connection.execute(f"SET VARIABLE {variable} = CAST(? AS {VARIABLES[variable]})", [value])

    def _find_observation(self) -> None:
        self._set("anchor", None)
        if self.rows.anchor:
            [anchor] = self.connection.execute(f"SELECT {self.rows.anchor}").fetchone() or [None]
            self._set("anchor", anchor)
            if anchor and self.rows.anchor_is_observation and self.context.observed_at is None:
                self.observed_at = anchor.replace(tzinfo=self.observed_at.tzinfo)
                self.observed_from = "content"
        self._set("observed_at", self.observed_at)

    def _broken(self) -> list[tuple[str, str, str]]:
        """What refuses a row before its values are looked at: (rule, field, SQL)."""
        found = [("wrong_cell_count", "", f"t.cell_count <> {len(self.columns.header)}")]
        found += [(reject.rule, reject.field, reject.when) for reject in self.rows.rejects]
        for name in self.values.parsers:
            rule = "bad_date" if name in self.rows.dates else "bad_cell"
            unread = f"t.{identifier(name)} IS NOT NULL AND v.{name} IS NULL"
            found.append((rule, name, f"{unread} AND NOT {self.values.is_ambiguous(name)}"))
        for name in self.rows.counts:
            if name not in self.rows.may_be_negative:
                found.append(("out_of_range", name, f"v.{name} < 0"))
        for name in self.rows.dates:
            found.append(("out_of_range", name, f"v.{name} > getvariable('observed_at') + INTERVAL 1 DAY"))
        return found

    def _columns(self, output: Output, described: Table) -> dict[str, str]:
        """SQL for each of the dataset's columns."""
        given = {
            "platform": "row_platform" if self.rows.handle_fields else literal(self.platform),
            "observed_at": "getvariable('observed_at')",
            "is_lifetime": "true",
            "has_disclosure": "false",
            "flags": self._flags(),
            "extra": "t.extra_cells",
            "file_id": literal(self.printed.file_id),
            "row_number": "t.row_number",
            "loaded_at": literal(self.loaded_at.replace(tzinfo=None).isoformat(sep=" ")),
        } | dict(output.columns)
        if "caption" in output.columns:
            given["has_disclosure"] = f"discloses({output.columns['caption']})"
        return {
            column.name: cast_to(_with_values(given.get(column.name, "NULL")), column.type)
            for column in described.columns
        }

    def _flags(self) -> str:
        ambiguous = [self.values.is_ambiguous(name) for name in self.rows.dates]
        hidden = "coalesce(t.likes IS NOT NULL, false)" if self._has_hidden_likes else "false"
        minus = "coalesce(v.likes = -1, false)" if "likes" in self.rows.hidden_counts else "false"
        return (
            f"nullif(concat_ws('+', CASE WHEN {' OR '.join(ambiguous) or 'false'} THEN 'ambiguous_date' END,"
            f" CASE WHEN {hidden} OR {minus} THEN 'hidden_likes' END), '')"
        )

    def _row_platform(self) -> str:
        return (
            "CASE WHEN t.platform IS NULL THEN getvariable('platform')"
            " WHEN lower(t.platform) IN ('instagram', 'facebook', 'tiktok', 'youtube') THEN lower(t.platform) END"
        )

    def _valued(self) -> str:
        """The relation `t` of texts and values that every fragment of SQL sees."""
        values = ", ".join(f'{sql} AS "v.{name}"' for name, sql in self.values.parsers.items())
        platform = f", {self._row_platform()} AS row_platform" if self.rows.handle_fields else ""
        return f"(SELECT t.*{platform}{', ' + values if values else ''} FROM texts AS t) AS t"

    def _type_rows(self) -> None:
        self._has_hidden_likes = "likes" in self.rows.hidden_counts and hidden_likes(self.connection)
        self._set("likes_are_hidden", self._has_hidden_likes)
        main = self.rows.outputs[0]
        described = table(f"lake.{main.dataset}")
        self.rules = self._broken()
        own = " ".join(
            f"WHEN {_with_values(when)} THEN {number}" for number, (_, _, when) in enumerate(self.rules)
        )
        columns = ", ".join(
            f"{sql} AS {identifier(name)}" for name, sql in self._columns(main, described).items()
        )
        checks = row_rules(described)
        later = " ".join(f"WHEN {check.breaks} THEN {len(self.rules) + n}" for n, check in enumerate(checks))
        self.rules += [(check.rule, check.column, "") for check in checks]
        self.connection.execute(f"""
            CREATE OR REPLACE TABLE typed AS
            SELECT
                * EXCLUDE (own_fault),
                CASE
                    WHEN is_ignored THEN NULL
                    WHEN own_fault IS NOT NULL THEN own_fault
                    {later}
                END AS fault
            FROM (
                SELECT
                    t.is_blank OR coalesce({_with_values(self.rows.ignore)}, false) AS is_ignored,
                    CASE {own} END AS own_fault,
                    {columns}
                FROM {self._valued()}
            )
        """)

    def _find_repeats(self) -> None:
        main = self.rows.outputs[0]
        described = table(f"lake.{main.dataset}")
        key = ", ".join(identifier(name) for name in main.duplicate_key)
        facts = ", ".join(identifier(c.name) for c in described.columns if c.name not in FILE_COLUMNS)
        outcome = (
            "CASE WHEN NOT is_like_first THEN 'rejected' WHEN nth > 1 THEN 'duplicate' END"
            if main.conflicts == "rejected"
            else "CASE WHEN nth > 1 THEN 'duplicate' END"
        )
        self.connection.execute(f"""
            CREATE OR REPLACE TABLE repeats AS
            WITH accepted AS (
                SELECT * FROM typed WHERE NOT is_ignored AND fault IS NULL
            ),
            repeated AS (
                SELECT {key} FROM accepted GROUP BY ALL HAVING count(*) > 1
            ),
            compared AS (
                SELECT row_number, {key}, md5(CAST(row({facts}) AS VARCHAR)) AS facts
                FROM accepted SEMI JOIN repeated USING ({key})
            ),
            numbered AS (
                SELECT
                    row_number,
                    row_number() OVER (PARTITION BY {key}, facts ORDER BY row_number) AS nth,
                    facts = first_value(facts) OVER (PARTITION BY {key} ORDER BY row_number) AS is_like_first
                FROM compared
            )
            SELECT row_number, {outcome} AS fate FROM numbered WHERE {outcome} IS NOT NULL
        """)

    def _conclude(self) -> Reading:
        self.connection.execute("""
            CREATE OR REPLACE TABLE fates AS
            SELECT
                row_number, fault,
                CASE
                    WHEN is_ignored THEN 'ignored' WHEN fault IS NOT NULL THEN 'rejected'
                    ELSE coalesce(fate, 'accepted')
                END AS fate
            FROM typed LEFT JOIN repeats USING (row_number)
        """)
        counted = dict(self.connection.execute("SELECT fate, count(*) FROM fates GROUP BY fate").fetchall())
        self._list_refused()
        read, rejected = sum(counted.values()), counted.get("rejected", 0)
        by_rule = dict(
            self.connection.execute(
                "SELECT rule, count(*) FROM refused GROUP BY rule ORDER BY rule"
            ).fetchall()
        )
        if rejected >= self.limits.rows and rejected > self.limits.share * read:
            most = max(by_rule, key=lambda rule: by_rule[rule])
            raise RefusedFileError(
                "too_many_rejected",
                f"{rejected:,} of {read:,} rows were refused, most of them by {most}; has the export's format changed?",
            )
        datasets = [output.dataset for output in self.rows.outputs if self._write_out(output)]
        return Reading(
            format=self.format,
            platform=self.platform,
            account=self._account(),
            observed_at=self.observed_at,
            observed_from=self.observed_from,
            rows_read=read,
            rows_accepted=counted.get("accepted", 0),
            rows_duplicate=counted.get("duplicate", 0),
            rows_rejected=rejected,
            rows_ignored=counted.get("ignored", 0),
            rejected_by_rule=by_rule,
            datasets=tuple(datasets),
            warnings=self.columns.warnings,
        )

    def _list_refused(self) -> None:
        """The table `refused`: row_number, rule, column_name, value, raw."""
        header = self.columns.header
        names, shown = [], []
        for number, (_, name, _) in enumerate(self.rules):
            position = self.columns.position_of(name)
            names.append(
                f"WHEN {number} THEN {literal((header[position] if position is not None else name) or None)}"
            )
            if position is not None:
                shown.append(f"WHEN {number} THEN c{position}")
        rules = " ".join(
            f"WHEN {number} THEN {literal(rule)}" for number, (rule, _, _) in enumerate(self.rules)
        )
        record = ", ".join(f"csv_cell(c{position})" for position in range(len(header)))
        self.connection.execute(f"""
            CREATE OR REPLACE TABLE refused AS
            SELECT
                row_number,
                CASE fault {rules} ELSE 'conflicting_duplicate' END AS rule,
                CASE fault {" ".join(names)} END AS column_name,
                {f"CASE fault {' '.join(shown)} END" if shown else "CAST(NULL AS VARCHAR)"} AS value,
                concat_ws(',', {record}) AS raw
            FROM fates JOIN raw USING (row_number)
            WHERE fate = 'rejected'
        """)

    def _write_out(self, output: Output) -> bool:
        """Fill `out_<dataset>`; False when it has no rows."""
        described = table(f"lake.{output.dataset}")
        name = identifier(f"out_{output.dataset}")
        if output is self.rows.outputs[0]:
            columns = ", ".join(identifier(column.name) for column in described.columns)
            self.connection.execute(f"""
                CREATE OR REPLACE TABLE {name} AS
                SELECT {columns} FROM typed SEMI JOIN (SELECT row_number FROM fates WHERE fate = 'accepted') AS kept
                    USING (row_number) ORDER BY row_number
            """)
        else:
            columns = ", ".join(
                f"{sql} AS {identifier(n)}" for n, sql in self._columns(output, described).items()
            )
            key = ", ".join(identifier(column) for column in output.duplicate_key)
            self.connection.execute(f"""
                CREATE OR REPLACE TABLE {name} AS
                SELECT {columns} FROM {self._valued()}
                WHERE t.row_number IN (SELECT row_number FROM fates WHERE fate = 'accepted')
                    AND {_with_values(output.where)}
                QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY t.row_number) = 1
                ORDER BY t.row_number
            """)
        [rows] = self.connection.execute(f"SELECT count(*) FROM {name}").fetchone() or [0]
        return bool(rows)

    def _account(self) -> str | None:
        main = self.rows.outputs[0].dataset
        found = self.connection.execute(
            f"SELECT DISTINCT account_key FROM {identifier(f'out_{main}')} LIMIT 2"
        ).fetchall()
        if len(found) == 1 and main != "account_observations":
            return str(found[0][0]).split(":", 1)[1] or None
        return self.handle


def _with_values(sql: str) -> str:
    return _VALUE.sub(r't."v.\1"', sql)


def totals(connection: Connection, dataset: str) -> dict[str, Any]:
    """The sums over a file's accepted rows that `inspect` shows; None where no row has a value."""
    columns = TOTALS[dataset]
    row = (
        connection.execute(
            f"SELECT {', '.join(columns.values())} FROM {identifier(f'out_{dataset}')}"
        ).fetchone()
        or ()
    )
    return {name: int(value) if value is not None else None for name, value in zip(columns, row, strict=True)}


TOTALS: Mapping[str, Mapping[str, str]] = {
    "post_observations": {
        "posts": "count(DISTINCT post_key)",
        **{name: f"sum({name})" for name in ("views", "likes", "comments", "shares", "saves", "reach")},
    },
    "follower_observations": {
        "accounts": "count(DISTINCT account_key)",
        "followers": "arg_max(followers, observed_on)",
    },
    "account_observations": {"accounts": "count(DISTINCT account_key)", "followers": "sum(followers)"},
}
