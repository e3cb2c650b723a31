"""What a warehouse knows of itself: the definitions it was built with and how often it was written."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import UTC, datetime

import pyarrow as pa

from creator_tiers.settings import Settings
from creator_tiers.tables import SQL, Table, table, tables
from creator_tiers.warehouse.engine import Reader, Warehouse
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.seeds import FILES, SEEDS

LAYERS = ("seeds", "core", "marts", "ops")
"""The layers whose tables stay."""


def kept_tables() -> list[Table]:
    """Tables that no query fills: reports write them, so that a rebuild carries their rows over."""
    return [
        one
        for one in tables().values()
        if one.layer in ("core", "marts", "ops") and one.query is None and one.name != "warehouse_state"
    ]


def lasting_tables() -> list[Table]:
    """Every table that stays after a build."""
    return [one for one in tables().values() if one.layer in LAYERS]


def definitions(settings: Settings) -> str:
    """A hash of everything but the lake that decides what the tables hold."""
    policy = f"{settings.attribution_days} {settings.click_days} {settings.refund_days} {settings.subscription_policy}"
    found = hashlib.sha256(f"{settings.zone}\n{settings.tier_scheme}\n{policy}\n".encode())
    sources = [path for layer in (*LAYERS, "lake", "stage") for path in sorted((SQL / layer).glob("*.*"))]
    for path in [*sources, *(SEEDS / f"{name}.csv" for name in FILES)]:
        content = path.read_bytes()
        found.update(f"{path.parent.name}/{path.name} {len(content)}\n".encode() + content)
    return found.hexdigest()


def published_state(reader: Reader) -> dict[str, str]:
    """The rows of `ops.warehouse_state` that readers see: see its description."""
    return _state(reader)


def read_state(warehouse: Warehouse) -> dict[str, str]:
    """The rows of `ops.warehouse_state`; nothing for a warehouse that was never built."""
    return _state(warehouse) if warehouse.exists(table("ops.warehouse_state")) else {}


def mark_written(warehouse: Warehouse, settings: Settings, *, took_out: bool = False) -> None:
    """Count a write. Call it last in the transaction that wrote.

    Args:
        warehouse: what was written to.
        settings: what it was written with.
        took_out: whether rows may have gone for good: an erasure may be the reason.
    """
    state = _state(warehouse)
    now = datetime.now(UTC)
    # A time and not a revision: a warehouse that was lost and built anew counts its writes from one again.
    taken_out_at = now.isoformat(timespec="microseconds")
    rows = {
        "definitions": definitions(settings),
        "revision": str(int(state.get("revision", "0")) + 1),
        "taken_out_at": taken_out_at if took_out else state.get("taken_out_at", taken_out_at),
        "written_at": now.isoformat(timespec="seconds"),
    }
    named = pa.table({"name": list(rows), "value": list(rows.values())})
    warehouse.load_rows(table("ops.warehouse_state"), named)


def publish_if_stale(warehouse: Warehouse, settings: Settings) -> bool:
    """Publish unless readers already see the newest revision; whether it was needed.

    A run killed between its commit and its publication is made good by the next one. What readers saw before rows were
    taken out does not stay anywhere.
    """
    from creator_tiers.warehouse.connect import open_reader

    now = _state(warehouse)
    seen: dict[str, str] = {}
    with contextlib.suppress(WarehouseError), open_reader(settings) as reader:
        seen = _state(reader)
    if seen == now:
        return False
    warehouse.publish(keep_former=seen.get("taken_out_at") == now.get("taken_out_at"))
    return True


def _state(source: Reader) -> dict[str, str]:
    rows = source.read("SELECT name, value FROM ops.warehouse_state").to_pydict()
    return dict(zip(rows["name"], rows["value"], strict=True))
