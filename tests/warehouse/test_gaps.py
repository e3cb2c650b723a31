"""When a DuckDB file is tidied."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_tiers.warehouse import gaps
from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse

pytestmark = pytest.mark.unit

GROUP = 122_880
"""Rows that DuckDB keeps together."""


@pytest.fixture
def warehouse(tmp_path: Path):
    with DuckDBWarehouse(tmp_path / "w.duckdb", tmp_path / "published.duckdb") as made:
        made._run("CREATE SCHEMA core")
        made._run(f"CREATE TABLE core.t AS SELECT range AS n, range::VARCHAR AS x FROM range({3 * GROUP})")
        made.publish()
        yield made


def groups(warehouse: DuckDBWarehouse) -> int:
    sql = "SELECT count(DISTINCT row_group_id) AS n FROM pragma_storage_info('core.t')"
    return warehouse.read(sql).column("n")[0].as_py()


def take_out(warehouse: DuckDBWarehouse, rows: int) -> None:
    """Of each group some rows, and one more group of as many new ones in their place."""
    with warehouse.transaction():
        warehouse._run(f"DELETE FROM core.t WHERE n % {GROUP} < {rows // 3}")
        warehouse._run(f"INSERT INTO core.t SELECT -1 - range, 'new' FROM range({rows})")


def test_a_file_without_gaps_is_left_as_it_is(warehouse):
    assert not gaps.has_gaps(warehouse)


def test_few_gaps_stay(warehouse):
    take_out(warehouse, 30_000)
    assert not gaps.has_gaps(warehouse)
    warehouse.publish()
    assert groups(warehouse) == 4


def test_many_gaps_are_closed(warehouse):
    take_out(warehouse, 60_000)
    assert gaps.has_gaps(warehouse)
    warehouse.publish()
    assert groups(warehouse) == 3
    assert not gaps.has_gaps(warehouse)


def test_gaps_of_a_small_table_do_no_harm(warehouse, monkeypatch):
    take_out(warehouse, 60_000)
    monkeypatch.setattr(gaps, "LEAST", 100_000)
    assert not gaps.has_gaps(warehouse)
