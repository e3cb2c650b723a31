"""Row rules: which rows each kind of check sends to quarantine, and what is told of them."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from creator_tiers.contracts import row_rules
from creator_tiers.tables import Check, tables
from tests.contracts.made_up import arrow, broken_rows, check, make_table

pytestmark = pytest.mark.unit

# The kind's check, the columns, the rows, and the positions of those that break it.
CASES: dict[str, tuple[Check, dict[str, str], list[tuple[Any, ...]], list[int]]] = {
    "not_null": (check("not_null", "a"), {"a": "text"}, [("x",), (None,), ("",)], [1]),
    "between": (
        check("between", "a", min=0, max=9),
        {"a": "bigint"},
        [(0,), (9,), (-1,), (10,), (None,)],
        [2, 3],
    ),
    "at least": (check("between", "a", min=1), {"a": "double"}, [(1.0,), (0.9,), (None,)], [1]),
    "at most": (
        check("between", "a", max="2.50"),
        {"a": "decimal"},
        [(Decimal("2.50"),), (Decimal("2.51"),)],
        [1],
    ),
    "since": (
        check("between", "a", min="2005-01-01T00:00:00"),
        {"a": "timestamp"},
        [(datetime(2005, 1, 1),), (datetime(2004, 12, 31, 23, 59, 59, 999999),), (None,)],
        [1],
    ),
    "until": (
        check("between", "a", max="2020-02-29"),
        {"a": "date"},
        [(date(2020, 2, 29),), (date(2020, 3, 1),)],
        [1],
    ),
    "in": (check("in", "a", values=["x", "it's"]), {"a": "text"}, [("x",), ("it's",), ("X",), (None,)], [2]),
    "matches": (
        check("matches", "a", pattern="[a-z]+:[^@ \\t\\r\\n].*"),
        {"a": "text"},
        [("tiktok:ann",), ("tiktok:@ann",), ("tiktok:",), ("see tiktok:ann",), ("tiktok:ann\n",), (None,)],
        [1, 2, 3, 4],
    ),
    "unique": (check("unique", "a"), {"a": "text"}, [("x",), ("y",), ("x",), (None,), (None,)], [0, 2]),
    "compound_unique": (
        check("compound_unique", columns=["a", "b"]),
        {"a": "bigint", "b": "text"},
        [(1, "x"), (1, "y"), (1, "x"), (1, None), (1, None)],
        [0, 2],
    ),
    "at_least_column": (
        check("at_least_column", "a", other="b"),
        {"a": "bigint", "b": "bigint"},
        [(1, 1), (2, 1), (0, 1), (None, 1), (0, None)],
        [2],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refuses_the_rows_that_break_it_and_no_others(case: str) -> None:
    one, columns, rows, expected = CASES[case]
    assert broken_rows(make_table(columns, one), arrow(columns, rows)) == expected


def test_unique_holds_inside_a_file_where_asked() -> None:
    columns = {"file": "text", "a": "text"}
    table, rows = (
        make_table(columns, check("unique", "a")),
        arrow(columns, [("1", "x"), ("2", "x"), ("2", "x")]),
    )
    assert broken_rows(table, rows) == [0, 1, 2]
    assert broken_rows(table, rows, within=("file",)) == [1, 2]


def test_only_reject_checks_are_rules_and_each_knows_its_name_and_columns() -> None:
    table = make_table(
        {"id": "text", "views": "bigint"},
        Check("between", "views", "reject", "out_of_range", {"min": 0}),
        Check("not_null", "views", "fail", None, {}),
        Check("compound_unique", None, "reject", "conflicting_duplicate", {"columns": ["id", "views"]}),
    )
    told = [(rule.rule, rule.column) for rule in row_rules(table)]
    assert told == [("out_of_range", "views"), ("conflicting_duplicate", "id, views")]


def test_values_are_escaped() -> None:
    one = check("in", "a", values=["x') or (1=1", "';drop table t;--"])
    columns = {"a": "text"}
    assert broken_rows(make_table(columns, one), arrow(columns, [("x') or (1=1",), ("y",)])) == [1]


def test_odd_column_names_are_quoted() -> None:
    columns = {'the "worst" name': "bigint"}
    one = check("between", 'the "worst" name', min=0)
    assert broken_rows(make_table(columns, one), arrow(columns, [(-1,), (1,)])) == [0]


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_description_makes_rules_that_duckdb_accepts(name: str) -> None:
    table = tables()[name]
    columns = {column.name: column.type for column in table.columns}
    assert broken_rows(table, arrow(columns, [])) == []
    assert len(row_rules(table)) == sum(check.severity == "reject" for check in table.checks)


def test_rules_need_no_great_expectations() -> None:
    program = "import sys, creator_tiers.contracts; sys.exit(bool({'great_expectations', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
