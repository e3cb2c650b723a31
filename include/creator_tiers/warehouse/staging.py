"""The new loads of the lake as `stage.*` tables, which live during a build only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from creator_tiers.tables import Column, Table, table, tables
from creator_tiers.warehouse.frames import ARROW_TYPES, conform, without_zone

if TYPE_CHECKING:
    from creator_tiers.lake import Lake, Manifest
    from creator_tiers.warehouse.engine import Warehouse

CONVERSIONS = (
    "orders",
    "order_codes",
    "web_sessions",
    "affiliate_events",
    "affiliate_references",
    "campaigns",
    "placements",
    "placement_codes",
    "placement_links",
    "placement_posts",
    "exchange_rates",
)
"""Datasets about campaigns and orders."""

OBSERVATIONS = ("post_observations", "follower_observations", "account_observations", *CONVERSIONS)
"""Datasets that fill `core`."""

_LOAD_KEY = Column("load_key", "text", "identity of the load", nullable=False)


@cache
def mirror(dataset: str) -> Table:
    """The description of `stage.<dataset>`: the lake's columns and the load that a row belongs to."""
    described = table(f"lake.{dataset}")
    columns = described.columns
    if all(column.name != "load_key" for column in columns):
        columns = (*columns, _LOAD_KEY)
    return replace(described, layer="stage", columns=columns, checks=(), write=None, query=None)


def stage_tables() -> list[Table]:
    """Every `stage.*` table: the mirrors of the lake, then the lists of what changes."""
    mirrors = [mirror(name.removeprefix("lake.")) for name in tables() if name.startswith("lake.")]
    return mirrors + [one for one in tables().values() if one.layer == "stage"]


def stage(
    warehouse: Warehouse, lake: Lake, fresh: Sequence[Manifest], told_again: Sequence[Manifest]
) -> None:
    """Create all `stage.*` tables, filled with the rows of the fresh manifests.

    Args:
        warehouse: where, inside a transaction.
        lake: holds the Parquet files.
        fresh: loads that the warehouse does not know.
        told_again: loads whose rows it knows and whose manifest says something new, such as a second path.
    """
    for dataset in OBSERVATIONS:
        warehouse.stage_files(mirror(dataset), lake.dataset_files(dataset, list(fresh)))
    both = [*fresh, *told_again]
    warehouse.stage_files(mirror("rejected_rows"), lake.dataset_files("rejected_rows", both))
    for one in stage_tables():
        if not warehouse.exists(one):
            warehouse.create(one)
    warehouse.load_rows(mirror("export_files"), load_rows(both))
    warehouse.load_rows(mirror("validation_results"), _validation_rows(both))


def unstage(warehouse: Warehouse) -> None:
    """Drop all `stage.*` tables."""
    for one in stage_tables():
        warehouse.drop(one)


def load_rows(manifests: Sequence[Manifest]) -> pa.Table:
    """One row a manifest, with the columns of `stage.export_files`."""
    described = mirror("export_files")
    rows = [
        {
            **{column.name: getattr(one, column.name, None) for column in described.columns},
            "path": min(one.paths),
            "other_paths": "\n".join(sorted(one.paths)[1:]) or None,
        }
        for one in manifests
    ]
    return conform(_from_rows(rows, described), described)


def _validation_rows(manifests: Sequence[Manifest]) -> pa.Table:
    described = mirror("validation_results")
    rows = [{**row, "load_key": one.load_key} for one in manifests for row in one.validation]
    return conform(_from_rows(rows, described), described)


def _from_rows(rows: Sequence[dict[str, object]], described: Table) -> pa.Table:
    """A frame of a few records; ISO texts become times."""
    return pa.table(
        {
            column.name: pa.array(
                [_value(row.get(column.name), column) for row in rows], ARROW_TYPES[column.type]
            )
            for column in described.columns
        }
    )


def _value(value: object, column: Column) -> object:
    if column.type != "timestamp" or value is None:
        return value
    return without_zone(datetime.fromisoformat(value) if isinstance(value, str) else cast("datetime", value))
