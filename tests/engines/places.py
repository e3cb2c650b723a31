"""A place for a warehouse on each engine: a name and a way to settings that point at a new, empty one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from creator_tiers.settings import Settings, load_settings
from tests.engines.postgres_server import new_database
from tests.engines.spark_cluster import new_place


def duckdb(home: Path) -> Settings:
    return load_settings({"CREATOR_TIERS_HOME": str(home)})


def postgresql(home: Path) -> Settings:
    return load_settings({"CREATOR_TIERS_HOME": str(home), "CREATOR_TIERS_WAREHOUSE": new_database()})


def spark(home: Path) -> Settings:
    return load_settings(
        {"CREATOR_TIERS_HOME": str(home), "CREATOR_TIERS_WAREHOUSE": new_place(home / "spark")}
    )


PLACES: dict[str, Callable[[Path], Settings]] = {"duckdb": duckdb, "postgresql": postgresql, "spark": spark}


def environment(settings: Settings) -> dict[str, str]:
    """The variables that lead another process to the same place."""
    return {"CREATOR_TIERS_HOME": str(settings.home), "CREATOR_TIERS_WAREHOUSE": settings.warehouse_url}
