"""The Airflow pools that must exist before the DAGs run. Imports nothing."""

from __future__ import annotations

WAREHOUSE_POOL = "creator_tiers_warehouse"
INGEST_POOL = "creator_tiers_ingest"

POOLS = {
    WAREHOUSE_POOL: (1, "Whatever writes the warehouse. One slot: DuckDB has one writer at a time."),
    INGEST_POOL: (2, "Batches of export files read at once. About one slot per core."),
}
"""Name -> (slots, description)."""
