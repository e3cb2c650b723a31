"""What a warehouse holds, for comparing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from creator_tiers.settings import Settings
from creator_tiers.warehouse import Reader, open_reader
from creator_tiers.warehouse.state import lasting_tables

Contents = Mapping[str, list[dict[str, Any]]]


def contents(reader: Reader) -> Contents:
    """Every row of every lasting table but the warehouse's own count of writes, in an order of its own."""
    return {
        one.full_name: sorted(reader.read(f"SELECT * FROM {one.full_name}").to_pylist(), key=repr)
        for one in lasting_tables()
        if one.full_name != "ops.warehouse_state"
    }


def published(settings: Settings) -> Contents:
    """The same, as readers see it."""
    with open_reader(settings) as reader:
        return contents(reader)
