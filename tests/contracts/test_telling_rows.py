"""Many rows are judged by the few that tell: the answers are those of all rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from creator_tiers.contracts import expectations
from creator_tiers.contracts.digest import Digest
from creator_tiers.contracts.expectations import ValidationResult, validate
from creator_tiers.contracts.files import validate_files
from creator_tiers.contracts.frames import plain
from creator_tiers.tables import table

pytestmark = pytest.mark.contract

POSTS = table("lake.post_observations")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = 60


def frame(**changes: list[object]) -> pa.Table:
    columns: dict[str, list[object]] = {
        "post_key": [f"instagram:{number}" for number in range(ROWS)],
        "platform": ["instagram"] * ROWS,
        "account_key": [f"instagram:somebody{number % 3}" for number in range(ROWS)],
        "kind": ["image"] * ROWS,
        "published_at": [None, *[datetime(2026, 1, 1) + timedelta(days=n) for n in range(ROWS - 1)]],
        "duration_seconds": [None, *[float(n) for n in range(ROWS - 1)]],
        "views": [None, *range(ROWS - 1)],
        "is_lifetime": [True] * ROWS,
        "has_disclosure": [False] * ROWS,
        "loaded_at": [datetime(2026, 11, 1)] * ROWS,
        "observed_at": [datetime(2026, 10, 31)] * ROWS,
        "file_id": ["a" * 64] * (ROWS // 2) + ["b" * 64] * (ROWS // 2),
        "row_number": list(range(2, ROWS + 2)),
    }
    rows = pa.table({**columns, **changes})
    for name in ("impressions", "reach", "likes", "comments", "shares", "saves", "follows"):
        rows = rows.append_column(name, pa.nulls(ROWS, pa.int64()))
    for name in ("account_key", "file_id", "kind"):
        at = rows.column_names.index(name)
        rows = rows.set_column(at, name, rows[name].dictionary_encode())
    return rows


def with_one(values: list[object], wrong: object) -> list[object]:
    return [*values[:7], wrong, *values[8:]]


CASES = {
    "all is well": frame(),
    "a count too large": frame(views=with_one(list(range(ROWS)), 10**13)),
    "a negative count": frame(views=with_one(list(range(ROWS)), -1)),
    "no kind of ours": frame(kind=with_one(["image"] * ROWS, "poem")),
    "no account": frame(account_key=with_one(["instagram:a"] * ROWS, None)),
    "not a handle": frame(account_key=with_one(["instagram:a"] * ROWS, "instagram:@a")),
    "endless": frame(duration_seconds=with_one([1.0] * ROWS, float("nan"))),
    "too early": frame(published_at=with_one([datetime(2026, 1, 1)] * ROWS, datetime(1999, 1, 1))),
    "a record twice": frame(row_number=with_one(list(range(2, ROWS + 2)), 2)),
    "the same number in the other file": frame(row_number=with_one(list(range(2, ROWS + 2)), ROWS + 1)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_answers_are_those_of_all_rows(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(few: int) -> list[ValidationResult]:
        monkeypatch.setattr(expectations, "FEW_ROWS", few)
        return validate(CASES[case], POSTS, "run", NOW, within=("file_id",))

    told = answers(0)

    assert told == answers(10**9)
    assert any(result.stops for result in told) is (
        case not in ("all is well", "the same number in the other file")
    )


def test_the_guilty_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations, "FEW_ROWS", 0)

    verdict = validate_files(CASES["not a handle"], POSTS, "run", NOW)

    assert list(verdict.guilty) == ["a" * 64]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("size", [3, 7, 10**6])
def test_a_digest_of_chunks_says_what_all_rows_say_or_leaves_it_to_them(case: str, size: int) -> None:
    digest = Digest(POSTS, within=("file_id",))
    rows = plain(CASES[case]).sort_by([("file_id", "ascending"), ("row_number", "descending")])
    for start in range(0, rows.num_rows, size):
        digest.add(rows.slice(start, size))

    told, every = digest.results("run", NOW), validate(rows, POSTS, "run", NOW, within=("file_id",))

    if any(result.stops for result in every):
        assert told is None or case == "a record twice"  # uniqueness holds inside a chunk
    elif told is not None:
        assert told == every


def test_a_digest_says_at_once_when_the_rows_must_be_asked() -> None:
    alone = plain(frame(row_number=list(range(ROWS))))
    file = alone.column_names.index("file_id")
    two = pa.concat_tables(
        alone.set_column(file, "file_id", pa.array([name * 64] * ROWS)) for name in ("a", "b")
    )

    assert Digest(POSTS, within=("file_id",)).add(two.slice(0, ROWS))
    assert not Digest(POSTS, within=("file_id",)).add(two)


def test_a_digest_of_a_large_file_needs_no_rows() -> None:
    digest = Digest(POSTS, within=("file_id",))
    for first in (2, 500):
        rows = plain(frame(row_number=list(range(first, first + ROWS))))
        digest.add(
            rows.set_column(rows.column_names.index("file_id"), "file_id", pa.array(["a" * 64] * ROWS))
        )

    results = digest.results("run", NOW)

    assert results is not None
    assert f"0 of {2 * ROWS:,} values break it" in {result.observed for result in results}
