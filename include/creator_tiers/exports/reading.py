"""One export file becomes typed rows, refused rows and counts.

The work is done by the embedded DuckDB on the file's records as text: `raw` (cells as they are), `texts` (fields,
cleaned), `valued` (and their values), `typed` (the first dataset's columns and each record's fault), `out_<dataset>`
(accepted rows) and `refused`. Of a large file `typed` has only the records that are not accepted at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from creator_tiers.exports.columns import Columns
from creator_tiers.exports.context import Context, clean_handle
from creator_tiers.exports.evidence import hidden_likes
from creator_tiers.exports.fates import Fates, decide, write_main, write_other
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.fingerprint import Fingerprint
from creator_tiers.exports.parting import Parted, Parting
from creator_tiers.exports.progress import Progress, telling
from creator_tiers.exports.raw import load_raw
from creator_tiers.exports.recognise import Recognised, check_required
from creator_tiers.exports.source import Format
from creator_tiers.exports.sql import identifier
from creator_tiers.exports.typing_rows import RowTyper
from creator_tiers.exports.values import Values

Connection = duckdb.DuckDBPyConnection

SMALL_BYTES = 16 << 20
"""Up to this size the steps between are kept as tables: planning one large query costs more than the rows do."""

MOST_UNREAD, ALL_UNREAD = 0.1, 1.0
"""The share of records with cells that are not written the plain way up to which the others are read as if none had."""

VARIABLES = {
    "handle": "VARCHAR",
    "place": "VARCHAR",
    "platform": "VARCHAR",
    "period_start": "DATE",
    "known_at": "TIMESTAMP",
    "anchor": "TIMESTAMP",
    "observed_at": "TIMESTAMP",
    "likes_are_hidden": "BOOLEAN",
}
"""What the fragments of SQL may ask for through `getvariable`, with its type."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When so many rows are refused that the file is: more than `share` of them and at least `rows`.

    Attributes:
        warn_share: the same for a warning.
        warn_rows: the same for a warning.
        formats: limits of formats that have their own.
    """

    share: float = 0.5
    rows: int = 20
    warn_share: float = 0.05
    warn_rows: int = 10
    formats: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, name: str) -> Limits:
        """The limits of a format."""
        return self.formats.get(name, self)


@dataclass(slots=True)
class Reading:
    """What a file's rows turned into.

    Attributes:
        observed_at: UTC; when the platform counted.
        observed_from: `sidecar`, `file_name`, `content` or `modified_at`.
        account: the handle, where the file is about one account.
        fates: the records by fate; the rejected ones are in the workbench's table `refused`.
        datasets: the datasets that have rows, as tables `out_<dataset>` of the workbench.
        warnings: what a user should know of an accepted file.
    """

    format: Format
    platform: str | None
    account: str | None
    observed_at: datetime
    observed_from: str
    fates: Fates
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
        ValueError: the format has no rows.
    """
    if found.format.rows is None:
        raise ValueError(f"{found.format.name} has no rows")
    check_required(found)
    is_large = printed.size > SMALL_BYTES
    with telling(connection, context.path) if is_large else nullcontext(Progress(context.path)) as progress:
        encoding = printed.encoding or "utf-8"
        looks = load_raw(
            connection, file, encoding, found.layout, found.batches, progress=progress, on_disk=is_large
        )
        columns = Columns(found, found.format.rows, looks, is_large=is_large)
        return _Reader(connection, printed, found, context, loaded_at, limits, progress, columns).read()


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
        progress: Progress,
        columns: Columns,
    ) -> None:
        self.connection = connection
        self.printed = printed
        self.format = found.format
        self.rows = columns.rows
        self.context = context
        self.loaded_at = loaded_at
        self.limits = limits.of(found.format.name)
        self.progress = progress
        self.columns = columns
        self.platform = found.format.platform or context.platform
        self.handle = clean_handle(context.handle) if context.handle else None
        self.observed_at = context.observed_at or context.modified_at
        self.observed_from = context.observed_from or "modified_at"
        self.likes_are_hidden = False
        self.is_day_unread = False

    def read(self) -> Reading:
        """Run every step."""
        if self.rows.handle_fields:
            self.platform = self.columns.choose_handle(self.connection, self.platform, self.context.path)
        place = self.context.handle.strip() if self.context.handle else None
        self._set(
            handle=self.handle, place=place, platform=self.platform, period_start=self.context.period_start
        )
        self.columns.make_texts(self.connection)
        self.progress.step = "looking at how the cells are written"
        self._find_observation()
        self.likes_are_hidden = "likes" in self.rows.hidden_counts and hidden_likes(self.connection)
        if self.rows.hidden_counts:
            self._set(likes_are_hidden=self.likes_are_hidden)
        values = Values(self.connection, self.columns, self.rows)
        if not self.columns.is_large or self.columns.folds:
            values.read_all()
            typer = self._typer(values)
            self.progress.step = "converting"
            typer.type_rows(self.connection)
            return self._conclude(typer)
        return self._read_large(values)

    def _read_large(self, values: Values) -> Reading:
        """Read a large file as if every cell were written the plain way, and what is not afterwards.

        That spares a pass over the file, and it holds for almost every record of almost every export. Where it turns
        out that it does not, nothing of it counts: the file is read once more, by what all of its cells show.
        """
        self.progress.step = "converting"
        with self._parted(self._typer(values).parting()) as parted:
            is_parted = parted.part(MOST_UNREAD)
            if is_parted:
                parted.keep_aside()
            if is_parted and (not parted.has_unread or values.read_all(parted.late)):
                typer = self._typer(values)
                if parted.settle(typer.parting()):
                    return self._conclude(typer, parted)
        values.read_all()
        typer = self._typer(values)
        parting = typer.parting()
        with self._parted(parting) as parted:
            parted.part(ALL_UNREAD)
            parted.settle(parting)
            return self._conclude(typer, parted)

    def _parted(self, parting: Parting) -> Parted:
        return Parted(self.connection, f"out_{self.rows.outputs[0].dataset}", parting)

    def _typer(self, values: Values) -> RowTyper:
        return RowTyper(
            self.rows,
            self.columns,
            values,
            platform=self.platform,
            file_id=self.printed.file_id,
            loaded_at=self.loaded_at,
            likes_are_hidden=self.likes_are_hidden,
        )

    def _set(self, **values: object) -> None:
        for variable, value in values.items():
            plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            kind = VARIABLES[variable]
            self.connection.execute(f"SET VARIABLE {variable} = CAST(? AS {kind})", [plain])

    def _find_observation(self) -> None:
        if self.rows.anchor:
            self._set(known_at=self.observed_at)
            [anchor] = self.connection.execute(f"SELECT {self.rows.anchor}").fetchone() or [None]
            self._set(anchor=anchor)
            if anchor and self.rows.anchor_is_observation and self.context.observed_at is None:
                self.observed_at = anchor.replace(tzinfo=self.observed_at.tzinfo)
                self.observed_from = "content"
            elif self.rows.anchor_is_observation and self.context.observed_at is None:
                self.is_day_unread = True
        self._set(observed_at=self.observed_at)

    def _conclude(self, typer: RowTyper, parted: Parted | None = None) -> Reading:
        self.progress.step = "looking for duplicates and refused rows"
        main, *others = self.rows.outputs
        fates = decide(self.connection, main, self.columns, typer.faults, parted)
        if fates.rejected >= self.limits.rows and fates.rejected > self.limits.share * fates.read:
            most = max(fates.by_rule, key=lambda rule: fates.by_rule[rule])
            raise RefusedFileError(
                "too_many_rejected",
                f"{fates.rejected:,} of {fates.read:,} rows were refused, most of them by {most}; "
                "has the export's format changed?",
            )
        warnings = list(self.columns.warnings)
        if self.is_day_unread and fates.accepted:
            warnings.append(
                "the day of the export in it cannot be read: the file's time of modification stands for it; "
                "say `observed_at:` in a sidecar"
            )
        if fates.rejected >= self.limits.warn_rows and fates.rejected > self.limits.warn_share * fates.read:
            warnings.append(
                f"{fates.rejected:,} of {fates.read:,} rows were refused, more than the "
                f"{self.limits.warn_share:.3g} that are usual; `creator-tiers rejected` shows them"
            )
        elif fates.rejected == fates.read - fates.ignored > 0:
            rules = ", ".join(fates.by_rule)
            warnings.append(f"no row could be used ({rules}); `creator-tiers rejected` shows why")
        datasets = []
        if fates.accepted:
            write_main(self.connection, main, fates, self.columns, parted)
            datasets.append(main.dataset)
            datasets += [
                other.dataset
                for other in others
                if write_other(self.connection, main, other, typer, self.columns)
            ]
        return Reading(
            format=self.format,
            platform=self.platform,
            account=self._account(main.dataset, has_rows=bool(datasets)),
            observed_at=self.observed_at,
            observed_from=self.observed_from,
            fates=fates,
            datasets=tuple(datasets),
            warnings=warnings,
        )

    def _account(self, main: str, *, has_rows: bool) -> str | None:
        if not has_rows or main not in ("post_observations", "follower_observations"):
            return self.handle
        first, last = self.connection.execute(
            f"SELECT min(account_key), max(account_key) FROM {identifier(f'out_{main}')}"
        ).fetchone() or (None, None)
        return str(first).split(":", 1)[1] or None if first == last else self.handle


__all__ = ["Limits", "Reading", "read_rows"]
