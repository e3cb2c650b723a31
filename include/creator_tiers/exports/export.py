"""One export file, whatever it is: recognised, read, or refused with a reason. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb
from structlog.contextvars import bound_contextvars

from creator_tiers.exports.containers import Member, flatten_json, is_json
from creator_tiers.exports.context import Context, as_seen_by, clean_handle
from creator_tiers.exports.delimited import count_records
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.fingerprint import Fingerprint, fingerprint
from creator_tiers.exports.layouts import Layout
from creator_tiers.exports.reading import Limits, read_rows
from creator_tiers.exports.recognise import Recognised, Unrecognised, recognise, tabulated
from creator_tiers.exports.registry import UNKNOWN
from creator_tiers.lake.manifests import Status


@dataclass(slots=True)
class Outcome:
    """What became of one export file. `rows_read` = accepted + duplicate + rejected + ignored.

    Attributes:
        path: where it lies, as users are told.
        source_format: the format's name, or `unknown`.
        observed_at: UTC; None for a file that was not read.
        datasets: the datasets with rows, as tables `out_<dataset>` of the workbench.
        refusal: why the whole file is refused; None where it is not.
        others: see `lake.export_files`.
    """

    path: str
    file_id: str
    source_format: str = UNKNOWN
    platform: str | None = None
    account: str | None = None
    observed_at: datetime | None = None
    observed_from: str | None = None
    rows_read: int = 0
    rows_accepted: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    rows_ignored: int = 0
    rejected_by_rule: Mapping[str, int] = field(default_factory=dict)
    status: Status = "refused"
    message: str | None = None
    datasets: tuple[str, ...] = ()
    refusal: RefusedFileError | None = None

    def refuse(self, refusal: RefusedFileError, rows: int) -> None:
        """Turn the outcome into a refusal of the whole file, with its countable rows."""
        self.status, self.message, self.refusal = "refused", refusal.message, refusal
        self.rows_read = self.rows_rejected = rows
        self.rows_accepted = self.rows_duplicate = self.rows_ignored = 0
        self.rejected_by_rule = {refusal.rule: rows}
        self.datasets = ()


def read_export(
    connection: duckdb.DuckDBPyConnection,
    member: Member,
    context: Context,
    loaded_at: datetime,
    limits: Limits,
    scratch: Path,
    *,
    must_have_account: bool,
) -> Outcome:
    """Read one file into the workbench.

    Args:
        connection: the workbench.
        member: the file.
        context: what its surroundings say.
        loaded_at: UTC; stamped on its rows.
        limits: when refused rows refuse the file.
        scratch: a folder for intermediate files.
        must_have_account: refuse a file whose account nobody names, where its format needs one.

    What is logged meanwhile carries its `file_id`.
    """
    printed = fingerprint(member.file)
    outcome = Outcome(
        path=context.path,
        file_id=printed.file_id,
        platform=context.platform,
        account=clean_handle(context.handle) if context.handle else None,
        observed_at=context.observed_at or context.modified_at,
        observed_from=context.observed_from or "modified_at",
    )
    layout: Layout | None = None
    file, encoding = member.file, printed.encoding
    with bound_contextvars(file_id=printed.file_id):
        try:
            file, encoding = _as_text(member, printed, scratch)
            printed = replace(printed, encoding=encoding)
            found = recognise(file, encoding)
            layout = found.layout
            if isinstance(found, Recognised):
                outcome.source_format = found.format.name
            if printed.nul_at is not None and file == member.file:
                raise RefusedFileError(
                    "bad_structure",
                    f"byte {printed.nul_at} (from 0) is NUL, which no text has: the file is damaged, or is no text; "
                    "export it again",
                )
            if isinstance(found, Unrecognised):
                may_be_private = "orders" in context.path.casefold().split("/")[:-1]
                raise RefusedFileError(
                    "unknown_format",
                    "no known header, in a folder of orders" if may_be_private else found.message,
                )
            _read_recognised(
                connection, file, printed, found, context, loaded_at, limits, must_have_account, outcome
            )
        except RefusedFileError as refusal:
            counted = refusal.rows if refusal.rows is not None else _countable(file, encoding, layout)
            outcome.refuse(refusal, counted)
    return outcome


def _as_text(member: Member, printed: Fingerprint, scratch: Path) -> tuple[Path, str]:
    file = member.file
    if member.refusal is not None:
        raise member.refusal
    if member.text is not None:
        return member.text, "utf-8"
    if is_json(file):
        return flatten_json(file, scratch), "utf-8"
    if printed.encoding is None:
        raise RefusedFileError(
            "bad_encoding",
            f"byte {printed.bad_byte} (from 0) is not UTF-8, and the file is neither UTF-16 nor code page 1252; "
            "export it again, or save it as UTF-8",
        )
    return file, printed.encoding


def _read_recognised(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    printed: Fingerprint,
    found: Recognised,
    context: Context,
    loaded_at: datetime,
    limits: Limits,
    must_have_account: bool,
    outcome: Outcome,
) -> None:
    known = found.format
    context = as_seen_by(context, known.home)
    outcome.account = clean_handle(context.handle) if context.handle else None
    outcome.platform = known.platform or context.platform
    if known.platform and context.platform and known.platform != context.platform:
        raise RefusedFileError(
            "platform_mismatch",
            f"the content is {known.name}, the folder or sidecar says {context.platform}; move the file",
        )
    if known.treatment == "refused":
        raise RefusedFileError("not_supported", f"{known.name}: {known.reason}")
    if known.rows is None:
        rows = count_records(file, printed.encoding or "utf-8", found.layout)
        outcome.rows_read = outcome.rows_ignored = rows
        outcome.status, outcome.message = "ignored", f"{known.name}: {known.reason}"
        return
    needs_account = known.rows.needs_account and not context.handle
    folder = known.folder or f"landing/{known.platform}/<handle>/"
    if needs_account and must_have_account:
        raise RefusedFileError(
            "missing_account",
            f"{known.name} names no account: put the file into {folder}, or add `account:` to its sidecar",
        )
    found = tabulated(found, file, printed.encoding or "utf-8")
    reading = read_rows(connection, file, printed, found, context, loaded_at, limits)
    warnings = [*reading.warnings, *context.remarks]
    if needs_account:
        warnings.append(f"names no account: put it into {folder} to load it")
    outcome.platform, outcome.account = reading.platform, reading.account
    outcome.observed_at, outcome.observed_from = reading.observed_at, reading.observed_from
    fates = reading.fates
    outcome.rows_read, outcome.rows_accepted, outcome.rows_duplicate = (
        fates.read,
        fates.accepted,
        fates.duplicate,
    )
    outcome.rows_rejected, outcome.rows_ignored = fates.rejected, fates.ignored
    outcome.rejected_by_rule = fates.by_rule
    outcome.status = "partial" if fates.rejected else "loaded"
    outcome.datasets = reading.datasets
    outcome.message = "; ".join(warnings) or None
    if not outcome.rows_read:
        outcome.message = "the file has a header and no rows"


def _countable(file: Path, encoding: str | None, layout: Layout | None) -> int:
    """The rows of a refused file; 0 where they cannot be counted."""
    if layout is None or encoding is None:
        return 0
    try:
        return count_records(file, encoding, layout)
    except (RefusedFileError, UnicodeError):
        return 0
