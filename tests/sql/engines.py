"""The engines that every SQL case runs on: a name and a way to an empty warehouse for tests."""

from __future__ import annotations

from collections.abc import Callable

from creator_tiers.warehouse import Warehouse
from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse
from creator_tiers.warehouse.postgres_engine import PostgresWarehouse
from tests.engines.postgres_server import new_database

ENGINES: dict[str, Callable[[], Warehouse]] = {
    "duckdb": lambda: DuckDBWarehouse(None),
    "postgresql": lambda: PostgresWarehouse(new_database()),
}
