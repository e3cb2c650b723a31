"""Great Expectations says the same of Spark frames as of Arrow frames."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from creator_tiers.contracts import validate
from creator_tiers.contracts.spark import validate_frame
from creator_tiers.tables import Check, table
from creator_tiers.warehouse.spark_session import open_session, release_session
from creator_tiers.warehouse.spark_url import parse_url
from tests.contracts.made_up import NOW, arrow, check, make_table
from tests.contracts.test_rules import CASES
from tests.engines.spark_cluster import PLAIN, new_place, require
from tests.sql.cases import DEFAULTS

pytestmark = pytest.mark.contract

NASTY = [
    "a", "A", "", "a\n", "a\r\n", "a\u2028", "a\u0085", "b\na", "\na", "a b", "a\u00a0", "é", None, "\u200ba",
    "a.b", "axb",
]  # fmt: skip


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("validation")
    yield open_session(parse_url(new_place(home, **PLAIN), Path(home)))
    release_session()


def both(
    session: Any, columns: dict[str, str], rows: list[tuple[Any, ...]], *checks: Check, **more: Any
) -> None:
    described, frame = make_table(columns, *checks, **more), arrow(columns, rows)
    agree(session, frame, described)


def agree(session: Any, frame: pa.Table, described: Any, within: tuple[str, ...] = ()) -> list[str]:
    on_arrow = validate(frame, described, "run", NOW, within)
    on_spark = validate_frame(session.createDataFrame(frame), described, "run", NOW, within)
    assert [_told(one) for one in on_spark] == [_told(one) for one in on_arrow]
    return [one.outcome for one in on_spark]


def _told(one: Any) -> tuple[Any, ...]:
    broken = one.observed.partition(" ")[0] if one.outcome != "errored" else ""
    return one.expectation, one.severity, one.outcome, one.stops, one.run_id, one.validated_at, broken


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_check(session: Any, case: str) -> None:
    one, columns, rows, broken = CASES[case]
    both(session, columns, rows, one)
    both(session, columns, [row for number, row in enumerate(rows) if number not in broken], one)
    both(session, columns, [], one)


@pytest.mark.parametrize("pattern", ["a", "a|b", "", ".*", "a\\.b", "[^a]*", "[a-z]+[ \\t]?.*"])
def test_patterns_of_nasty_texts(session: Any, pattern: str) -> None:
    both(session, {"a": "text"}, [(one,) for one in NASTY], check("matches", "a", pattern=pattern))


def test_numbers_and_times_at_their_bounds(session: Any) -> None:
    rows = [
        (2**53 + 1, 0.1, Decimal("0.1001"), datetime(2020, 1, 1, 0, 0, 0, 1), date(2020, 1, 1)),
        (2**53, math.nan, Decimal("0.1000"), datetime(2020, 1, 1), date(2019, 12, 31)),
        (-(2**62), math.inf, Decimal("-99999999999.9999"), datetime(9999, 12, 31), date(9999, 12, 31)),
        (None, None, None, None, None),
    ]
    columns = {"a": "bigint", "b": "double", "c": "decimal", "d": "timestamp", "e": "date"}
    both(
        session, columns, rows,
        check("between", "a", max=2**53), check("between", "b", min=0, max=1e300), check("between", "c", max=0.1),
        check("between", "d", min=datetime(2020, 1, 1), max=datetime(2020, 1, 1)),
        check("between", "e", severity="warn", min=date(2020, 1, 1)),
        *(check("not_null", name, severity="fail") for name in columns),
    )  # fmt: skip


def test_groups(session: Any) -> None:
    columns = {"file": "text", "a": "bigint", "b": "text"}
    rows = [("x", 1, "p"), ("x", 1, "p"), ("y", 1, "p"), ("x", 1, None), ("x", 1, None), ("y", None, "p")]
    frame = arrow(columns, rows)
    for one in (check("unique", "a"), check("compound_unique", columns=["a", "b"])):
        for within in ((), ("file",)):
            agree(session, frame, make_table(columns, one), within)


def test_one_errored_check_leaves_the_others_their_answer(session: Any) -> None:
    columns = {"a": "bigint", "b": "bigint"}
    described = make_table(
        columns, check("not_null", "b"), check("not_null", "a"), check("between", "a", min=0), required=("a",)
    )
    frame = arrow(columns, [(-1, 1)]).drop_columns(["b"])
    assert agree(session, frame, described) == ["errored", "passed", "failed"]


def test_the_lakes_own_descriptions(session: Any) -> None:
    """Real checks, all at once, over good rows and over spoiled ones."""
    described = table("lake.post_observations")
    good = {**DEFAULTS["stage.post_observations"], "post_key": "instagram:1", "row_number": 2, "likes": 5}
    good.pop("load_key")
    good = {
        name: datetime(value.year, value.month, value.day) if type(value) is date else value
        for name, value in good.items()
    }
    spoiled = {**good, "post_key": "no key", "views": -1, "platform": "myspace", "row_number": None}
    columns: dict[str, str] = {column.name: column.type for column in described.columns}
    outcomes = [
        agree(session, arrow(columns, [tuple(row.get(name) for name in columns) for row in rows]), described)
        for rows in ([good], [good, spoiled])
    ]
    assert set(outcomes[0]) == {"passed"}
    assert outcomes[1].count("failed") >= 3


def test_a_process_without_a_main_file_survives_the_import() -> None:
    """PySpark's Connect modules would end it, with exit code 0 and in silence."""
    require()
    code = (
        "import pyspark; from creator_tiers.contracts import suite; from creator_tiers.tables import table; "
    )
    asked = subprocess.run(
        [sys.executable, "-c", f"{code}suite(table('lake.post_observations')); print('alive')"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert asked.stdout == "alive\n", asked.stderr
