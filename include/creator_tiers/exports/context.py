"""What a file's surroundings say of it: folder, name, sidecar, modification time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from creator_tiers.exports.sidecars import KEYS, SIDECAR, end_of_day, read_sidecar

PLATFORMS = ("instagram", "facebook", "tiktok", "youtube")
PLACES = ("orders", "web", "affiliate")
"""Folders whose folders are shops, web properties, affiliate networks: the `handle` of their files."""
LANDING = "landing"

_SKIPPED_SUFFIXES = (SIDECAR, ".part", ".tmp", ".crdownload", ".partial")
_SKIPPED_PREFIXES = (".", "~$")

_MONTHS = {
    name: n
    for n, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_NAMED_DAY = re.compile(r"(?<![A-Za-z])([A-Z][a-z]{2})-(\d{2})-(\d{4})(?!\d)")
_ISO_DAY = re.compile(r"(?<!\d)(20\d{2})-(\d{2})-(\d{2})(?!\d)")
_COMPACT_DAY = re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a file before its content is read.

    Attributes:
        path: where it lies, relative to the landing zone where there is one, with `/`.
        platform: the platform that its folder or sidecar names.
        place: the folder whose folders have names: a platform or one of `PLACES`; None where it lies in none.
        handle: the account that its folder or sidecar names, as written.
        is_handle_said: the sidecar names it, whatever the folder.
        observed_at: UTC; when the platform counted, by the sidecar or the file name.
        observed_from: `sidecar`, `file_name`, or None where neither tells.
        period_start: first day of the exported period, where known.
        modified_at: UTC; the file's modification time.
        remarks: what a user should know of the sidecar.
    """

    path: str
    platform: str | None
    place: str | None
    handle: str | None
    is_handle_said: bool
    observed_at: datetime | None
    observed_from: str | None
    period_start: date | None
    modified_at: datetime
    remarks: tuple[str, ...] = ()


def read_context(file: Path, path: str, *, name: str | None = None) -> Context:
    """Gather what a file's surroundings say.

    Args:
        file: the file on disk; for an archive's member, the archive.
        path: the path to tell users, with `/`.
        name: the name that may hold dates, where it is not the file's own.

    Raises:
        RefusedFileError: the sidecar cannot be read.
    """
    parts = PurePosixPath(path).parts
    place, handle = _from_folders(parts)
    days = _days_in(name or file.name)
    observed = end_of_day(days[-1]) if days else None
    observed_from = "file_name" if observed else None
    sidecar = read_sidecar(file)
    if sidecar.observed_at is not None:
        observed, observed_from = sidecar.observed_at, "sidecar"
    remarks = []
    if sidecar.unknown:
        unknown, known = ", ".join(map(repr, sidecar.unknown)), ", ".join(KEYS)
        remarks.append(f"the sidecar says {unknown}, which means nothing here; its keys are {known}")
    return Context(
        path=path,
        platform=sidecar.platform or (place if place in PLATFORMS else None),
        place=place,
        handle=sidecar.account or handle,
        is_handle_said=sidecar.account is not None,
        observed_at=observed,
        observed_from=observed_from,
        period_start=sidecar.period_start or (days[0] if len(days) > 1 else None),
        modified_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        remarks=tuple(remarks),
    )


def is_skipped(name: str) -> bool:
    """Whether a name says that the file is no export: hidden, temporary, half downloaded, a sidecar."""
    return name.startswith(_SKIPPED_PREFIXES) or name.lower().endswith(_SKIPPED_SUFFIXES)


def as_seen_by(context: Context, home: str | None) -> Context:
    """The context for a format whose files belong into a folder of `home`: of another folder the name is no account.

    A shop's folder names no channel, a channel's folder no shop. What a sidecar says holds everywhere.
    """
    is_elsewhere = home in (*PLATFORMS, *PLACES) and context.place != home
    return replace(context, handle=None) if is_elsewhere and not context.is_handle_said else context


def valid_text(path: str) -> str:
    """A path as text that can be written anywhere: bytes of a name that are no UTF-8 become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def clean_handle(text: str) -> str:
    """A handle as keys have it: trimmed, without one leading `@`, lower case."""
    return text.strip().removeprefix("@").lower()


def _from_folders(parts: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The place, and the name of the folder in it."""
    folders = parts[:-1]
    if LANDING in folders:
        folders = folders[len(folders) - folders[::-1].index(LANDING) :]
    named = [position for position, name in enumerate(folders) if name.casefold() in (*PLATFORMS, *PLACES)]
    if not named:
        return None, None
    position = (
        0 if named[0] == 0 else named[-1]
    )  # in the landing zone the first folder says it: @tiktok is on YouTube
    return folders[position].casefold(), folders[position + 1] if position + 1 < len(folders) else None


def _days_in(name: str) -> list[date]:
    found = [
        (match.start(), (match[3], str(_MONTHS.get(match[1].casefold(), 0)), match[2]))
        for match in _NAMED_DAY.finditer(name)
    ]
    found += [(m.start(), (m[1], m[2], m[3])) for m in _ISO_DAY.finditer(name)]
    if not found:
        found = [(m.start(), (m[1], m[2], m[3])) for m in _COMPACT_DAY.finditer(name)]
    days = []
    for _, (year, month, day) in sorted(found, key=lambda one: one[0]):
        try:
            days.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days
