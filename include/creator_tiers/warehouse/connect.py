"""Which engine a URL names, and a way into it."""

from __future__ import annotations

from pathlib import Path

from creator_tiers.settings import Settings
from creator_tiers.warehouse.engine import Reader, Warehouse
from creator_tiers.warehouse.errors import WarehouseError

_DUCKDB = "duckdb:///"


def open_warehouse(settings: Settings) -> Warehouse:
    """Open the warehouse of `settings.warehouse_url` for writing. Close it, or use it in a `with`.

    Raises:
        WarehouseBusyError: another process writes to it; try again later.
        WarehouseError: the URL names no engine that this installation knows.
    """
    from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse

    return DuckDBWarehouse(_file(settings), settings.published)


def open_reader(settings: Settings) -> Reader:
    """Open what was published last, for reading. On DuckDB it can touch no file but that one.

    Raises:
        NothingPublishedError: nothing has been built yet.
        WarehouseError: the URL names no engine that this installation knows.
    """
    from creator_tiers.warehouse.duckdb_engine import DuckDBReader

    _file(settings)
    return DuckDBReader(settings.published)


def _file(settings: Settings) -> Path:
    url = settings.warehouse_url
    if not url.startswith(_DUCKDB) or url == _DUCKDB:
        raise WarehouseError(
            f"CREATOR_TIERS_WAREHOUSE={url!r} names no warehouse that can be opened; write it like "
            "duckdb:////path/to/warehouse.duckdb, or unset it for the file in the home"
        )
    return Path(url.removeprefix(_DUCKDB))
