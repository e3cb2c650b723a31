"""Hand-made loads in a lake, for tests that start behind the ingestion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from creator_tiers.lake import Lake, Manifest
from creator_tiers.tables import table
from creator_tiers.warehouse.frames import bindable, conform, schema

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""When the first ingestion run happened."""

Rows = Sequence[Mapping[str, Any]]

_USUAL = {
    "platform": "instagram",
    "account_key": "instagram:ann",
    "handle": "ann",
    "kind": "image",
    "has_disclosure": False,
    "is_lifetime": True,
    "rule": "bad_cell",
}


def land(
    lake: Lake,
    load_key: str,
    *,
    loaded_at: datetime = T0,
    observed_at: datetime = T0,
    posts: Rows = (),
    followers: Rows = (),
    accounts: Rows = (),
    rejected: Rows = (),
    **manifest: Any,
) -> Manifest:
    """Write one load: its Parquet files, then its manifest. Rows say only what matters to the test."""
    file_id = manifest.pop("file_id", f"file-{load_key}")
    rows = {
        "post_observations": posts,
        "follower_observations": followers,
        "account_observations": accounts,
        "rejected_rows": rejected,
    }
    common = {
        **_USUAL,
        "file_id": file_id,
        "load_key": load_key,
        "observed_at": observed_at,
        "loaded_at": loaded_at,
        "rejected_at": loaded_at,
    }
    for dataset, given in rows.items():
        if given:
            _write(
                lake,
                dataset,
                load_key,
                [{**common, "row_number": n, **row} for n, row in enumerate(given, 2)],
            )
    accepted = len(posts) + max(len(followers), len(accounts))
    told = Manifest(
        **{
            "load_key": load_key,
            "file_id": file_id,
            "paths": (f"instagram/ann/{load_key}.csv",),
            "source_format": "instagram_meta_posts",
            "platform": "instagram",
            "account_handle": "ann",
            "observed_at": observed_at,
            "observed_from": "sidecar",
            "rows_read": accepted + len(rejected),
            "rows_accepted": accepted,
            "rows_duplicate": 0,
            "rows_rejected": len(rejected),
            "rows_ignored": 0,
            "status": "partial" if rejected else "loaded",
            "message": None,
            "loaded_at": loaded_at,
            "datasets": tuple(name for name, given in rows.items() if given),
            **manifest,
        }
    )
    lake.commit(told)
    return told


def _write(lake: Lake, dataset: str, load_key: str, rows: list[dict[str, Any]]) -> None:
    described = table(f"lake.{dataset}")
    columns = {
        field.name: pa.array([bindable(row.get(field.name)) for row in rows], field.type)
        for field in schema(described)
    }
    path = lake.dataset_path(dataset, load_key)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(conform(pa.table(columns), described), path)
