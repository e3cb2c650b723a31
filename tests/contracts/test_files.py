"""One bad file never harms its neighbours."""

from __future__ import annotations

import pyarrow as pa
import pytest

from creator_tiers.contracts import validate_files
from creator_tiers.tables import Table
from tests.contracts.made_up import NOW, arrow, check, make_table

pytestmark = pytest.mark.contract

COLUMNS = {"file_id": "text", "views": "bigint", "key": "text"}
TABLE = make_table(
    COLUMNS,
    check("between", "views", "fail", min=0),
    check("unique", "key", "fail"),
    check("between", "views", "warn", max=100),
    required=("key",),
)


def files(count: int, **changes: tuple[int | None, str | None]) -> pa.Table:
    """Two fit rows in each of the files f0, f1, ..., in mixed order; a change replaces a file's second row."""
    names = [f"f{number}" for number in range(count)]
    rows = [(name, 1, "a") for name in names]
    rows += [(name, *changes.get(name, (2, "b"))) for name in reversed(names)]  # type: ignore[arg-type]
    return arrow(COLUMNS, rows)


def guilty(frame: pa.Table, table: Table = TABLE) -> dict[str, str]:
    return validate_files(frame, table, "run", NOW).guilty


def test_good_files_are_kept_and_share_keys() -> None:
    verdict = validate_files(files(3), TABLE, "run", NOW)
    assert verdict.guilty == {}
    assert [result.outcome for result in verdict.results] == ["passed"] * 4


@pytest.mark.parametrize("count", [1, 2, 3, 8, 13])
@pytest.mark.parametrize("bad", ["f0", "last"])
def test_the_guilty_file_is_found_alone(count: int, bad: str) -> None:
    name = f"f{count - 1}" if bad == "last" else bad
    assert guilty(files(count, **{name: (-3, "b")})) == {
        name: "views at least 0: 1 of 2 values break it, such as -3"
    }


def test_several_guilty_files_each_with_its_own_reason() -> None:
    found = guilty(files(6, f1=(-3, "b"), f4=(-4, None), f5=(2, "a")))
    assert sorted(found) == ["f1", "f4", "f5"]
    assert found["f4"] == (
        "views at least 0: 1 of 2 values break it, such as -4; key is known: 1 of 2 values break it"
    )
    assert found["f5"].startswith("key is unique: 2 of 2 values break it, such as file_id f5, key a")


def test_a_warning_shows_and_refuses_nothing() -> None:
    verdict = validate_files(files(3, f1=(500, "b")), TABLE, "run", NOW)
    assert verdict.guilty == {}
    assert [(result.severity, result.outcome) for result in verdict.results][2] == ("warn", "failed")


def test_a_check_that_cannot_be_computed_refuses_every_file() -> None:
    verdict = validate_files(files(3).drop_columns(["views"]), TABLE, "run", NOW)
    assert sorted(verdict.guilty) == ["f0", "f1", "f2"]
    assert {reason.split(":")[1] for reason in verdict.guilty.values()} == {" could not be checked"}
    assert [result.outcome for result in verdict.results] == ["errored", "passed", "errored", "passed"]


def test_no_rows_are_no_fault() -> None:
    assert guilty(files(0)) == {}


def test_rows_that_do_not_tell_their_file_are_an_error() -> None:
    with pytest.raises(KeyError, match=r"lake\.made_up.*file_id"):
        validate_files(files(1).drop_columns(["file_id"]), TABLE, "run", NOW)
