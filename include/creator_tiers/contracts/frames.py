"""Arrow columns as the pandas frames on which Great Expectations is both right and fast.

Great Expectations drops the NULLs of a frame before it looks, and it looks at numpy numbers and at times with a zone in
one step, but at everything else value by value. So each check gets a frame of its own columns alone, without NULLs
(which keeps whole numbers whole), with dates and times as UTC instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd

_INSTANT = pa.timestamp("us", tz="UTC")


def as_arrow(frame: pa.Table | pd.DataFrame) -> pa.Table:
    """The frame as an Arrow table; a pandas index is not kept."""
    return frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)


def pandas_frame(rows: pa.Table, columns: Sequence[str], *, keep_nulls: bool = False) -> pd.DataFrame:
    """Some columns of the rows as pandas.

    Args:
        rows: the rows.
        columns: the columns to take; those that the rows lack are left out.
        keep_nulls: keep the rows in which one of the columns is NULL. Else they are left out.
    """
    part = rows.select([name for name in columns if name in rows.column_names])
    if not keep_nulls and any(column.null_count for column in part.columns):
        part = part.filter(reduce(pc.and_, (pc.is_valid(column) for column in part.columns)))
    comparable = [_comparable(column) for column in part.columns]
    frame: pd.DataFrame = pa.table(comparable, names=part.column_names).to_pandas()
    return frame


def _comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(_INSTANT)
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).cast(_INSTANT)
    if pa.types.is_decimal(kind):
        # Great Expectations turns bounds into floats. Through text a decimal becomes the same float: Arrow's own
        # cast rounds otherwise. Right up to 15 digits.
        return column.cast(pa.string()).cast(pa.float64())
    if pa.types.is_floating(kind):
        # pandas takes NaN for NULL; DuckDB sorts it above every number. Infinity says so in both.
        return pc.if_else(pc.is_nan(column), pa.scalar(float("inf"), kind), column)
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    return column
