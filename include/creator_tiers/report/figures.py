"""Numbers in words: amounts, rates, shares, and the names of what is measured."""

from __future__ import annotations

import math

from creator_tiers.report.tabular import Cell
from creator_tiers.report.wording import count_text

UNKNOWN = "unknown"

COSTS = {
    "cost_per_order": "cost per order, hours included",
    "cost_per_order_without_hours": "cost per order without hours",
    "cost_per_engagement": "cost per engagement, hours included",
    "cost_per_engagement_without_hours": "cost per engagement without hours",
    "cost_per_placement": "cost per placement",
    "fee_per_post": "fee per post",
    "hours_per_placement": "hours per placement",
    "orders_per_placement": "net orders per placement",
}
BREAK_EVENS = {
    "equal_budget": "for the same budget, hours included",
    "equal_budget_without_hours": "for the same budget, hours left out",
    "equal_orders": "for the same net orders",
    "equal_reach": "for the same reach",
}
VARIANTS = {
    "geometric_means": "as in the claim",
    "ratio_of_sums": "all engagements over all denominators",
    "mean_of_ratios": "mean of the creators' ratios",
    "ratio_of_medians": "ratio of medians",
    "winsorised": "extremes pulled in",
    "medians": "medians with their own interval",
    "bootstrap_t": "bootstrap-t interval",
    "own_only": "own posts only",
    "without_boosted": "without boosted posts",
    "followers_known_in_time": "followers known at posting only",
    "kind_niche_month": "adjusted for kind, niche and month",
    "elasticity": "elasticity of engagements to followers",
    "without_leak_suspects": "without orders of codes that may have leaked",
}
MEASURES = {
    "orders_net": "net orders",
    "revenue_net": "net revenue",
    "cvr_reach": "net orders per account reached",
    "cvr_click": "net orders per click",
}


def number_text(value: float | None) -> str:
    """Three significant digits, no exponent: `0.0123`, `4.56`, `78.9`, `1,230`."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    if size >= 99.95 or value == 0:
        return f"{value:,.0f}"
    digits = 2 if size >= 1 else 3 if size >= 0.1 else 4 if size >= 0.01 else 5
    return f"{value:.{digits}f}" if size < 10 else f"{value:.1f}"


def money_text(value: float | None, currency: str | None) -> str:
    """An amount with its currency: `0.61 USD`, `12,345 USD`."""
    if value is None:
        return UNKNOWN
    amount = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
    return f"{amount} {currency}" if currency else amount


def percent_text(value: float | None) -> str:
    """A share or a rate as a percentage with two significant digits or more: `2.1%`, `0.042%`, `63%`."""
    if value is None:
        return UNKNOWN
    percent = value * 100
    size = abs(percent)
    digits = 0 if size >= 10 or percent == 0 else 1 if size >= 1 else 1 - math.floor(math.log10(size))
    return f"{percent:.{digits}f}%"


def count_cell(value: int | None) -> Cell:
    """A count, NULL unknown."""
    return Cell(count_text(value), None if value is None else float(value))


def percent_cell(value: float | None, small: str = "") -> Cell:
    """A rate, NULL unknown."""
    return Cell(percent_text(value), value, small)


def money_cell(value: float | None, currency: str | None) -> Cell:
    """An amount, NULL unknown."""
    return Cell(money_text(value, currency), value)
