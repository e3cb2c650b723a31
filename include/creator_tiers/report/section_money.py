"""Money: what orders and engagements cost, break-even, the suggested mix."""

from __future__ import annotations

from collections.abc import Iterator

from creator_tiers.report.figures import BREAK_EVENS, money_text, number_text, percent_text
from creator_tiers.report.model import ReportModel
from creator_tiers.report.money import Estimate, Money, Plan
from creator_tiers.report.tabular import Cell, DataTable, Section, cells, table
from creator_tiers.report.wording import count_text, inputs_text


def money(model: ReportModel) -> Section | None:
    """Costs, break-even and the suggested mix; None in a copy without fees."""
    if not model.shows_fees:
        return None
    if model.money is None:
        why = "No closed campaign with known costs yet: fees, product, commission, boost and hours in placements.csv."
        return Section("money", "Money", (why,), ())
    return Section(
        "money",
        "Money",
        tuple(_money_lines(model.money)),
        (_costs(model.money), _even(model.money), _plans(model.money)),
    )


def _money_lines(found: Money) -> Iterator[str]:
    even = {one.measure: one.estimate for one in found.break_even}
    budget, orders = even.get("equal_budget"), even.get("equal_orders")
    if budget and budget.value is not None and orders and orders.value is not None:
        yield (
            f"One mega-creator costs as much as {number_text(budget.value)} micro-creators, hours included, and brings "
            f"the net orders of {number_text(orders.value)} (95% interval {_range(orders)})."
        )
    chance = even.get("chance_of_more_orders")
    if chance and chance.value is not None:
        yield (
            f"Chance, on your data so far, that a mega-creator's budget brings more net orders when it is spent on "
            f"micro-creators: {percent_text(chance.value)}."
        )
    yield (
        f"Closed campaigns of the last year, amounts in {found.currency} only. Intervals are 95%, from joint draws "
        "over placements."
    )


def _range(one: Estimate) -> str:
    if one.low is None:
        return "none"
    return (
        f"{number_text(one.low)} to {number_text(one.high)}"
        if one.high is not None
        else f"from {number_text(one.low)}"
    )


def _estimate(one: Estimate, currency: str | None = None) -> Cell:
    if one.value is None:
        return Cell("no number", None, f"needs {inputs_text(one.needed)}" if one.needed else "")
    shown = money_text(one.value, currency) if currency else number_text(one.value)
    return Cell(shown, one.value, _range(one))


def _costs(found: Money) -> DataTable:
    tiers = [one for one in dict.fromkeys(cost.tier for cost in found.costs) if one not in ("small", "rest")]
    named = {(cost.tier, cost.measure): cost.estimate for cost in found.costs}
    none = Estimate(None, None, None, None)
    measures = (
        "cost_per_order",
        "cost_per_order_without_hours",
        "cost_per_engagement",
        "cost_per_engagement_without_hours",
    )
    placements = {cost.tier: cost.placements for cost in found.costs}
    rows = [
        cells(
            Cell(tier, small=count_text(placements[tier], "placement")),
            *(_estimate(named.get((tier, name), none), found.currency) for name in measures),
        )
        for tier in tiers
    ]
    heads = ("Tier", "Per order", "without hours", "Per engagement", "without hours")
    caption = "What an order and an engagement cost"
    pairs = []
    for tier in tiers:
        found_ones = [named.get((tier, name), none) for name in measures]
        order, engagement = found_ones[:2], found_ones[2:]
        pairs.append(
            cells(
                tier, *(_with_and_without(both[0], both[1], found.currency) for both in (order, engagement))
            )
        )
    narrow = table(
        f"{caption}, hours included; below: the interval, and without hours",
        ("Tier", "Per order", "Per engagement"),
        pairs,
        (1, 2),
        file="costs.csv",
    )
    return table(caption, heads, rows, range(1, 5), file="costs.csv", empty="No tier has a known cost yet.",
                 narrow=narrow if pairs else None)  # fmt: skip


def _with_and_without(one: Estimate, other: Estimate, currency: str) -> Cell:
    made = _estimate(one, currency)
    bare = f"without hours {money_text(other.value, currency)}" if other.value is not None else ""
    return Cell(made.text, made.sort, "; ".join(filter(None, (made.small, bare))))


def _even(found: Money) -> DataTable:
    rows = [
        cells(BREAK_EVENS[one.measure], _estimate(one.estimate))
        for one in found.break_even
        if one.measure in BREAK_EVENS
    ]
    return table("Micro-creators that equal one mega-creator", ("Equal", "Micros per mega"), rows, (1,),
                 file="break_even.csv", empty="Break-even needs 3 placements of micro and 3 of mega.")  # fmt: skip


def _plans(found: Money) -> DataTable:
    rows = []
    for plan in sorted(found.plans, key=lambda one: (one.goal != "conversion", not one.is_asked, one.budget)):
        what = "net orders" if plan.goal == "conversion" else "reach"
        rows.append(
            cells(
                Cell(
                    f"{plan.goal}, {money_text(plan.budget, found.currency)}",
                    small="" if plan.is_asked else "for comparison",
                ),
                Cell(
                    _mix(plan),
                    None,
                    f"costs {money_text(plan.cost, found.currency)}, {number_text(plan.hours)} hours",
                ),
                Cell(
                    f"{number_text(plan.outcome)} {what}",
                    plan.outcome,
                    f"{number_text(plan.outcome_low)} to {number_text(plan.outcome_high)}",
                ),
            )
        )
    note = (
        "The whole numbers of creators that bring the most for the budget, on what placements cost and brought so far, "
        "each creator booked once."
    )
    return table("Suggested mix of tiers", ("Goal and budget", "Book", "Expected"), rows, (2,), file="mix.csv",
                 note=note, empty="No mix can be suggested yet: costs or outcomes are unknown.")  # fmt: skip


def _mix(plan: Plan) -> str:
    booked = [f"{count_text(one.creators)} {one.tier}" for one in plan.bookings if one.creators]
    return ", ".join(booked) or "nobody"
