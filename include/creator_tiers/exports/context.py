"""What a file's surroundings say of it: folder, name, sidecar, modification time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from creator_tiers.exports.faults import RefusedFileError

PLATFORMS = ("instagram", "facebook", "tiktok", "youtube")
PLACES = ("orders", "web", "affiliate")
"""Folders whose folders are shops, web properties, affiliate networks: the `handle` of their files."""
SIDECAR = ".meta.yaml"
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
        handle: the account that its folder or sidecar names, as written.
        observed_at: UTC; when the platform counted, by the sidecar or the file name.
        observed_from: `sidecar`, `file_name`, or None where neither tells.
        period_start: first day of the exported period, where known.
        modified_at: UTC; the file's modification time.
    """

    path: str
    platform: str | None
    handle: str | None
    observed_at: datetime | None
    observed_from: str | None
    period_start: date | None
    modified_at: datetime


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
    platform, handle = _from_folders(parts)
    days = _days_in(name or file.name)
    observed = end_of_day(days[-1]) if days else None
    period_start = days[0] if len(days) > 1 else None
    observed_from = "file_name" if observed else None
    sidecar = _read_sidecar(file.with_name(file.name + SIDECAR))
    if "observed_at" in sidecar:
        observed, observed_from = _instant(sidecar, "observed_at", path), "sidecar"
    if "period_start" in sidecar:
        period_start = _instant(sidecar, "period_start", path).date()
    return Context(
        path=path,
        platform=str(sidecar["platform"]).strip().casefold() if sidecar.get("platform") else platform,
        handle=str(sidecar["account"]) if sidecar.get("account") else handle,
        observed_at=observed,
        observed_from=observed_from,
        period_start=period_start,
        modified_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
    )


def is_skipped(name: str) -> bool:
    """Whether a name says that the file is no export: hidden, temporary, half downloaded, a sidecar."""
    return name.startswith(_SKIPPED_PREFIXES) or name.lower().endswith(_SKIPPED_SUFFIXES)


def valid_text(path: str) -> str:
    """A path as text that can be written anywhere: bytes of a name that are no UTF-8 become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def end_of_day(day: date) -> datetime:
    """23:59:59 UTC of a day: what a date alone means as a time of observation."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def clean_handle(text: str) -> str:
    """A handle as keys have it: trimmed, without one leading `@`, lower case."""
    return text.strip().removeprefix("@").lower()


def _from_folders(parts: tuple[str, ...]) -> tuple[str | None, str | None]:
    folders = parts[:-1]
    if LANDING in folders:
        folders = folders[len(folders) - folders[::-1].index(LANDING) :]
    if folders and folders[0].casefold() in PLACES:
        return None, folders[1] if len(folders) > 1 else None
    for position in range(len(folders) - 1, -1, -1):
        name = folders[position].casefold()
        if name in PLATFORMS or name in PLACES:
            handle = folders[position + 1] if position + 1 < len(folders) else None
            return (name if name in PLATFORMS else None), handle
    return None, None


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


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RefusedFileError("bad_sidecar", f"{path.name} cannot be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise RefusedFileError(
            "bad_sidecar", f"{path.name} must hold `key: value` lines, such as observed_at: 2026-05-09"
        )
    return content


def _instant(sidecar: dict[str, Any], key: str, path: str) -> datetime:
    value = sidecar[key]
    if isinstance(value, str):
        try:
            value = (
                datetime.fromisoformat(value.strip())
                if len(value.strip()) > 10
                else date.fromisoformat(value)
            )
        except ValueError:
            value = None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return end_of_day(value)
    raise RefusedFileError(
        "bad_sidecar",
        f"{path}{SIDECAR}: {key}={sidecar[key]!r} is no date; write it like 2026-05-09T18:00:00Z",
    )
