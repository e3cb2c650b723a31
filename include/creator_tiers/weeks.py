"""ISO weeks in one configured zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_LABEL = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week, Monday 00:00 in a zone to the next Monday 00:00.

    Attributes:
        monday: the week's first day.
        zone: the IANA name of the zone in which its days begin.
    """

    monday: date
    zone: str = "UTC"

    @property
    def label(self) -> str:
        """The ISO name, such as `2026-W46`."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def starts_at(self) -> datetime:
        """The first instant, UTC."""
        return _midnight(self.monday, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The instant after the last, UTC: the as-of of the week's report."""
        return _midnight(self.monday + timedelta(days=7), self.zone)

    def shift(self, weeks: int) -> Week:
        """The week so many weeks later (or earlier, when negative)."""
        return Week(self.monday + timedelta(weeks=weeks), self.zone)

    @classmethod
    def parse(cls, label: str, zone: str = "UTC") -> Week:
        """The week of an ISO name.

        Raises:
            ValueError: the text is not like `2026-W46`, or the year has no such week.
        """
        match = _LABEL.fullmatch(label.strip())
        if not match:
            raise ValueError(f"{label!r} is no ISO week; write it like 2026-W46")
        try:
            monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError as error:
            raise ValueError(f"{label!r} is no ISO week: {error}") from error
        return cls(monday, zone)

    @classmethod
    def of(cls, instant: datetime, zone: str = "UTC") -> Week:
        """The week that holds an instant."""
        day = instant.astimezone(ZoneInfo(zone)).date()
        return cls(day - timedelta(days=day.weekday()), zone)

    @classmethod
    def last_full(cls, now: datetime, zone: str = "UTC") -> Week:
        """The newest week that had ended at an instant."""
        return cls.of(now, zone).shift(-1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
