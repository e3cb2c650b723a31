"""What files are, and what would happen to them: everything that loading does, and nothing written."""

from __future__ import annotations

import dataclasses
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from creator_tiers.exports.containers import members
from creator_tiers.exports.context import is_skipped, read_context, valid_text
from creator_tiers.exports.export import Outcome, read_export
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.fingerprint import fingerprint
from creator_tiers.exports.reading import Limits
from creator_tiers.exports.totals import totals
from creator_tiers.exports.workbench import workbench
from creator_tiers.lake.manifests import Status


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file's answer: what `creator-tiers inspect --json` prints of it, in this order.

    Attributes:
        totals: sums over the accepted rows; empty for a format whose rows are not read.
        status: what loading would say: `loaded`, `partial`, `ignored`, `refused`, `failed` (our fault), or `missing`
            for no such file.
        others: see `creator_tiers.exports.export.Outcome`.
    """

    path: str
    format: str
    platform: str | None
    account: str | None
    observed_at: datetime | None
    rows_read: int
    rows_accepted: int
    rows_duplicate: int
    rows_rejected: int
    rows_ignored: int
    rejected_by_rule: dict[str, int]
    totals: dict[str, Any]
    message: str | None
    status: Status | str
    observed_from: str | None = None
    file_id: str | None = None


def find(paths: Iterable[str]) -> Iterator[tuple[str, Path | None]]:
    """The files behind paths, folders expanded in the order of names: (path to show, file), None for a missing one, or
    for a folder that cannot be opened.

    What loading skips inside a folder is skipped: hidden and temporary files, sidecars, pipes, links that lead nowhere.
    """
    for path in paths:
        place = Path(path)
        if path and _is(place, stat.S_ISDIR):
            closed: list[OSError] = []
            for folder, folders, names in os.walk(place, onerror=closed.append):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                files = [Path(folder) / name for name in sorted(names) if not is_skipped(name)]
                yield from ((file.as_posix(), file) for file in files if _is(file, stat.S_ISREG))
            yield from ((error.filename, None) for error in closed)
        else:
            yield path, place if path and _is(place, stat.S_ISREG) else None


def inspect_files(files: Iterable[tuple[str, Path | None]], limits: Limits) -> Iterator[Inspection]:
    """Inspect files, one at a time; the members of an archive one by one.

    Args:
        files: as `find` gives them.
        limits: when refused rows would refuse the file.
    """
    with tempfile.TemporaryDirectory(prefix="creator-tiers-") as folder, workbench() as connection:
        for path, file in files:
            if file is None:
                yield _missing(path)
            else:
                yield from _inspect(connection, path, file, limits, Path(folder))


def _inspect(
    connection: duckdb.DuckDBPyConnection, path: str, file: Path, limits: Limits, scratch: Path
) -> Iterator[Inspection]:
    now = datetime.now(UTC)
    try:
        for member in members(file, scratch):
            inner = "" if member.inner is None else f"/{member.inner}"
            context = read_context(file, file.absolute().as_posix() + inner)
            outcome = read_export(
                connection,
                member,
                dataclasses.replace(context, path=valid_text(path + inner)),
                now,
                limits,
                scratch,
                must_have_account=False,
            )
            yield _answer(outcome, totals(connection, outcome.source_format, has_rows=bool(outcome.datasets)))
    except RefusedFileError as refusal:
        yield _refused(path, file, refusal)
    except OSError as error:
        yield _refused(path, file, RefusedFileError("unreadable", f"the file cannot be opened: {error}"))
    except Exception as error:
        fault = f"a fault of this program, not of the file: {type(error).__name__}: {error}"
        answer = _refused(path, file, RefusedFileError("unreadable", fault[:500]))
        yield dataclasses.replace(answer, status="failed", rejected_by_rule={})


def _refused(path: str, file: Path, refusal: RefusedFileError) -> Inspection:
    outcome = Outcome(path=valid_text(path), file_id=_file_id(file))
    outcome.refuse(refusal, 0)
    return _answer(outcome, {})


def _file_id(file: Path) -> str:
    try:
        return fingerprint(file).file_id
    except OSError:
        return ""


def _answer(outcome: Outcome, sums: dict[str, Any]) -> Inspection:
    return Inspection(
        path=outcome.path,
        format=outcome.source_format,
        platform=outcome.platform,
        account=outcome.account,
        observed_at=outcome.observed_at,
        rows_read=outcome.rows_read,
        rows_accepted=outcome.rows_accepted,
        rows_duplicate=outcome.rows_duplicate,
        rows_rejected=outcome.rows_rejected,
        rows_ignored=outcome.rows_ignored,
        rejected_by_rule=dict(outcome.rejected_by_rule),
        totals=sums,
        message=outcome.message,
        status=outcome.status,
        observed_from=outcome.observed_from,
        file_id=outcome.file_id,
    )


def _missing(path: str) -> Inspection:
    return Inspection(
        path=valid_text(path),
        format="unknown",
        platform=None,
        account=None,
        observed_at=None,
        rows_read=0,
        rows_accepted=0,
        rows_duplicate=0,
        rows_rejected=0,
        rows_ignored=0,
        rejected_by_rule={},
        totals={},
        message=_why_missing(Path(path)) if path else "there is no such file",
        status="missing",
    )


def _why_missing(place: Path) -> str:
    if _is(place, stat.S_ISDIR):
        return "the folder cannot be opened"
    return "it is no file and no folder" if _is(place, lambda _: True) else "there is no such file"


def _is(place: Path, kind: Callable[[int], bool]) -> bool:
    """Whether something of a kind lies at a path; not where nobody may look."""
    try:
        return kind(place.stat().st_mode)
    except (OSError, ValueError):
        return False
