"""The files that a made-up tea house has of its campaigns: two lists, its shop's orders, its web sessions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from creator_tiers.samples.clocks import DAY, day_of, end_of
from creator_tiers.samples.orders import Order, orders_csv, sessions_csv
from creator_tiers.samples.people import Accounts
from creator_tiers.samples.stage import Drawn, Stage

SHOP = "teahouse_sample"
PROPERTY = "teahouse.example"
STARTS = (14, 49, 84, 147)
"""First day of each campaign, from the first day of the samples; the last is still open when they end."""
NAMES = ("spring infusion", "iced oolong", "autumn blend", "winter chai")
LASTS_DAYS = 21
_COLUMNS = (
    "campaign,platform,handle,fee,product_cost,commission,boost_spend,hours_spent,contracted_posts,"
    "brief_level,niche_fit,promo_codes,utm_source,utm_medium,utm_campaign,utm_content,post_links,agent"
)
HOURS = {"micro": 2.5, "mid": 4.0, "mega": 9.0}
"""Hands-on hours with a creator of each tier."""
PRODUCT_COST, HOURLY_RATE = 25, 50
"""Currency units: of what each creator gets, and of an hour of work with them."""


@dataclass(slots=True)
class Placement:
    """An account in a campaign, and what its sales have come to so far.

    Attributes:
        campaign, account: positions in `NAMES` and among the accounts.
        tier, handle: of the account.
        posts: positions of its posts.
        reach: of these, by the newest exports.
        code: its discount code.
        fee: currency units; None where it is unknown.
        net, refunded, excluded, leaked: orders by fate; leaked ones are net.
        clicks: sessions of its link.
    """

    campaign: int
    account: int
    tier: str
    handle: str
    posts: list[int]
    reach: int
    code: str
    fee: int | None
    net: int = 0
    refunded: int = 0
    excluded: int = 0
    leaked: int = 0
    clicks: int = 0


@dataclass(slots=True)
class Books:
    """What was sold and seen: orders; sessions by day, campaign and content."""

    orders: list[Order] = field(default_factory=list)
    sessions: dict[tuple[date, str, str], int] = field(default_factory=dict)


def files_of(stage: Stage, instagram: Drawn, placements: list[Placement], books: Books) -> dict[str, bytes]:
    """The two lists, two overlapping exports of the shop, and the report of the web sessions; name to bytes."""
    last = stage.last_day
    early = max(last - timedelta(days=42), day_of(stage.start))
    numbered = [
        replace(order, number=1001 + number)
        for number, order in enumerate(sorted(books.orders, key=lambda one: one.at))
    ]
    overlap = end_of(early) - 30 * DAY
    first = [one for one in numbered if one.at <= end_of(early)]
    second = [one for one in numbered if one.at > overlap]
    return {
        f"campaigns/campaigns_{last.isoformat()}.csv": _campaigns(stage, placements),
        f"campaigns/placements_{last.isoformat()}.csv": _placements_csv(instagram, placements),
        f"orders/{SHOP}/orders_export_{early.isoformat()}.csv": orders_csv(first, end_of(early)),
        f"orders/{SHOP}/orders_export_{last.isoformat()}.csv": orders_csv(second, end_of(last)),
        f"web/{PROPERTY}/sessions_{day_of(stage.start).isoformat()}_{last.isoformat()}.csv": sessions_csv(
            PROPERTY, day_of(stage.start), last, books.sessions
        ),
    }


def _campaigns(stage: Stage, placements: list[Placement]) -> bytes:
    lines = ["campaign,brand,goal,niche,starts_on,ends_on,currency,hourly_rate"]
    for campaign in sorted({one.campaign for one in placements}):
        first = day_of(stage.start) + timedelta(days=STARTS[campaign])
        until = first + timedelta(days=LASTS_DAYS)
        goal = "awareness" if campaign == 2 else "conversion"
        lines.append(f"{NAMES[campaign]},Tea House,{goal},food,{first},{until},USD,{HOURLY_RATE}")
    return ("\n".join(lines) + "\n").encode()


def _placements_csv(instagram: Drawn, placements: list[Placement]) -> bytes:
    accounts: Accounts = instagram.accounts
    lines = [_COLUMNS]
    for one in placements:
        links = (
            ";".join(str(instagram.links[post]) for post in one.posts) if instagram.links is not None else ""
        )
        fit = "high" if str(accounts.niche[one.account]).lower() in ("food", "travel", "home") else "low"
        fee = "" if one.fee is None else one.fee
        agent = "yes" if one.tier == "mega" else "no"
        lines.append(
            f"{NAMES[one.campaign]},instagram,@{one.handle},{fee},{PRODUCT_COST},0,0,{HOURS[one.tier]},{len(one.posts)},loose,{fit},"
            f"{one.code},ig,social,{NAMES[one.campaign]},{one.handle},{links},{agent}"
        )
    return ("\n".join(lines) + "\n").encode()
