"""The list of what is expected: `expected_exports.yaml` in the home.

    exports:
      - {platform: instagram, account: some.handle, every_days: 7}
      - {format: shopify_orders, account: my-shop, every_days: 2, waived_until: 2026-12-31}
      - {folder: creators/, every_days: 31}
    report: {within_hours: 12}

An export names a `platform`, an `account` (a handle, a shop), a `format` or a `folder` below `landing/`, or several of
them, all of which must match. It is overdue when the newest observation in such a file is older than `every_days`
(7 when not said). With `waived_until` it is not missed up to the end of that day, UTC. The weekly report is missed
`within_hours` after its week's end (12 when not said), later by the time that an approval may take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from creator_tiers.settings import ConfigurationError, Settings

EVERY = timedelta(days=7)
WITHIN = timedelta(hours=12)
_MATCHED = ("platform", "account", "format", "folder")
_EXPORT_KEYS = {*_MATCHED, "every_days", "waived_until"}
_REPORT_KEYS = {"within_hours", "waived_until"}


@dataclass(frozen=True, slots=True)
class ExpectedExport:
    """An export that should come again and again; of the first four, None matches anything.

    Attributes:
        platform: as in `ops.export_files.platform`.
        account: a handle or shop, without `@`, in lower case.
        format: a format's name.
        folder: where it lies, relative to `landing/`.
        every: how old its newest observation may be.
        waived_until: up to the end of this day (UTC) it is not missed.
    """

    platform: str | None = None
    account: str | None = None
    format: str | None = None
    folder: str | None = None
    every: timedelta = EVERY
    waived_until: date | None = None

    @property
    def name(self) -> str:
        """What it is, for people."""
        kinds = [part for part in (self.platform, self.format) if part]
        return " ".join(
            [
                "/".join(kinds) or "export",
                *([f"of {self.account}"] if self.account else []),
                *([f"in {self.folder}"] if self.folder else []),
            ]
        )

    def is_waived(self, as_of: datetime) -> bool:
        """Whether nobody misses it at an instant."""
        return _is_waived(self.waived_until, as_of)


@dataclass(frozen=True, slots=True)
class ExpectedReport:
    """The weekly report, expected `within` so long after its week's end."""

    within: timedelta = WITHIN
    waived_until: date | None = None

    def is_waived(self, as_of: datetime) -> bool:
        """Whether nobody misses it at an instant."""
        return _is_waived(self.waived_until, as_of)


@dataclass(frozen=True, slots=True)
class Expected:
    """Everything that is expected; `report` is None when no report is."""

    exports: tuple[ExpectedExport, ...] = ()
    report: ExpectedReport | None = None


def read_expected(settings: Settings) -> Expected:
    """What the home's file lists; nothing when there is none.

    Raises:
        ConfigurationError: the file cannot be read, or says something that cannot be meant.
    """
    import yaml

    path = settings.expected_exports
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return Expected()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or not content.keys() <= {"exports", "report"}:
        raise ConfigurationError(f"{path} may hold `exports`, a list, and `report`")
    listed = content.get("exports") or []
    if not isinstance(listed, list):
        raise ConfigurationError(f"{path}: `exports` must be a list")
    exports = tuple(_export(path, number, entry) for number, entry in enumerate(listed, 1))
    return Expected(exports, _report(path, content["report"]) if "report" in content else None)


def _export(path: Path, number: int, entry: Any) -> ExpectedExport:
    from creator_tiers.exports.registry import FORMATS

    where = f"{path}: export {number}"
    if not isinstance(entry, dict) or not entry.keys() <= _EXPORT_KEYS:
        raise ConfigurationError(f"{where} may have {', '.join(sorted(_EXPORT_KEYS))}")
    texts = {name: str(entry[name]).strip() for name in _MATCHED if entry.get(name) not in (None, "")}
    if not texts:
        raise ConfigurationError(f"{where} must name one of {', '.join(_MATCHED)}")
    known = {one.name for one in FORMATS}
    if "format" in texts and texts["format"] not in known:
        raise ConfigurationError(
            f"{where}: {texts['format']!r} is no format; use one of {', '.join(sorted(known))}"
        )
    folder = texts.get("folder")
    account = texts.get("account")
    return ExpectedExport(
        platform=texts["platform"].lower() if "platform" in texts else None,
        account=account.removeprefix("@").lower() if account else None,
        format=texts.get("format"),
        folder=f"{folder.strip('/')}/" if folder else None,
        every=timedelta(days=_positive(where, entry, "every_days", EVERY / timedelta(days=1))),
        waived_until=_day(where, entry),
    )


def _report(path: Path, entry: Any) -> ExpectedReport | None:
    if entry is False:
        return None
    wanted = {} if entry is True or entry is None else entry
    where = f"{path}: report"
    if not isinstance(wanted, dict) or not wanted.keys() <= _REPORT_KEYS:
        raise ConfigurationError(f"{where} may be true, or have {', '.join(sorted(_REPORT_KEYS))}")
    hours = _positive(where, wanted, "within_hours", WITHIN / timedelta(hours=1))
    return ExpectedReport(timedelta(hours=hours), _day(where, wanted))


def _positive(where: str, entry: Mapping[str, Any], name: str, default: float) -> float:
    value = entry.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 3660:
        raise ConfigurationError(f"{where}: {name} is {value!r}; it must be a number above 0")
    return float(value)


def _day(where: str, entry: Mapping[str, Any]) -> date | None:
    value = entry.get("waived_until")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ConfigurationError(f"{where}: waived_until is {value!r}; write a day like 2026-12-31")


def _is_waived(until: date | None, as_of: datetime) -> bool:
    """A week's as-of is the midnight after its last day: a waiver that holds on that day holds."""
    return until is not None and (as_of - timedelta(microseconds=1)).date() <= until
