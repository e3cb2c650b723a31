"""The warehouse: tables for analysts, derived from the lake by the SQL in `include/sql`, on any engine.

`open_warehouse` writes, `open_reader` reads what was published, `build` keeps it up to date, `weekly` holds what a
week's report reads and writes.
"""

from creator_tiers.warehouse.connect import open_reader, open_warehouse
from creator_tiers.warehouse.engine import Reader, Warehouse
from creator_tiers.warehouse.errors import NothingPublishedError, WarehouseBusyError, WarehouseError
from creator_tiers.warehouse.weekly import (
    comparison_posts,
    record_deliveries,
    write_claims,
    write_comparison,
    write_week,
)

__all__ = [
    "NothingPublishedError",
    "Reader",
    "Warehouse",
    "WarehouseBusyError",
    "WarehouseError",
    "comparison_posts",
    "open_reader",
    "open_warehouse",
    "record_deliveries",
    "write_claims",
    "write_comparison",
    "write_week",
]
