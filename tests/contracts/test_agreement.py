"""The SQL rule and the expectation made from one check say the same of the same rows, whatever the rows."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.made_up import arrow, broken_rows, check, make_table, outcome

pytestmark = pytest.mark.property

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bigint": st.integers(-5, 5) | st.integers(-(2**62), 2**62),
    "double": st.integers(-5, 5).map(float) | st.floats(),
    "decimal": st.decimals("-99999999999", "99999999999", places=4),
    "timestamp": st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31)),
    "date": st.dates(date(1900, 1, 1), date(9999, 12, 31)),
    "text": st.text("ab:@ \t\n\r$^.é\u00a0\u2028\x0b1", max_size=6) | st.text(max_size=6),
    "boolean": st.booleans(),
}
FEW: dict[str, list[Any]] = {
    "bigint": [0, 1, 2**53, 2**53 + 1],
    "double": [0.0, 0.5, 1e300],
    "decimal": [
        Decimal("0.1"),
        Decimal("0.1001"),
        Decimal("99999999999.9999"),
        Decimal("99999999999.9998"),
    ],
    "timestamp": [datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 0, 1), datetime(9000, 1, 1)],
    "date": [date(2020, 1, 1), date(2020, 1, 2), date(9000, 1, 1)],
    "text": ["", "a", "A", "a "],
    "boolean": [True, False],
}
ORDERED = ("bigint", "double", "decimal", "timestamp", "date")
PATTERNS = ("[a-z]+:[^@ \\t\\r\\n].*", "a", "a|b", "", ".*", "(?:a|b)+", "a\\.b", "[^a]*")


def cells(kind: str) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(FEW[kind]) | VALUES[kind]


def agree(
    columns: dict[str, str], rows: list[tuple[Any, ...]], one: Any, within: tuple[str, ...] = ()
) -> None:
    table, frame = make_table(columns, one), arrow(columns, rows)
    broken = broken_rows(table, frame, within)
    result = outcome(table, frame, within)
    assert (result.outcome, result.observed.split(" of ")[0]) == (
        "failed" if broken else "passed",
        f"{len(broken):,}",
    )


@pytest.mark.parametrize("kind", sorted(VALUES))
@settings(max_examples=25)
@given(data=st.data())
def test_not_null(kind: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(cells(kind)), max_size=12))
    agree({"a": kind}, rows, check("not_null", "a"))


@pytest.mark.parametrize("kind", ORDERED)
@settings(max_examples=25)
@given(data=st.data())
def test_between(kind: str, data: st.DataObject) -> None:
    bound = st.sampled_from(FEW[kind]) | VALUES[kind].filter(
        lambda value: not isinstance(value, float) or math.isfinite(value)
    )
    least, greatest = sorted(data.draw(st.tuples(bound, bound)))
    given_bounds = data.draw(
        st.sampled_from(({"min": least}, {"max": greatest}, {"min": least, "max": greatest}))
    )
    rows = data.draw(st.lists(st.tuples(cells(kind) | st.sampled_from((least, greatest))), max_size=12))
    agree({"a": kind}, rows, check("between", "a", **given_bounds))


@pytest.mark.parametrize("kind", ["text", "bigint", "boolean"])
@settings(max_examples=25)
@given(data=st.data())
def test_in(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.sampled_from(FEW[kind]) | VALUES[kind], min_size=1, max_size=3))
    rows = data.draw(st.lists(st.tuples(cells(kind) | st.sampled_from(values)), max_size=12))
    agree({"a": kind}, rows, check("in", "a", values=values))


@settings(max_examples=25)
@given(rows=st.lists(st.tuples(cells("text")), max_size=5), pattern=st.sampled_from(PATTERNS))
def test_matches(rows: list[tuple[Any, ...]], pattern: str) -> None:
    agree({"a": "text"}, rows, check("matches", "a", pattern=pattern))


@pytest.mark.parametrize("within", [(), ("file",)])
@pytest.mark.parametrize("kind", sorted(VALUES))
@settings(max_examples=25)
@given(data=st.data())
def test_unique(kind: str, within: tuple[str, ...], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(st.sampled_from("xy"), cells(kind)), max_size=12))
    agree({"file": "text", "a": kind}, rows, check("unique", "a"), within)


@pytest.mark.parametrize("within", [(), ("file",), ("a",)])
@settings(max_examples=25)
@given(rows=st.lists(st.tuples(st.sampled_from("xy"), cells("bigint"), cells("date")), max_size=12))
def test_compound_unique(rows: list[tuple[Any, ...]], within: tuple[str, ...]) -> None:
    columns = {"file": "text", "a": "bigint", "b": "date"}
    agree(columns, rows, check("compound_unique", columns=["a", "b"]), within)


@pytest.mark.parametrize("kind", ORDERED)
@settings(max_examples=25)
@given(data=st.data())
def test_at_least_column(kind: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(cells(kind), cells(kind)), max_size=12))
    agree({"a": kind, "b": kind}, rows, check("at_least_column", "a", other="b"))
