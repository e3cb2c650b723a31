"""Conversions: what each campaign brought, tier by tier, and where the orders between gross and net went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from creator_tiers.report.inputs import Row, count, number, text
from creator_tiers.report.wording import tier_rank

MAILED = ("orders_net", "revenue_net", "cvr_reach", "cvr_click")
"""Figures of a closed campaign that a later report compares with what it sees."""

STEPS = (
    ("orders_gross", "claims on orders"),
    ("orders_contested", "lost to another creator"),
    ("orders_duplicate", "a second claim on the same order"),
    ("orders_cancelled", "cancelled"),
    ("orders_refunded", "refunded in full"),
    ("orders_excluded", "gifts and repeats"),
    ("orders_net", "net orders"),
)
"""The attribution waterfall: the first less the ones between is the last."""


@dataclass(frozen=True, slots=True)
class CampaignTier:
    """A tier inside a campaign. Cost columns are None in a copy for readers who may not see fees."""

    tier: str
    creators: int
    orders_net: int
    clicks: int | None
    reach: int | None
    views: int | None
    engagements_core: int | None
    cvr_reach: float | None
    cvr_click: float | None
    revenue_net: float | None
    cost_fee: float | None
    cost_loaded: float | None
    cpa: float | None
    cpe: float | None
    roas: float | None
    hours_spent: float | None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign: `marts.campaign_totals` with its clocks and its tiers."""

    campaign_key: str
    brand: str | None
    goal: str | None
    starts_on: str | None
    ends_on: str | None
    is_closed: bool
    share_of_final: float | None
    judged_at: str | None
    creators: int
    orders_gross: int
    orders_contested: int
    orders_duplicate: int
    orders_cancelled: int
    orders_refunded: int
    orders_excluded: int
    orders_net: int
    orders_leak_suspect: int
    orders_new_customers: int
    clicks: int | None
    cvr_reach: float | None
    cvr_click: float | None
    revenue_net: float | None
    currency: str | None
    cost_fee: float | None
    cost_loaded: float | None
    cpa: float | None
    cpe: float | None
    roas: float | None
    placements: int
    placements_cost_unknown: int
    tiers: tuple[CampaignTier, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Every order's fate: `orders` = `orders_credited` + `orders_unattributed`."""

    orders: int
    orders_credited: int
    orders_unattributed: int
    orders_cancelled: int
    orders_refunded: int
    orders_excluded: int
    orders_net: int
    claims_contested: int
    claims_duplicate: int


def build_campaigns(campaigns: Iterable[Row], tiers: Sequence[Row]) -> tuple[Campaign, ...]:
    """Closed campaigns first, the latest start first."""
    found = [_campaign(row, [one for one in tiers if one.get("campaign_key") == row.get("campaign_key")])
             for row in campaigns]  # fmt: skip
    found.sort(key=lambda one: one.campaign_key)
    found.sort(key=lambda one: one.starts_on or "", reverse=True)
    return tuple(sorted(found, key=lambda one: not one.is_closed))


def build_attribution(rows: Sequence[Row]) -> Attribution | None:
    """The totals over all orders; None without an order."""
    if not rows or not count(rows[0], "orders"):
        return None
    return Attribution(**{name: count(rows[0], name) for name in Attribution.__dataclass_fields__})


_NUMBERS = ("cvr_reach", "cvr_click", "revenue_net", "cost_fee", "cost_loaded", "cpa", "cpe", "roas")
"""What a campaign and its tiers have alike."""


def _campaign(row: Row, tiers: Sequence[Row]) -> Campaign:
    counts = (*(name for name, _ in STEPS), "orders_leak_suspect", "orders_new_customers", "creators")
    numbers = ("share_of_final", *_NUMBERS)
    known: dict[str, Any] = {name: count(row, name) for name in counts}
    known |= {name: number(row, name) for name in numbers}
    return Campaign(
        campaign_key=text(row, "campaign_key") or "?",
        brand=text(row, "brand"),
        goal=text(row, "goal"),
        starts_on=text(row, "starts_on"),
        ends_on=text(row, "ends_on"),
        is_closed=row.get("is_closed") is True,
        judged_at=text(row, "judged_at"),
        clicks=_whole(row, "clicks"),
        currency=text(row, "currency"),
        placements=count(row, "placements"),
        placements_cost_unknown=count(row, "placements_cost_unknown"),
        tiers=tuple(sorted((_tier(one) for one in tiers), key=lambda one: tier_rank(one.tier))),
        **known,
    )


def _tier(row: Row) -> CampaignTier:
    wholes = ("clicks", "reach", "views", "engagements_core")
    numbers = (*_NUMBERS, "hours_spent")
    known: dict[str, Any] = {name: _whole(row, name) for name in wholes}
    known |= {name: number(row, name) for name in numbers}
    return CampaignTier(
        tier=text(row, "tier") or "no tier",
        creators=count(row, "creators"),
        orders_net=count(row, "orders_net"),
        **known,
    )


def _whole(row: Row, name: str) -> int | None:
    value = number(row, name)
    return None if value is None else int(value)
