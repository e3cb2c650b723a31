"""Instants as the platforms write them. Instants are whole seconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
DAY = 86_400
_PACIFIC = ZoneInfo("America/Los_Angeles")


def seconds(instant: datetime) -> int:
    """An instant as whole seconds."""
    return int(instant.timestamp())


def end_of(day: date) -> int:
    """23:59:59 UTC of a day: the time of observation that a date alone stands for."""
    return seconds(datetime(day.year, day.month, day.day, tzinfo=UTC)) + DAY - 1


def day_of(instant: int) -> date:
    """The UTC day of an instant."""
    return datetime.fromtimestamp(instant, UTC).date()


def iso(instant: int) -> str:
    """`2026-11-08T18:04:00Z`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pacific(instants: Ints) -> Ints:
    """US Pacific wall time, as seconds that read like UTC. The offset is looked up once an hour, not once a row."""
    hours, where = np.unique(instants // 3600, return_inverse=True)
    offsets = [_offset(int(hour) * 3600) for hour in hours]
    return instants + np.asarray(offsets, dtype=np.int64)[where]


def _offset(instant: int) -> int:
    offset = datetime.fromtimestamp(instant, UTC).astimezone(_PACIFIC).utcoffset() or timedelta()
    return int(offset.total_seconds())


def iso_texts(instants: Any) -> pa.Array:
    """`2026-11-08T18:04:00`, by numpy: Arrow's strftime looks for a zone database that a slim image lacks."""
    stamps = np.asarray(instants, dtype=np.int64).astype("datetime64[s]")
    return pa.array(np.datetime_as_string(stamps).astype(object), type=pa.string())


def iso_days(instants: Any) -> pa.Array:
    """`2026-11-08`."""
    return pc.utf8_slice_codeunits(iso_texts(instants), 0, 10)


def american_minutes(instants: Any) -> pa.Array:
    """`11/08/2026 18:04`."""
    texts = iso_texts(instants)
    year, month, day, minute = (
        pc.utf8_slice_codeunits(texts, first, last) for first, last in ((0, 4), (5, 7), (8, 10), (11, 16))
    )
    return pc.binary_join_element_wise(pc.binary_join_element_wise(month, day, year, "/"), minute, " ")


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def english_dates(instants: Any, *, year: bool) -> pa.Array:
    """`Mar 5, 2026` with the year (YouTube), `March 5` without (TikTok)."""
    stamps = pa.array(np.asarray(instants, dtype=np.int64)).cast(pa.timestamp("s"))
    names = pa.array([name[:3] for name in MONTHS] if year else MONTHS)
    month = names.take(pc.subtract(pc.month(stamps), 1))
    day = pc.cast(pc.day(stamps), pa.string())
    if not year:
        return pc.binary_join_element_wise(month, day, " ")
    tail = pc.binary_join_element_wise(day, pc.cast(pc.year(stamps), pa.string()), ", ")
    return pc.binary_join_element_wise(month, tail, " ")
