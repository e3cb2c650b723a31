"""A large file is read as if it were written plainly, and what is not afterwards: the same rows as from a small one."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creator_tiers.exports import parting
from creator_tiers.exports.containers import members
from creator_tiers.exports.context import read_context
from creator_tiers.exports.export import Outcome, read_export
from creator_tiers.exports.reading import Limits

HEADER = (
    "Post ID",
    "Account username",
    "Publish time",
    "Permalink",
    "Post type",
    "Data comment",
    "Likes",
    "Reach",
)
LOADED_AT = datetime(2026, 5, 10, tzinfo=UTC)
LIMITS = Limits(share=1.0)

IDS = st.sampled_from([*(f"1784000000000000{n}" for n in range(10)), "", "1.78E+16"])
DATES = st.sampled_from(
    ["02/28/2026 13:05", "03/08/2026 02:30", "2026-03-01 10:00", "13.04.2026 08:00", "soon"]
)
COUNTS = st.sampled_from(["0", "12", "12", "7", "", "1,234", "1.2K", "many", "-1", "1234567890123456789"])
RECORDS = st.tuples(
    IDS,
    st.sampled_from(["ann", "@Ben", ""]),
    st.one_of(st.just("02/27/2026 12:00"), DATES),
    st.sampled_from(["", "https://www.instagram.com/p/Cabc/"]),
    st.sampled_from(["IG reel", "IG image"]),
    st.sampled_from(["", "Daily"]),
    st.one_of(st.just("5"), COUNTS),
    st.one_of(st.just("9"), COUNTS),
)

Read = Callable[[list[tuple[str, ...]], bool], tuple[Outcome, dict[str, list[Any]]]]


@pytest.fixture
def read(cells: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads records as a file that is small or large; the outcome, and every row that came of it."""
    monkeypatch.setattr(parting, "ROW_GROUP", 3)

    def reading(records: list[tuple[str, ...]], is_large: bool) -> tuple[Outcome, dict[str, list[Any]]]:
        file = tmp_path / "instagram" / "ann" / "Feb-01-2026_Mar-31-2026_1.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", newline="", encoding="utf-8") as opened:
            csv.writer(opened).writerows([HEADER, *records])
        monkeypatch.setattr("creator_tiers.exports.reading.SMALL_BYTES", 0 if is_large else 1 << 20)
        [member] = members(file, tmp_path)
        context = read_context(file, "instagram/ann/Feb-01-2026_Mar-31-2026_1.csv")
        outcome = read_export(cells, member, context, LOADED_AT, LIMITS, tmp_path, must_have_account=True)
        names = [f"out_{dataset}" for dataset in outcome.datasets]
        names += ["refused"] if outcome.rows_rejected and outcome.refusal is None else []
        rows = {name: cells.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in names}
        return dataclasses.replace(outcome, refusal=None), rows

    return reading


def post(number: int, likes: str = "5", day: str = "02/27/2026 12:00") -> tuple[str, ...]:
    return (f"17840000000000{number:03}", "ann", day, "", "IG reel", "", likes, "9")


PLAIN = [post(number) for number in range(40)]
"""Records that differ from each other only in what tells them apart."""


@pytest.mark.property
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORDS, min_size=1, max_size=15))
def test_any_records_are_read_alike(read: Read, records: list[tuple[str, ...]]) -> None:
    assert read(records, True) == read(records, False)


@pytest.mark.property
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(12, 40), RECORDS), max_size=4))
def test_odd_records_among_plain_ones_are_read_alike(
    read: Read, odd: list[tuple[int, tuple[str, ...]]]
) -> None:
    records = list(PLAIN)
    for place, record in odd:
        records.insert(place, record)
    assert read(records, True) == read(records, False)


@pytest.mark.unit
@pytest.mark.parametrize(
    "records",
    [
        pytest.param(PLAIN, id="all plain"),
        pytest.param([*PLAIN, post(1), post(39, likes="6"), post(39, likes="6")], id="keys repeated"),
        pytest.param([*PLAIN, post(50, likes="1,234")], id="one cell read late"),
        pytest.param([*PLAIN, post(3, likes="1,234")], id="a late one repeats a key"),
        pytest.param(
            [*PLAIN, post(50, likes="1234"), post(50, likes="1,234")], id="a late one repeats a post"
        ),
        pytest.param([*PLAIN, post(50, likes="1,234"), post(50, likes="1234")], id="a late one is its first"),
        pytest.param([post(n, likes="1,234") for n in range(9)] + PLAIN, id="too many are late at first"),
        pytest.param([*PLAIN, post(50, day="2026-03-01 10:00")], id="one day written otherwise"),
        pytest.param(
            [*PLAIN, post(50, day="01/02/2026 10:00 "), post(51, day="1/2/26")], id="days undecided"
        ),
        pytest.param(
            [*PLAIN, post(50, day="01/02/2026 10:00"), post(51, day="13/02/2026 10:00")], id="both orders"
        ),
        pytest.param(
            [*[post(n, day="01/02/2026 10:00") for n in range(40)], post(50, day="13/02/2026 10:00")],
            id="the day first",
        ),
        pytest.param([post(n, likes="many") for n in range(40)], id="a column that is not what it says"),
        pytest.param(
            [*[post(n, likes="") for n in range(40)], post(50, likes="many"), post(51, likes="few")],
            id="a column that is not what it says and almost empty",
        ),
        pytest.param(
            [*[post(n, likes="" if n > 1 else "3") for n in range(40)], post(50, likes="many")],
            id="a column that is almost empty and almost what it says",
        ),
        pytest.param(
            [*PLAIN, *PLAIN, *[post(50 + n, likes=f"{n + 1},234" if n % 2 else "many") for n in range(7)]],
            id="more late ones than are read at once",
        ),
        pytest.param(
            [
                *PLAIN,
                ("", *post(60)[1:]),
                post(50, likes="1,234"),
                post(51, likes="many"),
                post(3, likes="6"),
            ],
            id="late, refused and contradicted ones",
        ),
    ],
)
def test_what_haste_meets(read: Read, records: list[tuple[str, ...]]) -> None:
    assert read(records, True) == read(records, False)


@pytest.mark.unit
def test_rows_are_accepted_as_they_come(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[int] = []
    finish = parting.Parted.finish

    def told(parted: parting.Parted, select: str) -> None:
        settled.append(parted.settled)
        finish(parted, select)

    monkeypatch.setattr(parting.Parted, "finish", told)
    read([*PLAIN, post(1), post(50, likes="1,234"), post(51, likes="many")], True)

    assert settled == [39]  # all but those whose key is there twice


@pytest.mark.unit
def test_a_workbench_that_shuffles_records_is_found_out(
    cells: duckdb.DuckDBPyConnection,
) -> None:
    select = """
        SELECT 9 - range AS row_number, 'k' || range AS post_key, false AS is_ignored, CAST(NULL AS INTEGER) AS fault,
            false AS is_unread, hash(range) AS key_hash
        FROM range(3)
    """
    cells.execute("CREATE OR REPLACE TEMP VIEW raw AS SELECT * FROM range(3)")
    shuffled = parting.Parting(
        ("row_number", "post_key"), "SELECT hash(range) FROM raw", select, "SELECT 1 AS platform"
    )
    try:
        with (
            pytest.raises(RuntimeError, match="order"),
            parting.Parted(cells, "out_posts", shuffled) as parted,
        ):
            parted.part(1.0)
    finally:
        cells.execute("DROP VIEW temp.raw")
