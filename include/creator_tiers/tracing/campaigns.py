"""A figure of a campaign, back to the orders or to the lines of the placement list that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from creator_tiers.errors import ContractError
from creator_tiers.tracing.cells import COSTS, CampaignCell
from creator_tiers.tracing.trace import ROWS, Trace
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.warehouse import Reader


def trace_campaign(reader: Reader, week: Week, cell: CampaignCell) -> Trace:
    """Every value under a figure of a campaign, as the warehouse has it now.

    Raises:
        ContractError: there is no such campaign, or no such account in it.
    """
    import pyarrow.compute as pc

    from creator_tiers.warehouse.statements import reading

    campaign, account = cell.path, None
    placements = reader.read(reading("traced_placements"), {"campaign_key": campaign})
    if not placements.num_rows and "/" in cell.path:
        campaign, _, account = cell.path.rpartition("/")
        placements = reader.read(reading("traced_placements"), {"campaign_key": campaign})
        placements = placements.filter(pc.equal(placements["account_key"], account.lower()))
    if not placements.num_rows:
        what = f"account {account} in the campaign {campaign}" if account else f"campaign {campaign}"
        raise ContractError(f"There is no {what}; see marts.campaign_conversions")
    reported = _total(placements[cell.measure])
    if cell.measure in COSTS:
        rows = _costs(placements, cell.measure)
    else:
        claims = reader.read(reading("traced_claims"), {"campaign_key": campaign})
        rows = _orders(claims, placements, cell.measure)
    counted = cell.measure.startswith("orders_")
    recomputed = float(rows.num_rows) if counted else _total(rows["value"])
    if cell.measure == "revenue_net" and not rows.num_rows:
        recomputed = 0.0
    return Trace(week.label, cell.name, reported, recomputed, {"placements": placements.num_rows}, rows)


def _total(column: pa.ChunkedArray) -> float | None:
    """The sum, or None when a part of it is unknown."""
    import pyarrow.compute as pc

    if column.null_count:
        return None
    total = pc.sum(column).as_py()
    return None if total is None else float(total)


def _costs(placements: pa.Table, measure: str) -> pa.Table:
    return _lines(placements, placements, placements["account_key"], measure, placements[measure])


def _orders(claims: pa.Table, placements: pa.Table, measure: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    fate = "net" if measure == "revenue_net" else measure.removeprefix("orders_")
    keep = pc.is_in(claims["account_key"], value_set=placements["account_key"].combine_chunks())
    if fate != "gross":
        keep = pc.and_(keep, pc.equal(claims["fate"], fate))
    used = claims.filter(keep)
    is_money = measure == "revenue_net"
    values = used["revenue_converted"] if is_money else pa.array([1] * used.num_rows, pa.int64())
    return _lines(used, placements, used["order_key"], "revenue_net" if is_money else "orders", values)


def _lines(used: pa.Table, placements: pa.Table, items: Any, quantity: str, values: Any) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    index = pc.index_in(used["account_key"], value_set=placements["account_key"].combine_chunks())
    lines = pa.table(
        {
            "arm": placements["tier"].take(index),
            "creator_key": placements["creator_key"].take(index),
            "account_key": used["account_key"],
            "item": items,
            "quantity": pa.array([quantity] * used.num_rows, pa.string()),
            "value": values,
            "observed_at": used["observed_at"],
            "path": used["path"],
            "row_number": used["row_number"].cast("int64"),
            "file_id": used["file_id"],
        }
    )
    return lines.select(list(ROWS)).sort_by([("account_key", "ascending"), ("item", "ascending")])
