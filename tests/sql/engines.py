"""The engines that every SQL case runs on: a name and a way to an empty warehouse for tests."""

from __future__ import annotations

from collections.abc import Callable

from creator_tiers.warehouse import Warehouse
from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse
from creator_tiers.warehouse.postgres_engine import PostgresWarehouse
from creator_tiers.warehouse.spark_engine import SparkWarehouse
from creator_tiers.warehouse.spark_url import parse_url
from tests.engines.postgres_server import new_database
from tests.engines.spark_cluster import PLAIN, new_place, scratch


def _spark() -> Warehouse:
    home = scratch()
    place = parse_url(new_place(home / "warehouse", **PLAIN), home)
    return SparkWarehouse(place, f"sqlite:///{home / 'state.sqlite'}")


ENGINES: dict[str, Callable[[], Warehouse]] = {
    "duckdb": lambda: DuckDBWarehouse(None),
    "postgresql": lambda: PostgresWarehouse(new_database()),
    "spark": _spark,
}
