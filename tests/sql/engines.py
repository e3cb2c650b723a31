"""The engines that every SQL case runs on: a name and a way to an empty warehouse in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from creator_tiers.warehouse import Warehouse
from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse
from creator_tiers.warehouse.postgres_engine import PostgresWarehouse
from creator_tiers.warehouse.spark_engine import SparkWarehouse
from creator_tiers.warehouse.spark_url import parse_url
from tests.engines.postgres_server import new_database
from tests.engines.spark_cluster import PLAIN, local_place


def _spark(home: Path) -> Warehouse:
    """Spark inside this process: what SQL means does not hang on a cluster; the tests of the engines have one."""
    place = parse_url(local_place(home / "warehouse", **PLAIN), home)
    return SparkWarehouse(place, f"sqlite:///{home / 'state.sqlite'}")


ENGINES: dict[str, Callable[[Path], Warehouse]] = {
    "duckdb": lambda _home: DuckDBWarehouse(None),
    "postgresql": lambda _home: PostgresWarehouse(new_database()),
    "spark": _spark,
}
