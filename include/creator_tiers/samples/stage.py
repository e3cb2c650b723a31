"""What every platform's writer is given: the calendar, the seed, the scale and the effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from creator_tiers.samples import words
from creator_tiers.samples.clocks import DAY, day_of, end_of, seconds
from creator_tiers.samples.effects import METRICS, TIERS, Effects, GroupEffect
from creator_tiers.samples.people import Accounts
from creator_tiers.samples.posts import Posts
from creator_tiers.weeks import Week

DEFAULT_COUNTS: Mapping[str, Mapping[str, int]] = {
    "instagram": {"nano": 24, "micro": 110, "mid": 36, "macro": 26, "mega": 64},
    "tiktok": {"nano": 3, "micro": 42, "mid": 4, "macro": 3, "mega": 42},
    "youtube": {"nano": 3, "micro": 20, "mid": 4, "macro": 3, "mega": 20},
}
"""Accounts per platform and tier. Instagram's are cheap (many to a file), the others cost a file each."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The frame of one set of samples.

    Attributes:
        seed: of every draw.
        start: first instant of the first week's first day, seconds UTC.
        as_of: the end of the last week, seconds UTC; everything is observed before it.
        effects: what is planted.
        creators: accounts per tier and platform, None for `DEFAULT_COUNTS`.
    """

    seed: int
    start: int
    as_of: int
    effects: Effects
    creators: int | None

    @classmethod
    def of(cls, *, seed: int, weeks: int, until: Week, effects: Effects, creators: int | None) -> Stage:
        """The stage of so many weeks that end with the week `until`."""
        first = day_of(seconds(until.shift(1 - weeks).starts_at))
        return cls(seed, end_of(first) - DAY + 1, seconds(until.ends_at), effects, creators)

    @property
    def days(self) -> int:
        """Whole days from `start` to `as_of`."""
        return (self.as_of - self.start) // DAY

    @property
    def last_day(self) -> date:
        """The last day that is over before `as_of`."""
        return day_of(self.as_of - DAY)

    def counts(self, platform: str) -> dict[str, int]:
        """Accounts per tier of a platform."""
        if self.creators is None:
            return dict(DEFAULT_COUNTS[platform])
        return dict.fromkeys(TIERS, self.creators)

    def group_effects(self, platform: str) -> dict[str, GroupEffect]:
        """Kind group -> what is planted, in the order in which the platform's posts count their groups."""
        return {kind: self.effects.groups[name, kind] for name, kind in METRICS if name == platform}

    def export_days(self, every: int) -> list[date]:
        """Every so many days back from the last day, oldest first, as long as there is a week to export."""
        found = [self.last_day - timedelta(days=back) for back in range(0, max(self.days - 6, 1), every)]
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A platform's accounts and posts, and its files: path inside the landing zone -> bytes.

    Attributes:
        links: each post's address, where the platform's exports show one.
        is_open: posts that a weekly export shows with all their numbers.
    """

    accounts: Accounts
    posts: Posts
    files: dict[str, bytes] = field(default_factory=dict)
    links: pa.Array | None = None
    is_open: npt.NDArray[np.bool_] | None = None


def sidecar(**facts: str) -> bytes:
    """A `.meta.yaml` that stands beside an export which does not say when it was made."""
    return "".join(f"{name}: {value}\n" for name, value in facts.items()).encode()


BRANDED_SHARE = np.asarray([0.03, 0.05, 0.08, 0.11, 0.14])
"""Share of posts whose text discloses a paid partnership, by tier."""


def disclosed(rng: np.random.Generator, texts: words.Texts, tier: np.ndarray) -> words.Texts:
    """The texts, with a disclosure added to a few."""
    marks = words.pick(rng, words.DISCLOSURES, len(texts))
    return np.where(rng.random(len(texts)) < BRANDED_SHARE[tier], texts + marks, texts)


def one_line(texts: words.Texts) -> words.Texts:
    """The texts without line ends: titles have none."""
    flat: words.Texts = np.char.replace(texts.astype(str), "\n", " ").astype(object)
    return flat
