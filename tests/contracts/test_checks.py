"""Checks in words and in values, and descriptions whose checks cannot be answered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from creator_tiers import tables as descriptions
from creator_tiers.contracts.checks import bounds_of, columns_of, describe, implied_checks
from creator_tiers.tables import CHECKS, Check, DescriptionError
from tests.contracts.made_up import check, make_table

pytestmark = pytest.mark.unit

WORDS = [
    (check("not_null", "a"), "a is known"),
    (check("between", "a", min=0, max=9), "a between 0 and 9"),
    (check("between", "a", min=0), "a at least 0"),
    (check("between", "a", max=9), "a at most 9"),
    (check("in", "a", values=["x", 1, True]), "a in x, 1, True"),
    (check("matches", "a", pattern="[a-z]+"), "a matches [a-z]+"),
    (check("unique", "a"), "a is unique"),
    (check("compound_unique", columns=["a", "b"]), "a, b are unique together"),
    (check("at_least_column", "a", other="b"), "a at least b"),
]


@pytest.mark.parametrize(("one", "words"), WORDS)
def test_words(one: Check, words: str) -> None:
    assert describe(one) == words


def test_every_kind_has_words() -> None:
    assert {one.kind for one, _ in WORDS} == set(CHECKS)


def test_columns() -> None:
    assert [columns_of(one) for one, _ in WORDS[-3:]] == [("a",), ("a", "b"), ("a", "b")]


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("bigint", 10**12, 10**12),
        ("double", "0.5", 0.5),
        ("decimal", 0.1, Decimal("0.1")),
        ("timestamp", "2005-01-01T00:00:00", datetime(2005, 1, 1, tzinfo=UTC)),
        ("timestamp", "2005-01-01T02:00:00+02:00", datetime(2005, 1, 1, tzinfo=UTC)),
        ("timestamp", datetime(2005, 1, 1), datetime(2005, 1, 1, tzinfo=UTC)),
        ("date", "2005-01-01", date(2005, 1, 1)),
        ("date", date(2005, 1, 1), date(2005, 1, 1)),
    ],
)
def test_bounds_have_the_type_of_their_column(kind: Any, written: Any, value: Any) -> None:
    assert bounds_of(check("between", "a", min=written), kind) == (value, None)


def test_not_nullable_is_a_check_unless_it_is_one_already() -> None:
    table = make_table(
        {"a": "text", "b": "text", "c": "text"}, check("not_null", "a", "warn"), required=("a", "b")
    )
    assert implied_checks(table) == (Check("not_null", "b", "fail", None, {}),)


@pytest.mark.parametrize(
    ("kind", "entry", "complaint"),
    [
        ("text", {"check": "odd", "severity": "warn"}, "unknown check"),
        ("text", {"check": "unique", "severity": "odd"}, "severity"),
        ("text", {"check": "unique", "severity": "reject"}, "rule"),
        ("text", {"check": "unique", "severity": "warn", "rule": "r"}, "rule"),
        ("text", {"check": "unique", "severity": "warn", "max": 3}, "no arguments"),
        ("bigint", {"check": "between", "severity": "warn"}, r"\['max', 'min'\]"),
        ("bigint", {"check": "between", "severity": "warn", "mim": 3}, "mim"),
        ("text", {"check": "between", "severity": "warn", "min": 3}, "no order"),
        ("double", {"check": "in", "severity": "warn", "values": [0.1]}, "text, bigint or boolean"),
        ("text", {"check": "in", "severity": "warn", "values": []}, "one value"),
        ("bigint", {"check": "matches", "severity": "warn", "pattern": "a"}, "whole of a text"),
        ("text", {"check": "matches", "severity": "warn", "pattern": "^a"}, "anchors"),
        ("text", {"check": "matches", "severity": "warn", "pattern": "a$"}, "anchors"),
        ("text", {"check": "matches", "severity": "warn", "pattern": r"a\d"}, "anchors"),
        ("text", {"check": "matches", "severity": "warn", "pattern": "(?=a)"}, "anchors"),
        ("bigint", {"check": "at_least_column", "severity": "warn", "other": "z"}, "no such columns"),
        (
            "text",
            {"check": "compound_unique", "severity": "warn", "columns": ["a"]},
            "under the table's checks",
        ),
    ],
)
def test_a_check_that_cannot_be_answered_is_refused_when_read(
    kind: str, entry: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "core" / "odd.yaml"
    path.parent.mkdir()
    column = {"name": "a", "type": kind, "meaning": "made up", "checks": [entry]}
    path.write_text(yaml.safe_dump({"grain": "a row", "owner": "o", "description": "d", "columns": [column]}))
    with pytest.raises(DescriptionError, match=complaint) as refused:
        descriptions._read(path)
    assert "core/odd.yaml" in str(refused.value)
