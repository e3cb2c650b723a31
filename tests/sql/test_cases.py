"""Every SQL case in YAML, on every engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from creator_tiers.settings import RESOURCES
from creator_tiers.tables import tables

from .cases import HERE, READS, Bench, Case, all_cases, differences
from .engines import ENGINES

pytestmark = pytest.mark.sql

CASES = list(all_cases())


@pytest.fixture(scope="module", params=sorted(ENGINES))
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ENGINES[request.param](tmp_path_factory.mktemp("home")) as warehouse:
        yield Bench(warehouse)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case, bench: Bench) -> None:
    wrong = differences(case, bench.run(case))
    assert not wrong, "\n".join([case.what, *wrong])


def test_every_query_has_a_case() -> None:
    queried = {one.full_name for one in tables().values() if one.query}
    assert queried == {case.table.full_name for case in CASES if case.table}


def test_every_query_that_only_reads_has_a_case() -> None:
    queries = {f"{READS}.{path.stem}" for path in (RESOURCES / "sql" / READS).glob("*.sql")}
    assert queries == {case.name.partition("/")[0] for case in CASES if case.table is None}


def test_folders_name_tables() -> None:
    folders = {f"{path.parent.name}.{path.name}" for path in HERE.glob("*/*/") if path.name != "__pycache__"}
    assert {name for name in folders if not name.startswith(f"{READS}.")} <= set(tables())
