"""Books that do not balance stop the build."""

from __future__ import annotations

import pyarrow as pa
import pytest

from creator_tiers.tables import table
from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import schema
from creator_tiers.warehouse.identities import BALANCED, check_identities

pytestmark = pytest.mark.sql


def totals(**values: int) -> pa.Table:
    described = table("marts.attribution_totals")
    row = {field.name: None if field.nullable else 0 for field in schema(described)}
    return pa.Table.from_pylist([{**row, "scope": "all", **values}], schema=schema(described))


def test_a_lost_order_is_an_error_and_names_the_identity() -> None:
    with DuckDBWarehouse(None) as warehouse:
        for name in BALANCED:
            warehouse.create(table(name))
        warehouse.load_rows(table("marts.attribution_totals"), totals(orders=3, orders_net=3))
        check_identities(warehouse)

        warehouse.load_rows(table("marts.attribution_totals"), totals(unbalanced_orders=-1))
        with pytest.raises(WarehouseError, match="unbalanced_orders between 0 and 0"):
            check_identities(warehouse)
