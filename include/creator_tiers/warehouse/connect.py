"""Which engine a URL names, and a way into it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl

from creator_tiers.settings import Settings
from creator_tiers.warehouse.airflow_connection import warehouse_url
from creator_tiers.warehouse.engine import Reader, Warehouse
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.spark_url import is_spark, parse_url

_DUCKDB = "duckdb:///"
_POSTGRES = ("postgresql", "postgres")
_LIMITS = {"memory_limit": re.compile(r"\d{1,6}(\.\d+)?(MB|GB)"), "threads": re.compile(r"[1-9]\d{0,2}")}
_NEVER = re.compile(r"(?!)")


def open_warehouse(settings: Settings) -> Warehouse:
    """Open the warehouse in use for writing. Close it, or use it in a `with`.

    Raises:
        WarehouseBusyError: another process writes to it; try again later.
        WarehouseError: the URL names no engine that this installation knows.
    """
    url = warehouse_url(settings)
    if _is_postgres(url):
        from creator_tiers.warehouse.postgres_engine import PostgresWarehouse

        return PostgresWarehouse(url)
    if is_spark(url):
        from creator_tiers.warehouse.spark_engine import SparkWarehouse

        return SparkWarehouse(parse_url(url, settings.home / "spark"), settings.state_url)
    from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse

    file, limits = _file(url)
    return DuckDBWarehouse(file, settings.published, limits)


def open_reader(settings: Settings) -> Reader:
    """Open what was published last, for reading. It can neither write nor touch files.

    Raises:
        NothingPublishedError: nothing has been built yet.
        WarehouseError: the URL names no engine that this installation knows.
    """
    url = warehouse_url(settings)
    if _is_postgres(url):
        from creator_tiers.warehouse.postgres_engine import PostgresReader

        return PostgresReader(url)
    if is_spark(url):
        from creator_tiers.warehouse.spark_reader import SparkReader

        return SparkReader(parse_url(url, settings.home / "spark"))
    from creator_tiers.warehouse.duckdb_engine import DuckDBReader

    _file(url)
    return DuckDBReader(settings.published)


def _is_postgres(url: str) -> bool:
    return url.partition(":")[0].partition("+")[0] in _POSTGRES


def _file(url: str) -> tuple[Path, dict[str, str]]:
    """The file that a URL names, and the limits in its query: `?memory_limit=4GB&threads=8`."""
    path, _, query = url.removeprefix(_DUCKDB).partition("?")
    if not url.startswith(_DUCKDB) or not path:
        shown = _without_password(url).partition("?")[0]  # a query may have a password too
        raise WarehouseError(
            f"CREATOR_TIERS_WAREHOUSE={shown!r} names no warehouse that can be opened; write it like "
            "duckdb:////path/to/warehouse.duckdb, postgresql+psycopg://user:password@host:5432/database or "
            "spark://host:7077?home=/shared/warehouse, or unset it for the file in the home"
        )
    limits = dict(parse_qsl(query, keep_blank_values=True))
    wrong = [name for name, value in limits.items() if not _LIMITS.get(name, _NEVER).fullmatch(value)]
    if wrong:
        raise WarehouseError(
            f"{wrong[0]}={limits[wrong[0]]!r} in CREATOR_TIERS_WAREHOUSE is no limit of a build; "
            "write them like ?memory_limit=4GB&threads=8"
        )
    return Path(path), limits


def _without_password(url: str) -> str:
    """The URL as an error may show it."""
    import sqlalchemy as sa

    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, ValueError):
        return url.partition(":")[0] + ":..." if "@" in url else url
