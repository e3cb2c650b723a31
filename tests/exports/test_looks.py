"""What the bytes of cells show is what a look at each cell shows; a zone's months tell what its database tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tiers.exports.looks import Looks
from creator_tiers.exports.zones import column_in_utc

CELLS = st.sampled_from(
    [
        "",
        "0",
        "7",
        "007",
        "-1",
        "1,5",
        " 12",
        "12 ",
        "123456789012345678",
        "1234567890123456789",
        "é",
        "a b",
        "🍋",
        None,
    ]
)


@pytest.mark.property
@given(st.lists(st.lists(CELLS, max_size=6), max_size=4), st.integers(0, 3))
def test_a_look_is_what_holds_for_every_cell(batches: list[list[str | None]], cut: int) -> None:
    looks = Looks()
    for cells in batches:
        looks.see([pa.array(cells, pa.string()).slice(cut)])

    seen = [cell for cells in batches for cell in cells[cut:] if cell]
    look = looks.of(0)
    if batches:
        assert look.is_tidy == all("!" <= cell[0] <= "~" and "!" <= cell[-1] <= "~" for cell in seen)
        assert look.is_count == all(re.fullmatch(r"0|[1-9][0-9]{0,17}", cell) for cell in seen)
    assert not looks.of(None).is_tidy
    assert not looks.of(1).is_count


@pytest.mark.property
@given(
    st.datetimes(datetime(2004, 1, 1), datetime(2040, 1, 1)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    st.sampled_from(["America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "UTC"]),
)
def test_a_column_of_times_is_in_utc(wall: datetime, zone: str) -> None:
    with duckdb.connect() as connection:
        [found] = connection.execute(
            f"SELECT {column_in_utc('t.w', zone)} FROM (SELECT CAST(? AS TIMESTAMP) AS w) AS t", [wall]
        ).fetchone() or [None]
    aware = wall.replace(tzinfo=ZoneInfo(zone))
    if aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:  # an hour that exists
        assert found in {aware.replace(fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)}
