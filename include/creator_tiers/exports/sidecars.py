"""The sidecar of an export, `<file name>.meta.yaml`: what only the one who exported it knows."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml

from creator_tiers.exports.faults import RefusedFileError

SIDECAR = ".meta.yaml"
KEYS = ("observed_at", "period_start", "period_end", "account", "platform")
_NO_SUCH_FILE = (errno.ENOENT, errno.ENAMETOOLONG)
"""A name that is as long as names may be leaves no room for its sidecar's."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar says; None where it says nothing.

    Attributes:
        observed_at: UTC.
        period_start: first day of the exported period.
        account: a handle, as written.
        platform: in lower case.
        unknown: its keys that mean nothing here.
    """

    observed_at: datetime | None = None
    period_start: date | None = None
    account: str | None = None
    platform: str | None = None
    unknown: tuple[str, ...] = ()


def read_sidecar(file: Path) -> Sidecar:
    """The sidecar of a file; one that says nothing where there is none.

    Raises:
        RefusedFileError: `bad_sidecar`: it cannot be read, or a value of it is not what its key says.
    """
    path = file.with_name(file.name + SIDECAR)
    content = _content(path)
    period_start = _instant(content, "period_start", path)
    platform = _name(content, "platform", path)
    return Sidecar(
        observed_at=_instant(content, "observed_at", path),
        period_start=period_start.date() if period_start else None,
        account=_name(content, "account", path),
        platform=platform.casefold() if platform else None,
        unknown=tuple(str(key) for key in content if key not in KEYS),
    )


def end_of_day(day: date) -> datetime:
    """23:59:59 UTC of a day: what a date alone means as a time of observation."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def _content(path: Path) -> dict[Any, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        if isinstance(error, OSError) and error.errno in _NO_SUCH_FILE:
            return {}
        raise RefusedFileError("bad_sidecar", f"{path.name} cannot be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise RefusedFileError(
            "bad_sidecar", f"{path.name} must hold `key: value` lines, such as observed_at: 2026-05-09"
        )
    return content


def _name(content: dict[Any, Any], key: str, path: Path) -> str | None:
    value = content.get(key)
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RefusedFileError(
        "bad_sidecar", f"{path.name}: {key}={value!r} is no name; write it in quotes: {key}: 'name'"
    )


def _instant(content: dict[Any, Any], key: str, path: Path) -> datetime | None:
    if key not in content:
        return None
    value = content[key]
    try:
        if isinstance(value, str):
            text = value.strip()
            value = datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if isinstance(value, date):
            return end_of_day(value)
    except (ValueError, OverflowError):
        pass
    raise RefusedFileError(
        "bad_sidecar",
        f"{path.name}: {key}={content[key]!r} is no date; write it like 2026-05-09T18:00:00Z",
    )
