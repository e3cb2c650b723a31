"""Campaigns of a made-up tea house: placements on Instagram, its shop's orders, its web sessions.

Conversions are planted per reach: each tier's net orders over the reach of its posts, as the newest exports show it.
Around them stand orders of nobody, stacked codes, a shared code, refunds that arrive later, gifts, repeat orders of
subscriptions, and one code that leaked. Money is counted in whole cents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from creator_tiers.samples.campaign_files import (
    HOURLY_RATE,
    HOURS,
    LASTS_DAYS,
    NAMES,
    PRODUCT_COST,
    STARTS,
    Books,
    Placement,
    files_of,
)
from creator_tiers.samples.clocks import DAY, Ints, day_of, end_of
from creator_tiers.samples.effects import TIERS
from creator_tiers.samples.orders import Order
from creator_tiers.samples.people import stream
from creator_tiers.samples.posts import Posts, observe
from creator_tiers.samples.stage import Drawn, Stage

ROSTER = {"micro": (16, 2), "mid": (5, 2), "mega": (3, 1)}
"""Tier to how many accounts take part and how many posts each makes at most."""
COVERED_DAYS = 35
ORDERS_PER_CLICK = 50
LEAK_ORDERS = 14
FEES = {"micro": 140, "mid": 900, "mega": 11_000}


@dataclass(frozen=True, slots=True)
class PlantedConversions:
    """What was planted for a campaign and tier, and what must come out of the files.

    Attributes:
        campaign, tier: where.
        placements: accounts that took part.
        rate: planted net orders per reach.
        reach: of their posts, by the newest exports.
        orders_net: net orders, those of the leaked code included.
        orders_refunded, orders_excluded: credited orders that do not count.
        clicks: sessions of their links.
        leaked: orders of the leaked code among the net ones.
        hours: hands-on hours.
        cost_loaded: currency units; None where a placement's fee is unknown.
    """

    campaign: str
    tier: str
    placements: int
    rate: float
    reach: int
    orders_net: int
    orders_refunded: int
    orders_excluded: int
    clicks: int
    leaked: int
    hours: float
    cost_loaded: float | None


def draw(
    stage: Stage, instagram: Drawn, levels: dict[str, float], base_rate: float
) -> tuple[dict[str, bytes], tuple[PlantedConversions, ...]]:
    """The files of the campaigns that fit into the samples, and what is planted in them.

    Args:
        stage: the frame.
        instagram: accounts and posts; without links there are no campaigns.
        levels: tier -> net orders per reach relative to the mega tier's.
        base_rate: the mega tier's net orders per reach.
    """
    rng = stream(stage.seed, "campaigns")
    placements = list(_placements(rng, stage, instagram))
    if not placements:
        return {}, ()
    books = Books()
    for campaign in sorted({one.campaign for one in placements}):
        for tier in ROSTER:
            here = [one for one in placements if (one.campaign, one.tier) == (campaign, tier)]
            _sell(rng, stage, instagram.posts, here, base_rate * levels[tier], books)
    leaking = next((one for one in placements if one.tier == "micro"), None)
    if leaking is not None:
        _leak(rng, stage, instagram.posts, leaking, books)
    _add_strangers(rng, stage, books)
    truth = tuple(_truth(placements, base_rate, levels))
    return files_of(stage, instagram, placements, books), truth


def _placements(rng: np.random.Generator, stage: Stage, instagram: Drawn) -> Iterator[Placement]:
    """Accounts of the portfolio that is exported weekly, with posts of their own in the campaign's weeks."""
    posts, accounts = instagram.posts, instagram.accounts
    if instagram.links is None or instagram.is_open is None:
        return
    days = (posts.published - stage.start) // DAY
    for campaign, start in enumerate(STARTS):
        if start + LASTS_DAYS > stage.days:
            return
        usable = instagram.is_open & (days >= start) & (days < start + LASTS_DAYS)
        for tier, (accounts_wanted, posts_wanted) in ROSTER.items():
            members = np.flatnonzero((accounts.tier == TIERS.index(tier)) & ~accounts.crosses)
            active = [one for one in members if np.any(usable & (posts.account == one))]
            chosen = rng.permutation(np.asarray(active, dtype=np.int64))[:accounts_wanted]
            for number, account in enumerate(sorted(chosen.tolist())):
                mine = np.flatnonzero(usable & (posts.account == account))[:posts_wanted]
                yield Placement(
                    campaign=campaign,
                    account=account,
                    tier=tier,
                    handle=str(accounts.handle[account]),
                    posts=mine.tolist(),
                    reach=int(_newest_reach(stage, posts, mine).sum()),
                    code=_code(str(accounts.handle[account]), campaign),
                    fee=None if (campaign, tier, number) == (1, "micro", 0) else FEES[tier],
                )


def _code(handle: str, campaign: int) -> str:
    return f"{''.join(letter for letter in handle.upper() if letter.isalnum())[:12]}{10 + 5 * campaign}"


def _newest_reach(stage: Stage, posts: Posts, chosen: Ints) -> Ints:
    """Reach as the last export shows it that still covers the post."""
    found = np.zeros(len(chosen), dtype=np.int64)
    for day in stage.export_days(7):
        at = end_of(day)
        shown = (posts.published[chosen] <= at) & (posts.published[chosen] > at - COVERED_DAYS * DAY)
        if shown.any():
            found[shown] = observe(posts, chosen[shown], at).reach
    return found


def _sell(
    rng: np.random.Generator,
    stage: Stage,
    posts: Posts,
    here: list[Placement],
    rate: float,
    books: Books,
) -> None:
    """Orders in proportion to reach, by largest remainder, so that the tier's rate is the planted one."""
    if not here:
        return
    exact = np.asarray([one.reach * rate for one in here])
    counts = np.floor(exact).astype(np.int64)
    short = round(float(exact.sum())) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    for one, count in zip(here, counts.tolist(), strict=True):
        for _ in range(count):
            order = _order(rng, stage, posts, one, books)
            if order is not None:
                one.net += 1
                one.clicks += ORDERS_PER_CLICK if "utm_content" in order.utm else 0
        for fate, many in (("refunded", count // 12), ("excluded", 1)):
            for _ in range(many):
                order = _order(rng, stage, posts, one, books, fate=fate)
                if order is not None:
                    setattr(one, fate, getattr(one, fate) + 1)


def _order(
    rng: np.random.Generator,
    stage: Stage,
    posts: Posts,
    one: Placement,
    books: Books,
    fate: str = "net",
) -> Order | None:
    """An order some days after one of the posts; None where the samples end before."""
    post = one.posts[int(rng.integers(len(one.posts)))]
    at = int(posts.published[post]) + int(rng.exponential(3.0) * DAY) % (20 * DAY) + 600
    refunded_at = at + int(rng.uniform(4, 18) * DAY)
    if at >= stage.as_of - DAY or (fate == "refunded" and refunded_at >= stage.as_of - DAY):
        return None
    by_link = fate == "net" and rng.random() < 0.3
    codes = () if by_link else (("STACK5", one.code) if rng.random() < 0.04 else (one.code,))
    utm = {"utm_source": "ig", "utm_medium": "social", "utm_campaign": NAMES[one.campaign]}
    utm = utm | {"utm_content": one.handle} if by_link else {}
    cents = 0 if fate == "excluded" else int(rng.integers(1_500, 9_000))
    order = Order(
        at=at,
        cents=cents,
        codes=codes,
        utm=utm,
        customer=f"guest{len(books.orders)}",
        lines=1 + int(rng.random() < 0.25),
        refunds_all=fate == "refunded",
        refunds_part=fate == "net" and rng.random() < 0.06,
        refunded_at=refunded_at,
    )
    books.orders.append(order)
    if by_link:
        key = (day_of(at), NAMES[one.campaign], one.handle)
        books.sessions[key] = books.sessions.get(key, 0) + ORDERS_PER_CLICK
    return order


def _leak(rng: np.random.Generator, stage: Stage, posts: Posts, one: Placement, books: Books) -> None:
    """A coupon site finds a code: a burst on one day, weeks after the last post, without a click."""
    last = max(int(posts.published[post]) for post in one.posts)
    day = (last // DAY + 24) * DAY
    if day + 2 * DAY >= stage.as_of:
        return
    for number in range(LEAK_ORDERS):
        at = day + 3_600 + number * 2_000
        order = Order(
            at=at,
            cents=int(rng.integers(1_500, 9_000)),
            codes=(one.code.lower(),),
            customer=f"hunter{number}",
        )
        books.orders.append(order)
        one.net += 1
        one.leaked += 1


def _add_strangers(rng: np.random.Generator, stage: Stage, books: Books) -> None:
    """Orders of nobody: without a code, with a coupon site's, and those of subscriptions."""
    span = stage.as_of - stage.start - 2 * DAY
    for number in range(stage.days):
        at = stage.start + int(rng.random() * span)
        codes = ("HONEY15",) if rng.random() < 0.1 else ("Custom discount",) if rng.random() < 0.04 else ()
        books.orders.append(
            Order(
                at=at,
                cents=int(rng.integers(1_200, 8_000)),
                codes=codes,
                customer=f"regular{number % 40}",
                source="subscription_contract" if number % 5 == 0 else "web",
                is_cancelled=rng.random() < 0.03,
            )
        )
    for back in range(stage.days):
        day = day_of(stage.start + back * DAY)
        books.sessions[day, "(not set)", "(not set)"] = 80 + (back * 37) % 60


def _truth(
    placements: list[Placement], base_rate: float, levels: dict[str, float]
) -> Iterator[PlantedConversions]:
    for campaign in sorted({one.campaign for one in placements}):
        for tier in ROSTER:
            here = [one for one in placements if (one.campaign, one.tier) == (campaign, tier)]
            if not here:
                continue
            costs = [_cost(one) for one in here]
            known = [cost for cost in costs if cost is not None]
            yield PlantedConversions(
                campaign=NAMES[campaign],
                tier=tier,
                placements=len(here),
                rate=base_rate * levels[tier],
                reach=sum(one.reach for one in here),
                orders_net=sum(one.net for one in here),
                orders_refunded=sum(one.refunded for one in here),
                orders_excluded=sum(one.excluded for one in here),
                clicks=sum(one.clicks for one in here),
                leaked=sum(one.leaked for one in here),
                hours=sum(HOURS[one.tier] for one in here),
                cost_loaded=sum(known) if len(known) == len(costs) else None,
            )


def _cost(one: Placement) -> float | None:
    return None if one.fee is None else one.fee + PRODUCT_COST + HOURS[one.tier] * HOURLY_RATE
