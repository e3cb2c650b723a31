"""What an expression means is the same on every engine: each construct of the SQL files, at its awkward values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
import yaml
from sqlglot import exp

from creator_tiers.tables import SQL, Column
from creator_tiers.warehouse import Reader, open_warehouse
from creator_tiers.warehouse.statements import DIALECT
from tests.engines.made_up import EVERY_TYPE
from tests.engines.places import PLACES

pytestmark = pytest.mark.contract

HERE = Path(__file__).with_name("semantics.yaml")
CASES: dict[str, dict[str, Any]] = {
    one["what"]: one for one in yaml.safe_load(HERE.read_text(encoding="utf-8"))
}
NAMED = replace(EVERY_TYPE, key=("name",), columns=(Column("name", "text", "made up"),))
NAMES = ["a", "Z", "é", "_", "A", "🧿", "b", "zz", "Ä", "ｆ"]
CONSTRUCTS = (
    exp.Func,
    exp.Binary,
    exp.Unary,
    exp.Filter,
    exp.Distinct,
    exp.SetOperation,
    exp.In,
    exp.Between,
)
BY_UNIT = (exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc, exp.Interval)


@pytest.fixture(scope="module", params=sorted(PLACES))
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with open_warehouse(PLACES[request.param](tmp_path_factory.mktemp("home"))) as warehouse:
        warehouse.create(NAMED)
        warehouse.load_rows(NAMED, pa.table({"name": NAMES}))
        yield warehouse


@pytest.mark.parametrize("what", CASES)
def test_it_means_the_same(reader: Reader, what: str) -> None:
    expected = CASES[what]["x"]
    found = reader.read(CASES[what]["sql"]).column("x").to_pylist()
    wanted = expected if isinstance(expected, list) else [expected]
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        if isinstance(other, float):
            assert math.isclose(one, other, rel_tol=1e-15)
        elif isinstance(other, dict):
            assert (one, type(one)) == (Decimal(other["decimal"]), Decimal)
        else:
            assert (one, type(one)) == (other, type(other))


def test_every_construct_of_the_sql_files_is_pinned() -> None:
    used = {one: path for path in sorted(SQL.glob("*/*.sql")) for one in constructs(path.read_text())}
    pinned = {one for case in CASES.values() for one in constructs(case["sql"])}
    missing = {one: str(path.relative_to(SQL)) for one, path in used.items() if one not in pinned}
    assert not missing, f"give each of these a case in {HERE.name}: {missing}"


def constructs(sql: str) -> set[str]:
    """The functions and operators of a query; those of time with their unit."""
    found = set()
    for node in sqlglot.parse_one(sql, read=DIALECT).walk():
        if isinstance(node, exp.Anonymous):
            found.add(node.name.lower())
        elif isinstance(node, BY_UNIT):
            name = "Trunc" if isinstance(node, exp.DateTrunc | exp.TimestampTrunc) else type(node).__name__
            found.add(f"{name} {str(node.args.get('unit')).strip(chr(39)).lower()}")
        elif isinstance(node, CONSTRUCTS) and not isinstance(node, exp.Paren | exp.Dot):
            found.add(type(node).__name__)
    return found
