"""Prints the pools that the DAGs need, as `airflow pools import` reads them: `pools.py`.

The slots of the ingestion pool follow `CREATOR_TIERS_INGEST_SLOTS`: about one a core of all that run tasks.
"""

from __future__ import annotations

import json
import os

from creator_tiers.pools import INGEST_POOL, POOLS


def pools(ingest_slots: str | None) -> dict[str, dict[str, object]]:
    """Name -> what Airflow wants to know of a pool."""
    slots = {INGEST_POOL: int(ingest_slots)} if ingest_slots else {}
    return {
        name: {"slots": slots.get(name, usual), "description": description, "include_deferred": False}
        for name, (usual, description) in POOLS.items()
    }


if __name__ == "__main__":
    print(json.dumps(pools(os.environ.get("CREATOR_TIERS_INGEST_SLOTS"))))
