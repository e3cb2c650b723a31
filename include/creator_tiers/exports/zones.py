"""Wall-clock times of a zone as UTC, in SQL."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from creator_tiers.exports.sql import literal

FIRST_YEAR, LAST_YEAR = 2010, 2037
"""In these years months whose offset never changes are told apart from the others."""


def in_utc(wall: str, zone: str) -> str:
    """SQL: a time of a zone (IANA) as UTC."""
    return wall if zone == "UTC" else f"make_timestamp(epoch_us(timezone({literal(zone)}, {wall})))"


def column_in_utc(wall: str, zone: str) -> str:
    """SQL: the same for a column, which may be named many times.

    Asking the time zone database about each row is the slowest step of reading a date, so it is asked only about
    months in which the zone's offset has ever changed.
    """
    steady = " ".join(
        # a bit a month: a list of so many would be looked up in a join
        f"WHEN {sum(1 << month for month in months)} >> month({wall}) & 1 = 1"
        f" THEN {wall} - to_seconds({int(offset.total_seconds())})"
        for offset, months in (_steady_months(zone).items() if zone != "UTC" else ())
    )
    asked = in_utc(wall, zone)
    if not steady:
        return asked
    return f"CASE WHEN year({wall}) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR} THEN {asked} {steady} ELSE {asked} END"


@cache
def _steady_months(zone: str) -> dict[timedelta, list[int]]:
    """The months with one offset in all of the years, by that offset."""
    place = ZoneInfo(zone)
    seen: dict[int, set[timedelta | None]] = defaultdict(set)
    day = datetime(FIRST_YEAR, 1, 1, tzinfo=place)
    while day.year <= LAST_YEAR:
        seen[day.month] |= {day.utcoffset(), day.replace(hour=23, minute=59).utcoffset()}
        day += timedelta(days=1)
    months: dict[timedelta, list[int]] = defaultdict(list)
    for month, offsets in seen.items():
        [offset, *others] = offsets
        if offset is not None and not others:
            months[offset].append(month)
    return dict(months)
