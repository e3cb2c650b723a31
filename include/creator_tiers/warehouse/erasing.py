"""What is left in a warehouse of creators that the lake has no rows of any more."""

from __future__ import annotations

import pyarrow.compute as pc

from creator_tiers.settings import Settings
from creator_tiers.tables import table
from creator_tiers.warehouse.connect import open_warehouse
from creator_tiers.warehouse.state import mark_written, publish_if_stale

_KNOWN = """
    SELECT creator_key FROM core.creators
    UNION
    SELECT account_key AS creator_key FROM core.accounts
"""


def erase_leftovers(settings: Settings) -> int:
    """Take creators that no export names any more out of the leagues of past weeks, and write the file anew.

    Call it after the build that follows an erasure. Of a DuckDB file nothing stays that was deleted; PostgreSQL and
    object stores clear their files in their own time.

    Returns:
        The rows taken out of `marts.creator_league`, the only table of reports that names creators.

    Raises:
        WarehouseBusyError: another process writes; try again.
    """
    league = table("marts.creator_league")
    with open_warehouse(settings) as warehouse:
        names = ", ".join(column.name for column in league.columns)
        rows = warehouse.read(f"SELECT {names} FROM {league.full_name}")
        known = warehouse.read(_KNOWN)["creator_key"].combine_chunks()
        left = rows.filter(pc.is_in(rows["creator_key"], value_set=known))
        if left.num_rows < rows.num_rows:
            with warehouse.transaction():
                warehouse.load_rows(league, left)
                mark_written(warehouse, settings, took_out=True)
        publish_if_stale(warehouse, settings)
        warehouse.write_anew()
    return int(rows.num_rows - left.num_rows)
