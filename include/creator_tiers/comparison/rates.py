"""Posts become creator rates: one number a creator, platform, kind group, tier and metric.

A creator rate is the mean of ln((engagements_core + 0.5) / denominator) over the creator's posts that have both
(`docs`: metrics, "creator rate"). All sums are sums of integers (logs and ratios in fixed point), so that neither the
order of the rows nor the number of threads can change a digit.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa

from creator_tiers.comparison.arms import Arms, Sums
from creator_tiers.comparison.coded import (
    BRANDED,
    METRICS,
    OWN,
    SIDES,
    TIERS,
    BoolArray,
    Coded,
    IntArray,
    coded,
    log_of,
)
from creator_tiers.comparison.remembered import Remembered

ARMS = (*TIERS, *SIDES)
SUBSETS = ("all", "branded", "own")

_SIDE_OF = np.array([next(i for i, side in enumerate(SIDES.values()) if tier in side) for tier in TIERS])


class Frame:
    """Creator sums of one set of posts.

    Attributes:
        groups: the (platform, kind group) pairs that occur, sorted.
        creators: the names behind the creator codes.
    """

    def __init__(self, posts: Coded, keep: BoolArray | None = None) -> None:
        """Take posts, all of them or those of a mask."""
        self._posts, self._keep = posts, keep
        self.groups = posts.groups
        self.creators = posts.creators
        self._arms: dict[str, Arms] = {}
        self._by_arm: dict[str, Sums] = {}

    @cached_property
    def measured(self) -> frozenset[tuple[int, str]]:
        """(group index, metric) of which some post has the metric, with or without a tier."""
        posts = self._posts
        kept = {
            metric: posts.has(metric) if self._keep is None else posts.has(metric) & self._keep
            for metric in METRICS
        }
        return frozenset(
            (int(group), metric) for metric, has in kept.items() for group in np.unique(posts.group[has])
        )

    @cached_property
    def _fine(self) -> tuple[Sums, IntArray, IntArray, IntArray]:
        """Sums by group, tier and whether branded, and these codes of each."""
        posts = self._posts
        rows = np.flatnonzero(self._usable)
        cell = (posts.group[rows] * len(TIERS) + posts.tier[rows]) * 3 + posts.branded[rows]
        sums = Sums(posts, rows, cell, posts.creator[rows])
        place, branded = np.divmod(sums.cell, 3)
        return sums, *np.divmod(place, len(TIERS)), branded

    @property
    def _usable(self) -> BoolArray:
        posts = self._posts
        usable = (posts.group >= 0) & (posts.tier >= 0) & (posts.creator >= 0)
        return usable if self._keep is None else usable & self._keep

    def by_arm(self, subset: str) -> Sums:
        """Sums of a subset's creators; the cell is `group * len(ARMS) + arm`, of tiers and of sides."""
        if subset not in SUBSETS:
            raise KeyError(f"{subset!r} is no subset of posts; there are {', '.join(SUBSETS)}")
        if subset not in self._by_arm:
            fine, group, tier, branded = self._fine
            rows = np.arange(group.size)
            if subset != "all":
                rows = np.flatnonzero(branded == (BRANDED if subset == "branded" else OWN))
            self._by_arm[subset] = _by_arm(fine, rows, group[rows], tier[rows], fine.creator[rows])
        return self._by_arm[subset]

    def arms(self, subset: str) -> Arms:
        """The arms of a subset by (group index, metric, arm name)."""
        if subset not in self._arms:
            self._arms[subset] = Arms(self.by_arm(subset), ARMS)
        return self._arms[subset]

    def everybody(self, name: str) -> Arms:
        """All creators of a group in one arm of this name, whatever their tiers."""
        fine, group, _, _ = self._fine
        return Arms(Sums(fine, np.arange(group.size), group, fine.creator), (name,))

    def strata(self, stratum: IntArray, size: int) -> Arms:
        """Arms inside strata.

        Args:
            stratum: a code below `size` for each post; -1 for none.
            size: how many there are.

        Returns:
            The arms, with `group * size + stratum` in the place of the group.
        """
        posts = self._posts
        rows = np.flatnonzero(self._usable & (stratum >= 0))
        place = posts.group[rows] * size + stratum[rows]
        fine = Sums(posts, rows, place * len(TIERS) + posts.tier[rows], posts.creator[rows])
        place, tier = np.divmod(fine.cell, len(TIERS))
        return Arms(_by_arm(fine, np.arange(place.size), place, tier, fine.creator), ARMS)


def creator_rates(posts: pa.Table, metric: str, subset: str = "all") -> pa.Table:
    """One row a creator, platform, kind group and tier (or side).

    Args:
        posts: the eligible posts of a comparison.
        metric: one of `METRICS`.
        subset: `all`, `branded` or `own` posts.

    Returns:
        platform, kind_group, tier (the five tiers, `small`, `rest`), creator_key, posts, log_rate (natural log of
        engagements per follower, reach or view), rate = exp(log_rate); sorted by these keys.

    Raises:
        MissingColumnError: the posts lack a column.
        KeyError: an unknown metric or subset.
    """
    if metric not in METRICS:
        raise KeyError(f"{metric!r} is no metric of a comparison; there are {', '.join(METRICS)}")
    frame = frame_of(posts)
    sums = frame.by_arm(subset)
    posts_each = sums.value("posts", metric)
    has = posts_each > 0
    cells, n = sums.cell[has], posts_each[has]
    log_rate = log_of(sums.value("logs", metric)[has], n)
    groups = np.array(frame.groups, dtype=object).reshape(-1, 2)[cells // len(ARMS)]
    table = pa.table(
        {
            "platform": pa.array(groups[:, 0], pa.string()),
            "kind_group": pa.array(groups[:, 1], pa.string()),
            "tier": pa.array(np.array(ARMS, dtype=object)[cells % len(ARMS)], pa.string()),
            "creator_key": frame.creators.take(pa.array(sums.creator[has])),
            "posts": pa.array(n, pa.int64()),
            "log_rate": pa.array(log_rate, pa.float64()),
            "rate": pa.array(np.exp(log_rate), pa.float64()),
        }
    )
    keys = [(name, "ascending") for name in ("platform", "kind_group", "tier", "creator_key")]
    return table.sort_by(keys)


def frame_of(posts: pa.Table) -> Frame:
    """Posts (`coded`) summed by creator, for all metrics and arms. It is remembered while the posts are in use.

    Raises:
        MissingColumnError: a column is missing.
    """
    return _FRAMES(posts)


_FRAMES = Remembered(lambda posts: Frame(coded(posts)))


def _by_arm(fine: Sums, rows: IntArray, group: IntArray, tier: IntArray, creator: IntArray) -> Sums:
    """Sums by group and tier once more by group and arm: each of them is in its tier and in its side."""
    cell = np.concatenate([group * len(ARMS) + tier, group * len(ARMS) + len(TIERS) + _SIDE_OF[tier]])
    return Sums(fine, np.tile(rows, 2), cell, np.tile(creator, 2))
