"""Two warehouses, row for row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from creator_tiers.tables import table
from creator_tiers.warehouse import Reader
from creator_tiers.warehouse.frames import schema
from creator_tiers.warehouse.state import lasting_tables

RELATIVE = 1e-12


def frames(reader: Reader) -> Mapping[str, pa.Table]:
    """Every lasting table but the warehouse's own count of writes, in an order of its own."""
    return {
        one.full_name: _sorted(reader.read(f"SELECT * FROM {one.full_name}"))
        for one in lasting_tables()
        if one.full_name != "ops.warehouse_state"
    }


def differences(found: Mapping[str, pa.Table], expected: Mapping[str, pa.Table]) -> list[str]:
    """What is not equal, in words: types, numbers of rows, the first cells of each column that differ."""
    said = []
    for full_name, rows in expected.items():
        other = found[full_name]
        if other.schema.types != schema(table(full_name)).types:
            said.append(f"{full_name}: types {other.schema}")
        if other.num_rows != rows.num_rows:
            said.append(f"{full_name}: {other.num_rows} rows, not {rows.num_rows}")
            continue
        for name in rows.column_names:
            pairs = zip(other.column(name).to_pylist(), rows.column(name).to_pylist(), strict=True)
            wrong = [(place, one, two) for place, (one, two) in enumerate(pairs) if not _equal(one, two)]
            if wrong:
                said.append(f"{full_name}.{name}: {len(wrong)} differ, such as {wrong[:3]}")
    return said


def _sorted(rows: pa.Table) -> pa.Table:
    """By everything that is no float: those may differ in their last digit."""
    exact = [field.name for field in rows.schema if not pa.types.is_floating(field.type)]
    return rows.sort_by([(name, "ascending") for name in exact]) if exact else rows


def _equal(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return math.isclose(one, two, rel_tol=RELATIVE)
    return type(one) is type(two) and bool(one == two)
