"""Data health: what became of the files and rows that the report rests on, and how old they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.report.inputs import Row, count, rows_of, text, zulu
from creator_tiers.report.wording import count_text, platform_name

STATUSES = ("loaded", "partial", "ignored", "refused", "failed")
TROUBLED = ("failed", "refused", "partial")
FATES = ("rows_loaded", "rows_duplicate", "rows_rejected", "rows_ignored")
MOST_FILES = 200
"""Files named in the model; more are only counted."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind."""

    name: str
    n: int


@dataclass(frozen=True, slots=True)
class DataAge:
    """The oldest and newest observation of a platform, ISO text in UTC; days from the newest to as-of."""

    platform: str
    name: str
    files: int
    oldest: str
    newest: str
    age_days: float


@dataclass(frozen=True, slots=True)
class FileNote:
    """An export file that needs a look."""

    path: str
    status: str
    rows_rejected: int
    message: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """An expectation's outcomes, counted."""

    expectation: str
    severity: str
    outcome: str
    n: int


@dataclass(frozen=True, slots=True)
class Health:
    """Data health. `rows_read` = the sum of `rows_by_fate` when the books balance.

    `unbalanced` names files (at most 200) whose rows do not add up, `unbalanced_files` counts them.
    """

    files: int
    files_by_status: tuple[Count, ...]
    rows_read: int
    rows_by_fate: tuple[Count, ...]
    unbalanced_files: int
    unbalanced: tuple[str, ...]
    ages: tuple[DataAge, ...]
    troubled_files: int
    troubled: tuple[FileNote, ...]
    quarantine: tuple[Count, ...]
    validation: tuple[Count, ...]
    expectations: tuple[Expectation, ...]


def build_health(files: pa.Table, rejected: pa.Table, validation: pa.Table, as_of: datetime) -> Health:
    """Data health as of an instant; files observed at or after it are left out.

    Args:
        files: rows of `ops.export_files`.
        rejected: `rule, rows`.
        validation: `expectation, severity, outcome, n`.
        as_of: the report's instant, with a time zone.
    """
    known = _known_by(files, as_of)
    statuses = {str(row["status"]): count(row, "n") for row in _counted(known, "status")}
    outcomes: dict[str, int] = {}
    expectations = tuple(sorted((_expectation(row) for row in rows_of(validation)), key=_expectation_rank))
    for expectation in expectations:
        outcomes[expectation.outcome] = outcomes.get(expectation.outcome, 0) + expectation.n
    unbalanced = _unbalanced(known)
    troubled = _where_in(known, "status", TROUBLED)
    return Health(
        files=known.num_rows,
        files_by_status=tuple(
            Count(name, statuses.get(name, 0)) for name in (*STATUSES, *sorted(set(statuses) - set(STATUSES)))
        ),
        rows_read=_total(known, "rows_read"),
        rows_by_fate=tuple(Count(fate.removeprefix("rows_"), _total(known, fate)) for fate in FATES),
        unbalanced_files=unbalanced.num_rows,
        unbalanced=tuple(str(row["path"]) for row in _named(unbalanced)),
        ages=_ages(known, as_of),
        troubled_files=troubled.num_rows,
        troubled=tuple(_note(row) for row in _named(troubled)),
        quarantine=tuple(
            sorted(
                (Count(text(row, "rule") or "unknown", count(row, "rows")) for row in rows_of(rejected)),
                key=lambda item: (-item.n, item.name),
            )
        ),
        validation=tuple(Count(name, outcomes.get(name, 0)) for name in ("passed", "failed", "errored")),
        expectations=expectations,
    )


def _known_by(files: pa.Table, as_of: datetime) -> pa.Table:
    observed = _column(files, "observed_at", pa.timestamp("us", "UTC"))
    keep = pc.fill_null(pc.less(observed, pa.scalar(as_of.astimezone(UTC), pa.timestamp("us", "UTC"))), True)
    return files.filter(keep)


def _column(table: pa.Table, name: str, kind: pa.DataType) -> Any:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, kind)
    column = table[name]
    if pa.types.is_timestamp(kind) and pa.types.is_timestamp(column.type) and column.type.tz is None:
        return pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
    return column.cast(kind)


def _total(table: pa.Table, name: str) -> int:
    return int(pc.sum(_column(table, name, pa.int64())).as_py() or 0)


def _counted(table: pa.Table, name: str) -> list[dict[str, Any]]:
    column = pc.fill_null(_column(table, name, pa.string()), "unknown")
    grouped = pa.table({name: column, "n": column}).group_by(name).aggregate([("n", "count")])
    return [{name: row[name], "n": row["n_count"]} for row in rows_of(grouped)]


def _where_in(table: pa.Table, name: str, values: tuple[str, ...]) -> pa.Table:
    column = _column(table, name, pa.string())
    return table.filter(pc.is_in(column, value_set=pa.array(values, pa.string())))


def _unbalanced(table: pa.Table) -> pa.Table:
    parts = [pc.fill_null(_column(table, fate, pa.int64()), 0) for fate in FATES]
    total = parts[0]
    for part in parts[1:]:
        total = pc.add(total, part)
    read = pc.fill_null(_column(table, "rows_read", pa.int64()), 0)
    return table.filter(pc.not_equal(read, total))


def _named(table: pa.Table) -> list[dict[str, Any]]:
    """The first files of a table, worst status first, then by path."""
    names = ("path", "status", "message")
    columns = {name: pc.fill_null(_column(table, name, pa.string()), "") for name in names}
    columns["rows_rejected"] = pc.fill_null(_column(table, "rows_rejected", pa.int64()), 0)
    columns["rank"] = pc.fill_null(
        pc.index_in(columns["status"], value_set=pa.array((*TROUBLED, *STATUSES))), len(STATUSES)
    )
    ordered = pa.table(columns).sort_by([("rank", "ascending"), ("path", "ascending")])
    return cast(list[dict[str, Any]], rows_of(ordered.slice(0, MOST_FILES)))


def _note(row: Row) -> FileNote:
    rejected = count(row, "rows_rejected")
    said = (count_text(rejected, "row") + " rejected" if rejected else "", text(row, "message") or "")
    return FileNote(
        path=text(row, "path") or "",
        status=text(row, "status") or "",
        rows_rejected=rejected,
        message="; ".join(filter(None, said)),
    )


def _ages(table: pa.Table, as_of: datetime) -> tuple[DataAge, ...]:
    used = _where_in(table, "status", ("loaded", "partial"))
    observed = _column(used, "observed_at", pa.timestamp("us", "UTC"))
    platform = pc.fill_null(_column(used, "platform", pa.string()), "no platform")
    frame = pa.table({"platform": platform, "observed_at": observed})
    grouped = frame.filter(pc.is_valid(observed)).group_by("platform")
    spans = grouped.aggregate([("observed_at", "min"), ("observed_at", "max"), ("observed_at", "count")])
    return tuple(
        DataAge(
            platform=row["platform"],
            name=platform_name(row["platform"]),
            files=row["observed_at_count"],
            oldest=zulu(row["observed_at_min"]),
            newest=zulu(row["observed_at_max"]),
            age_days=round((as_of - row["observed_at_max"]).total_seconds() / 86400, 1),
        )
        for row in sorted(spans.to_pylist(), key=lambda row: str(row["platform"]))
    )


def _expectation(row: Row) -> Expectation:
    return Expectation(
        expectation=text(row, "expectation") or "",
        severity=text(row, "severity") or "",
        outcome=text(row, "outcome") or "",
        n=count(row, "n"),
    )


def _expectation_rank(item: Expectation) -> tuple[int, str, str]:
    order = {"errored": 0, "failed": 1, "passed": 2}
    return (order.get(item.outcome, 3), item.severity, item.expectation)
