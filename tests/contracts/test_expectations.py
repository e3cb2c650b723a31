"""Great Expectations: passed, failed and errored told apart, on frames as ingestion yields them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from creator_tiers.contracts import suite, validate
from creator_tiers.tables import Check, table, tables
from tests.contracts.made_up import NOW, arrow, check, make_table, outcome
from tests.contracts.test_rules import CASES

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("case", CASES)
def test_green_without_the_rows_that_break_it_and_red_with_them(case: str) -> None:
    one, columns, rows, broken = CASES[case]
    described, frame = make_table(columns, one), arrow(columns, rows)
    red = outcome(described, frame)
    assert (red.outcome, red.stops) == ("failed", True)
    assert red.observed.startswith(f"{len(broken)} of ")
    green = outcome(
        described, arrow(columns, [row for number, row in enumerate(rows) if number not in broken])
    )
    assert (green.outcome, green.stops) == ("passed", False)
    assert green.observed.startswith("0 of ")


@pytest.mark.parametrize("case", CASES)
def test_no_rows_pass(case: str) -> None:
    one, columns, *_ = CASES[case]
    assert outcome(make_table(columns, one), arrow(columns, [])).outcome == "passed"


@pytest.mark.parametrize("case", CASES)
def test_a_missing_column_is_errored_not_failed(case: str) -> None:
    one, columns, rows, _ = CASES[case]
    result = outcome(make_table(columns, one), arrow(columns, rows).drop_columns([next(iter(columns))]))
    assert (result.outcome, result.stops) == ("errored", True)
    assert next(iter(columns)) in result.observed


def test_values_of_another_type_are_errored_not_failed() -> None:
    described = make_table({"a": "bigint"}, check("between", "a", min=0))
    assert outcome(described, pa.table({"a": ["1", "2"]})).outcome == "errored"


def test_one_errored_check_leaves_the_others_their_answer() -> None:
    columns = {"a": "bigint", "b": "bigint"}
    described = make_table(
        columns, check("not_null", "b"), check("not_null", "a"), check("between", "a", min=0)
    )
    results = validate(arrow(columns, [(-1, 1)]).drop_columns(["b"]), described, "run", NOW)
    assert [result.outcome for result in results] == ["errored", "passed", "failed"]


def test_all_null_columns_of_no_type_pass() -> None:
    described = make_table(
        {"a": "bigint", "b": "text"}, check("between", "a", min=0), check("matches", "b", pattern="x")
    )
    results = validate(pa.table({"a": pa.nulls(2), "b": pa.nulls(2)}), described, "run", NOW)
    assert [result.outcome for result in results] == ["passed", "passed"]


def test_dictionary_and_large_strings_are_texts() -> None:
    columns = {"a": "text", "b": "text"}
    described = make_table(columns, check("in", "a", values=["x"]), check("matches", "b", pattern="x"))
    frame = pa.table({"a": pa.array(["x"]).dictionary_encode(), "b": pa.array(["x"], pa.large_string())})
    assert [result.outcome for result in validate(frame, described, "run", NOW)] == ["passed", "passed"]


def test_takes_pandas_too() -> None:
    one, columns, rows, _ = CASES["between"]
    [result] = validate(arrow(columns, rows).to_pandas(), make_table(columns, one), "run", NOW)
    assert result.observed.startswith("2 of ")


def test_a_result_is_a_row_of_its_table() -> None:
    columns = {"a": "bigint"}
    described = make_table(
        columns, check("between", "a", min=0), check("unique", "a", "warn"), required=("a",)
    )
    results = validate(arrow(columns, [(-5,), (-5,)]), described, "run", NOW)
    assert [dataclasses.astuple(result) for result in results] == [
        (
            "run",
            "lake.made_up",
            "a at least 0",
            "fail",
            "failed",
            "2 of 2 values break it, such as -5; -5",
            NOW,
        ),
        (
            "run",
            "lake.made_up",
            "a is unique",
            "warn",
            "failed",
            "2 of 2 values break it, such as -5; -5",
            NOW,
        ),
        ("run", "lake.made_up", "a is known", "fail", "passed", "0 of 2 values break it", NOW),
    ]
    assert not results[1].stops
    names = [field.name for field in dataclasses.fields(results[0])]
    assert names == [column.name for column in table("lake.validation_results").columns]


def test_the_suite_has_every_check_with_its_severity() -> None:
    columns = {"a": "bigint", "b": "timestamp"}
    checks = [check("between", "a"), check("unique", "a", "fail"), check("not_null", "b", "warn")]
    checks[0] = Check("between", "a", "reject", "broken", {"min": 0})
    made = suite(make_table(columns, *checks, required=("a",)))
    assert [(one.expectation_type, one.severity.value) for one in made.expectations] == [
        ("expect_column_values_to_be_between", "critical"),
        ("expect_column_values_to_be_unique", "critical"),
        ("expect_column_values_to_not_be_null", "warning"),
        ("expect_column_values_to_not_be_null", "critical"),
    ]


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_description_makes_a_suite_that_runs(name: str) -> None:
    described = tables()[name]
    columns = {column.name: column.type for column in described.columns}
    results = validate(arrow(columns, []), described, "run", NOW)
    assert {result.outcome for result in results} <= {"passed"}
    assert len(results) == len(suite(described).expectations)


def test_times_far_from_now_are_compared() -> None:
    described = make_table({"a": "timestamp"}, check("between", "a", max="9999-01-01T00:00:00"))
    rows: list[tuple[Any, ...]] = [(datetime(1, 1, 1),), (datetime(9999, 12, 31),)]
    assert outcome(described, arrow({"a": "timestamp"}, rows)).observed.startswith("1 of 2 ")


def test_speaks_to_nobody_and_prints_nothing() -> None:
    program = """
import pytest_socket; pytest_socket.disable_socket()
from tests.contracts.made_up import arrow, check, make_table, outcome
columns = {"a": "bigint"}
print(outcome(make_table(columns, check("not_null", "a")), arrow(columns, [(1,)])).outcome)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "passed\n"), done.stderr
    assert "Calculating" not in done.stderr
