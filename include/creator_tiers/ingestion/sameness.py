"""Whether the lake has a load as it reads now."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from creator_tiers.exports.sql import literal
from creator_tiers.ingestion.keeping import REJECTED, Load
from creator_tiers.ingestion.refusals import in_order, read_refusals
from creator_tiers.lake import Lake, Manifest

_FACTS = (
    "load_key",
    "source_format",
    "platform",
    "account_handle",
    "observed_at",
    "observed_from",
    "rows_read",
    "rows_accepted",
    "rows_duplicate",
    "rows_rejected",
    "rows_ignored",
    "status",
    "message",
)


def refusals_of(lake: Lake, manifest: Manifest) -> pa.Table:
    """The refusals that the lake has of a load, settled ones included."""
    has_any = REJECTED in manifest.datasets
    return read_refusals(lake.file(manifest, REJECTED) if has_any else None)


def is_same(connection: duckdb.DuckDBPyConnection, load: Load, lake: Lake, known: Manifest) -> bool:
    """Whether a load as it reads now says no more and no less than the lake's, with rows in any order.

    Args:
        connection: the workbench.
        load: as it reads now.
        lake: has the files.
        known: the lake's manifest of the load.
    """
    if any(getattr(load.manifest, name) != getattr(known, name) for name in _FACTS):
        return False
    if set(load.manifest.datasets) != set(known.datasets):
        return False
    if not set(load.manifest.paths) <= set(known.paths):
        return False
    now = in_order(read_refusals(load.rows.get(REJECTED)))
    if not now.equals(in_order(refusals_of(lake, known))):
        return False
    return all(
        _rows(connection, load.rows[dataset]) == _rows(connection, lake.file(known, dataset))
        for dataset in known.datasets
        if dataset != REJECTED
    )


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> object:
    """A fingerprint of a Parquet file's rows in any order."""
    source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    return connection.execute(
        f"SELECT count(*), sum(CAST(hash(t) AS HUGEINT)), bit_xor(hash(t)) FROM {source} AS t"
    ).fetchone()
