"""The quarantine of a load as a frame: what stands, what a replay has settled."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from creator_tiers.tables import table

_TYPES = {"bigint": pa.int64(), "timestamp": pa.timestamp("us")}
SCHEMA = pa.schema(
    [(column.name, _TYPES.get(column.type, pa.string())) for column in table("lake.rejected_rows").columns]
)
"""The columns of `lake.rejected_rows`."""


def read_refusals(path: Path | None) -> pa.Table:
    """The rows of a Parquet file of `lake.rejected_rows`; none without a file. Columns that it lacks are NULL."""
    if path is None:
        return SCHEMA.empty_table()
    found = pq.read_table(path, partitioning=None)
    columns = [
        found[field.name].cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in SCHEMA
    ]
    return pa.table(columns, schema=SCHEMA)


def standing(refusals: pa.Table) -> pa.Table:
    """The refusals that no replay has settled."""
    return refusals.filter(pc.is_null(refusals["resolved_at"]))


def history(earlier: pa.Table, now: pa.Table, at: datetime, load_key: str, *, is_refused: bool) -> pa.Table:
    """The refusals of earlier readings that do not stand any more, as rows of a load.

    Args:
        earlier: all refusals of earlier readings, settled ones included.
        now: the refusals of today's reading.
        at: UTC without a zone; the time at which those that stood until now are settled.
        load_key: the load that keeps them.
        is_refused: the file is refused as a whole today: nothing that stood is settled by that.
    """
    settled = earlier.filter(pc.is_valid(earlier["resolved_at"]))
    known = pa.concat_arrays([pa.array([], pa.string()), *_keys(now).chunks, *_keys(settled).chunks])
    stood = standing(earlier)
    stood = stood.filter(pc.invert(pc.is_in(_keys(stood), known)))
    if is_refused:
        stood = stood.slice(0, 0)
    stamps = pa.array([at] * stood.num_rows, pa.timestamp("us"))
    stood = stood.set_column(SCHEMA.get_field_index("resolved_at"), "resolved_at", stamps)
    both = pa.concat_tables([settled, stood])
    keys = pa.array([load_key] * both.num_rows, pa.string())
    return both.set_column(SCHEMA.get_field_index("load_key"), "load_key", keys)


def in_order(refusals: pa.Table) -> pa.Table:
    """Refusals in the order of their places."""
    names = ("file_id", "row_number", "rule", "column_name", "resolved_at")
    return refusals.combine_chunks().sort_by([(name, "ascending") for name in names])


def _keys(refusals: pa.Table) -> pa.ChunkedArray:
    """File and row as one text; a row that another rule refuses now is refused still."""
    rows = pc.fill_null(refusals["row_number"].cast(pa.string()), "")
    return pc.binary_join_element_wise(refusals["file_id"], rows, ":")
