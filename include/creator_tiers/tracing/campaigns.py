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
        recomputed = _total(rows["value"])
    else:
        claims = _used(reader.read(reading("traced_claims"), {"campaign_key": campaign}), placements, cell)
        rows = _orders(claims, placements, cell.measure)
        recomputed = _revenue(claims) if cell.measure == "revenue_net" else float(rows.num_rows)
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


def _used(claims: pa.Table, placements: pa.Table, cell: CampaignCell) -> pa.Table:
    """The claims of these placements that the figure counts."""
    import pyarrow.compute as pc

    fate = "net" if cell.measure == "revenue_net" else cell.measure.removeprefix("orders_")
    keep = pc.is_in(claims["account_key"], value_set=placements["account_key"].combine_chunks())
    return claims.filter(keep if fate == "gross" else pc.and_(keep, pc.equal(claims["fate"], fate)))


def _revenue(claims: pa.Table) -> float | None:
    """The sum of what could be converted; None when an amount is unknown, or none of a placement could be converted."""
    import pyarrow.compute as pc

    counts = claims.group_by("account_key").aggregate([("revenue_converted", "count")])
    if claims["revenue_net"].null_count or pc.any(pc.equal(counts["revenue_converted_count"], 0)).as_py():
        return None
    return float(pc.sum(claims["revenue_converted"]).as_py() or 0)


def _orders(claims: pa.Table, placements: pa.Table, measure: str) -> pa.Table:
    import pyarrow as pa

    is_money = measure == "revenue_net"
    values = claims["revenue_converted"] if is_money else pa.array([1] * claims.num_rows, pa.int64())
    return _lines(claims, placements, claims["order_key"], "revenue_net" if is_money else "orders", values)


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
