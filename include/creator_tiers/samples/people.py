"""The accounts of a platform: who they are and how many followers they have on which day."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.samples import cells, words
from creator_tiers.samples.effects import TIERS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LIST_EVERY_DAYS = 14
"""A creator list is made this often: no post is older than its tier's count by more than 13 days."""

_RANGES = {
    "nano": (1_300, 4_500),
    "micro": (5_600, 18_300),
    "mid": (23_000, 88_000),
    "macro": (118_000, 870_000),
    "mega": (1_150_000, 6_500_000),
}
_BOUNDS = {
    "nano": (1_060, 4_890),
    "micro": (5_110, 19_800),
    "mid": (20_400, 98_000),
    "macro": (103_000, 960_000),
    "mega": (1_060_000, 99_000_000),
}
_CROSSING = (88_000, 150_000)


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each purpose, so that a change in one leaves the others' draws alone."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one platform, one array element each, grouped by tier, smallest tier first.

    Attributes:
        platform: the platform.
        handle, name, niche, country: texts.
        tier: place in `TIERS`; the planted tier, which all but a few accounts keep all the time.
        crosses: accounts that grow from mid to macro while the samples run.
        size: followers on the first day.
        growth: change of log followers over 26 weeks.
        low, high: bounds of the followers.
        listed: (account, list) -> the count as that day's creator list shows it, once read back.
        list_days: day of each creator list, from the first day of the samples.
    """

    platform: str
    handle: words.Texts
    name: words.Texts
    niche: words.Texts
    country: words.Texts
    tier: Ints
    crosses: npt.NDArray[np.bool_]
    size: Floats
    growth: Floats
    low: Floats
    high: Floats
    listed: Ints
    list_days: Ints

    def __len__(self) -> int:
        return len(self.tier)

    def followers(self, account: Any, day: Any) -> Ints:
        """Followers of accounts on days (from the first day of the samples); the arguments broadcast."""
        return _followers(self.size, self.growth, self.low, self.high, account, day)

    def listed_at(self, account: Ints, day: Ints) -> Ints:
        """The count of the newest creator list made on or before the day, at most 13 days earlier."""
        return self.listed[account, np.clip(day // LIST_EVERY_DAYS, 0, len(self.list_days) - 1)]


def make_accounts(platform: str, counts: dict[str, int], *, seed: int, days: int) -> Accounts:
    """Draw a platform's accounts: `counts` of each tier, over so many days."""
    rng = stream(seed, f"{platform}.accounts")
    tier = np.repeat(np.arange(len(TIERS)), [counts[name] for name in TIERS])
    count = len(tier)
    ranges = np.log(np.asarray([_RANGES[name] for name in TIERS], dtype=np.float64))[tier]
    size = np.exp(ranges[:, 0] + rng.beta(2.0, 2.6, count) * (ranges[:, 1] - ranges[:, 0]))
    bounds = np.asarray([_BOUNDS[name] for name in TIERS], dtype=np.float64)[tier]
    growth = rng.normal(np.asarray([0.12, 0.09, 0.07, 0.05, 0.03])[tier], 0.06)
    mids = np.flatnonzero(tier == TIERS.index("mid"))
    crosses = np.zeros(count, dtype=bool)
    crosses[mids[-2:] if len(mids) >= 8 else mids[:0]] = True
    size = np.where(crosses, rng.uniform(90_000, 95_000, count), size)
    growth = np.where(crosses, rng.uniform(0.2, 0.35, count), growth)
    bounds[crosses] = _CROSSING
    low, high = bounds[:, 0], bounds[:, 1]
    handle = words.handles(rng, count)
    list_days = np.arange(0, max(days, 1), LIST_EVERY_DAYS)
    exact = _followers(size, growth, low, high, np.arange(count)[:, None], list_days[None, :])
    return Accounts(
        platform=platform,
        handle=handle,
        name=words.display_names(handle),
        niche=words.pick(rng, words.NICHES, count),
        country=words.pick(rng, words.COUNTRIES, count),
        tier=tier,
        crosses=crosses,
        size=size,
        growth=growth,
        low=low,
        high=high,
        listed=as_listed(platform, exact),
        list_days=list_days,
    )


def _followers(size: Floats, growth: Floats, low: Floats, high: Floats, account: Any, day: Any) -> Ints:
    swing = 0.006 * np.sin(np.asarray(day) / 5.0 + np.asarray(account))
    grown = size[account] * np.exp(growth[account] * np.asarray(day) / 182.0 + swing)
    rounded: Ints = np.rint(np.clip(grown, low[account], high[account])).astype(np.int64)
    return rounded


def as_listed(platform: str, followers: Ints) -> Ints:
    """A count as it comes back from a creator list: tools round to `12.3K` or `1.2M`.

    Instagram lists show one decimal of K and M; YouTube's three digits (`1.23M`, `123K`); TikTok's the whole
    number below a million (`51,190`) and one decimal of M from there.
    """
    million, thousand = followers >= 1_000_000, followers >= 1_000
    if platform == "youtube":
        unit = 10 ** np.maximum(np.floor(np.log10(np.maximum(followers, 1))).astype(np.int64) - 2, 0)
    elif platform == "tiktok":
        unit = np.where(million, 100_000, 1)
    else:
        unit = np.where(million, 100_000, np.where(thousand, 100, 1))
    rounded: Ints = (followers + unit // 2) // unit * unit
    return rounded


def listed_text(platform: str, listed: Ints) -> pa.Array:
    """Rounded counts (of `as_listed`) as the list spells them."""
    million, thousand = listed >= 1_000_000, listed >= 1_000
    places = 2 if platform == "youtube" else 1
    short = pc.if_else(
        pa.array(million),
        pc.binary_join_element_wise(cells.decimals(listed / 1e6, places), "M", ""),
        pc.binary_join_element_wise(cells.decimals(listed / 1e3, places), "K", ""),
    )
    whole = cells.integers(listed)
    if platform == "tiktok":
        grouped = pc.binary_join_element_wise(
            cells.integers(listed // 1000), pc.utf8_lpad(cells.integers(listed % 1000), 3, "0"), ","
        )
        short = pc.if_else(pa.array(million), short, grouped)
    return pc.if_else(pa.array(thousand), short, whole)
