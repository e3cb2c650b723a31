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

from creator_tiers.contracts.checks import columns_of
from creator_tiers.tables import Check

if TYPE_CHECKING:
    import pandas as pd

_INSTANT = pa.timestamp("us", tz="UTC")


def as_arrow(frame: pa.Table | pd.DataFrame) -> pa.Table:
    """The frame as an Arrow table; a pandas index is not kept."""
    return frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)


def plain(rows: pa.Table) -> pa.Table:
    """The same rows without dictionary encoding."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    return pa.table(columns, names=rows.column_names)


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


def telling_rows(check: Check, rows: pa.Table, within: Sequence[str]) -> pa.Table:
    """Fewer rows that pass a check exactly when all rows do; the rows themselves where there are no such.

    The least and the greatest value tell whether all lie between two bounds; a value that is there twice tells no more
    than once; of many NULLs one is enough. Where rows must differ, a column in which all are equal tells nothing, rows
    that are numbered do differ, and texts and times may be numbers that are equal where they are.

    Args:
        check: the check.
        rows: the rows.
        within: columns inside whose groups `unique` and `compound_unique` hold.
    """
    columns = columns_of(check)
    if any(name not in rows.column_names for name in columns):
        return rows
    column = rows[columns[0]]
    match check.kind:
        case "not_null":
            shown = [column.drop_null().slice(0, 1), pa.nulls(min(column.null_count, 1), column.type)]
        case "between" if pa.types.is_integer(column.type) or pa.types.is_temporal(column.type):
            ends = pc.min_max(column)
            shown = [pa.array([ends["min"], ends["max"]], column.type)]
        case "between" | "in" | "matches":
            shown = [pc.unique(rows.select([columns[0]]).unify_dictionaries()[0])]
        case "unique" | "compound_unique":
            named = list(dict.fromkeys([*columns, *within]))
            part = rows.select([name for name in named if name in rows.column_names])
            if _is_numbered(part):
                return part.slice(0, 1)
            return pa.table([_as_codes(one) for one in part.columns], names=part.column_names)
        case _:
            return rows
    return pa.table({columns[0]: pa.chunked_array([_whole(one) for one in shown], type=column.type)})


def _is_numbered(rows: pa.Table) -> bool:
    """Whether every column is the same in all rows, but for one of whole numbers that differs from row to row."""
    telling = [column for column in rows.columns if not _is_constant(column)]
    if len(telling) != 1 or not pa.types.is_integer(telling[0].type) or telling[0].null_count:
        return False
    return bool(pc.count_distinct(telling[0]).as_py() == rows.num_rows)


def _is_constant(column: pa.ChunkedArray) -> bool:
    if column.null_count or not len(column) or pa.types.is_dictionary(column.type):
        return False
    return pc.all(pc.equal(column, column[0])).as_py() is True


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _as_codes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers that are equal, or NULL, where the values are."""
    if pa.types.is_integer(column.type):
        return column
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    coded = pa.table({"column": coded}).unify_dictionaries()["column"]
    return pa.chunked_array([chunk.indices for chunk in coded.chunks], type=coded.type.index_type)


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
