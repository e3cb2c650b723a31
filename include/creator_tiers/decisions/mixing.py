"""A week's mix of tiers as a table: which plan a budget buys best."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.comparison.coded import TIERS
from creator_tiers.comparison.placements import Placements
from creator_tiers.decisions.mix import GOALS, Tier, best_mix, frontier
from creator_tiers.decisions.weekly import WEEK, draws_of, in_one_currency, known

SHARES = (Decimal("0.5"), Decimal(1), Decimal(2))
"""Of the budget that is asked for, the frontier."""

_MONEY = pa.decimal128(18, 4)
MIX_SCHEMA = pa.schema(
    [
        WEEK,
        ("currency", pa.string()),
        ("goal", pa.string()),
        ("budget", _MONEY),
        ("tier", pa.string()),
        ("is_asked", pa.bool_()),
        ("creators", pa.int64()),
        ("available", pa.int64()),
        ("plan_cost", _MONEY),
        ("plan_hours", pa.float64()),
        ("hours_limit", pa.float64()),
        ("outcome", pa.float64()),
        ("outcome_low", pa.float64()),
        ("outcome_high", pa.float64()),
        ("best_share", pa.float64()),
    ]
)
"""The columns of `marts.tier_mix`."""


def tier_mix(
    placements: Placements, posts: pa.Table, budget: Decimal | None = None, hours: float | None = None
) -> pa.Table:
    """The mix of tiers that a budget buys best, for either goal, at half, once and twice the budget.

    Args:
        placements: of the user's campaigns.
        posts: the week's compared posts: whose creators are there to be booked, beside those of campaigns.
        budget: in the currency of most placements; the median loaded cost of the closed campaigns when None.
        hours: hands-on hours that there are; None for no limit.

    Returns:
        A table of `MIX_SCHEMA`, a row a tier that can be planned with (0 of it included). Without a budget, costs or
        outcomes there is no row.
    """
    kept, currency = in_one_currency(placements)
    asked = budget if budget is not None else _usual_budget(kept)
    if currency is None or asked is None or asked <= 0:
        return MIX_SCHEMA.empty_table()
    available = _available(kept, posts)
    tiers = [Tier(tier, draws_of(kept, tier), available[tier]) for tier in TIERS]
    records = []
    for goal in GOALS:
        budgets = [(asked * share).quantize(Decimal("0.0001")) for share in SHARES]
        plans = {
            _money(one): plan for one, plan in frontier(tiers, [float(one) for one in budgets], goal, hours)
        }
        if (best := best_mix(tiers, float(asked), goal, hours)) is not None:
            plans[budgets[SHARES.index(Decimal(1))]] = best
        for money, plan in sorted(plans.items()):
            for tier, creators in plan.creators.items():
                numbers = (plan.hours, plan.outcome, plan.low, plan.high, plan.best_share)
                names = ("plan_hours", "outcome", "outcome_low", "outcome_high", "best_share")
                records.append(
                    {
                        "week_start": kept.week.monday,
                        "currency": currency,
                        "goal": goal,
                        "budget": money,
                        "tier": tier,
                        "is_asked": money == budgets[1],
                        "creators": creators,
                        "available": available[tier],
                        "plan_cost": _money(plan.cost),
                        "hours_limit": hours,
                        **{name: known(value) for name, value in zip(names, numbers, strict=True)},
                    }
                )
    return pa.Table.from_pylist(records, schema=MIX_SCHEMA)


def _usual_budget(placements: Placements) -> Decimal | None:
    """The median loaded cost of the closed campaigns whose cost is known, in whole units."""
    frame = placements.frame.assign(cost=placements.number("cost_loaded"))
    costs = frame.groupby("campaign_key")["cost"].agg(lambda one: one.sum(skipna=False)).dropna()
    costs = costs[np.isfinite(costs) & (costs > 0)]
    return None if costs.empty else Decimal(round(float(costs.median())))


def _available(placements: Placements, posts: pa.Table) -> dict[str, int]:
    """Creators of each tier that the data know: with compared posts in the window, or booked in the year."""
    key = pc.coalesce(pc.cast(posts["creator_key"], pa.string()), pc.cast(posts["account_key"], pa.string()))
    creators = placements.creator()
    found = {}
    for tier in TIERS:
        seen = pc.unique(key.filter(pc.fill_null(pc.equal(pc.cast(posts["tier"], pa.string()), tier), False)))
        found[tier] = len({*seen.to_pylist(), *creators[placements.arm(tier)]} - {None, ""})
    return found


def _money(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal("0.0001"))
