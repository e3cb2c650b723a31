"""The posts of a platform: when, of which kind, with which final numbers; and what an export of a day shows.

The planted effect. Inside a tier the creators' log rates (their own effect plus the mechanical part of the
elasticity) are standardised: their mean is the planted level and their standard deviation the planted spread.
Each post adds its own noise, whose mean over a tier's creators is taken out for the posts that the last week
compares. So the ratio of the tiers' geometric mean creator rates is the planted one up to the rounding of counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from creator_tiers.samples.clocks import DAY, Ints
from creator_tiers.samples.effects import TIERS, GroupEffect
from creator_tiers.samples.people import Accounts, Floats, stream

SETTLING_DAYS = {"instagram": 7, "tiktok": 14, "youtube": 28}
WINDOW_DAYS = 90
_WHOLE_SHARE = {"instagram": 1.8, "tiktok": 4.0, "youtube": 14.0}


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts of one platform, one array element each.

    Attributes:
        account: place in `Accounts`.
        published: seconds, UTC, as exact as the platform's exports show.
        group: kind group of each post, a place in `groups`.
        groups: names of the kind groups.
        denominator: followers as the lists show them (Instagram) or final views (the others).
        rate: engagements per denominator once settled.
        views: views once settled.
        comment_share: share of the engagements that are comments.
        share_rate, save_rate: shares and saves per engagement.
        reach_rate: accounts reached per view.
        is_compared: published in the last week's window and settled in the account's last export.
    """

    platform: str
    account: Ints
    published: Ints
    group: Ints
    groups: tuple[str, ...]
    denominator: Floats
    rate: Floats
    views: Floats
    comment_share: Floats
    share_rate: Floats
    save_rate: Floats
    reach_rate: Floats
    is_compared: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.account)


def publishing_times(rng: np.random.Generator, weekly: Floats, *, start: int, days: int) -> tuple[Ints, Ints]:
    """(account, instant) of posts at an even cadence with jitter; `weekly` is each account's posts a week."""
    counts = np.maximum(np.rint(weekly * days / 7), 1).astype(np.int64)
    account = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    place = np.arange(len(account)) - first[account]
    moment = (place + rng.uniform(0.02, 0.98, len(account))) / counts[account]
    return account, start + np.floor(moment * days * DAY).astype(np.int64)


def make_posts(
    accounts: Accounts,
    effects: Mapping[str, GroupEffect],
    *,
    account: Ints,
    published: Ints,
    group: Ints,
    start: int,
    as_of: int,
    last_export: Ints,
    seed: int,
) -> Posts:
    """Draw the numbers of posts whose account, instant and kind group are known.

    Args:
        accounts: the platform's accounts.
        effects: kind group -> what is planted, in the order that `group` counts.
        account: the account of each post.
        published: its instant.
        group: its place in `effects`.
        start: the first instant of the samples.
        as_of: the end of the last week.
        last_export: the instant of each account's last export.
        seed: of the samples.
    """
    rng = stream(seed, f"{accounts.platform}.posts")
    count = len(account)
    settling = SETTLING_DAYS[accounts.platform] * DAY
    compared = (published >= as_of - WINDOW_DAYS * DAY) & (last_export[account] - published >= settling)
    log_rate = np.zeros(count)
    for place, effect in enumerate(effects.values()):
        here = group == place
        active = np.bincount(account, here & compared, len(accounts)) > 0
        creator = _creator_effects(rng, accounts, effect, active)
        noise = rng.normal(0.0, 1.0, count) * effect.post_sd
        level = np.log([effect.base_rate * effect.levels[tier] for tier in TIERS])
        noise = _centred(noise, here & compared, account, accounts.tier)
        log_rate = np.where(here, level[accounts.tier[account]] + creator[account] + noise, log_rate)
    followers = accounts.listed_at(account, (published - start) // DAY).astype(np.float64)
    rate = np.exp(log_rate)
    if accounts.platform == "instagram":
        denominator = followers
        views = rate * followers / np.exp(rng.normal(np.log(0.055), 0.3, count))
    else:
        slope = np.asarray([{"video": 0.62, "short": 0.66}[name] for name in effects])[group]
        scale = 30.0 if accounts.platform == "tiktok" else 14.0
        denominator = views = scale * followers**slope * np.exp(rng.normal(0.0, 0.7, count))
    return Posts(
        platform=accounts.platform,
        account=account,
        published=published,
        group=group,
        groups=tuple(effects),
        denominator=denominator,
        rate=rate,
        views=views,
        comment_share=np.clip(np.exp(rng.normal(np.log(0.045), 0.5, count)), 0.0, 0.5),
        share_rate=np.exp(rng.normal(np.log(0.04), 0.6, count)),
        save_rate=np.exp(rng.normal(np.log(0.05), 0.6, count)),
        reach_rate=np.clip(rng.normal(0.72, 0.09, count), 0.35, 1.08),
        is_compared=compared,
    )


def _creator_effects(
    rng: np.random.Generator, accounts: Accounts, effect: GroupEffect, active: npt.NDArray[np.bool_]
) -> Floats:
    """Each account's deviation from its tier's log level.

    Over a tier's active accounts (those with a compared post) its mean is 0 and its standard deviation the
    planted one.
    """
    tier, weight = accounts.tier, active.astype(np.float64)
    own = rng.normal(0.0, max(effect.creator_sd, 1e-9), len(accounts))
    raw = own + (effect.elasticity - 1.0) * np.log(accounts.size)
    active_ones = np.bincount(tier, weight, len(TIERS))
    mean = np.bincount(tier, raw * weight, len(TIERS)) / np.maximum(active_ones, 1)
    centred = raw - mean[tier]
    spread = np.sqrt(np.bincount(tier, centred**2 * weight, len(TIERS)) / np.maximum(active_ones - 1, 1))
    scale = np.where(active_ones > 1, effect.creator_sd / np.maximum(spread, 1e-12), 0.0)
    scaled: Floats = centred * scale[tier]
    return scaled


def _centred(noise: Floats, chosen: npt.NDArray[np.bool_], account: Ints, tier: Ints) -> Floats:
    """The noise less its tier's mean over creators of their mean over the chosen posts."""
    posts = np.bincount(account, chosen, len(tier))
    means = np.bincount(account, np.where(chosen, noise, 0.0), len(tier)) / np.maximum(posts, 1)
    creators = np.bincount(tier, posts > 0, len(TIERS))
    shift = np.bincount(tier, np.where(posts > 0, means, 0.0), len(TIERS)) / np.maximum(creators, 1)
    return noise - shift[tier[account]]


@dataclass(frozen=True, slots=True)
class Counts:
    """What an export shows of some posts, whole numbers."""

    views: Ints
    likes: Ints
    comments: Ints
    shares: Ints
    saves: Ints
    reach: Ints


def observe(posts: Posts, chosen: Ints, at: int) -> Counts:
    """The numbers of the chosen posts at an instant.

    They grow towards the settled value (half of it at a week on YouTube, nearly all on Instagram) and a little
    beyond; in about one export of twenty they have fallen by up to 2 %, as purged accounts take likes along.
    """
    settling = SETTLING_DAYS[posts.platform] * DAY
    age = np.maximum(at - posts.published[chosen], 60)
    grown = _growth(posts.platform, age)
    luck = _luck(chosen, at)
    fallen = np.where((age > settling) & (luck < 0.05), 1.0 - 0.4 * luck, 1.0)
    part = grown * fallen
    views = np.rint(posts.views[chosen] * part).astype(np.int64)
    on_views = posts.platform != "instagram"
    denominator = views if on_views else posts.denominator[chosen] * part
    engagements = np.maximum(np.rint(posts.rate[chosen] * denominator - 0.5), 0).astype(np.int64)
    comments = np.rint(engagements * posts.comment_share[chosen]).astype(np.int64)
    return Counts(
        views=views,
        likes=engagements - comments,
        comments=comments,
        shares=np.rint(engagements * posts.share_rate[chosen]).astype(np.int64),
        saves=np.rint(engagements * posts.save_rate[chosen]).astype(np.int64),
        reach=np.rint(views * posts.reach_rate[chosen]).astype(np.int64),
    )


def _growth(platform: str, age: Ints) -> Floats:
    """Share of the settled value reached at an age in seconds; from the settling age on slowly above 1."""
    days, settled = age / DAY, SETTLING_DAYS[platform]
    if platform == "youtube":
        early: Any = np.sqrt(days / settled)
    else:
        pace = _WHOLE_SHARE[platform]
        early = (1.0 - np.exp(-days / pace)) / (1.0 - np.exp(-settled / pace))
    late = 1.0 + 0.003 * np.log(np.maximum(days, settled) / settled)
    grown: Floats = np.where(days < settled, early, late)
    return grown


def _luck(chosen: Ints, at: int) -> Floats:
    """A fixed pseudo-random number in [0, 1) of a post and a day: the same in every file of that day."""
    mixed = chosen.astype(np.uint64) * np.uint64(2654435761) + np.uint64(at // DAY * 40503)
    mixed ^= mixed >> np.uint64(13)
    mixed *= np.uint64(0x9E3779B1)
    return (mixed >> np.uint64(8) & np.uint64(0xFFFFFF)).astype(np.float64) / float(1 << 24)
