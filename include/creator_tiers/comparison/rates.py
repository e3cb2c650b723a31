"""Posts become creator rates: one number a creator, platform, kind group, tier and metric.

A creator rate is the mean of ln((engagements_core + 0.5) / denominator) over the creator's posts that have both
(`docs`: metrics, "creator rate"). All sums are sums of integers (logs and ratios in fixed point), so that neither the
order of the rows nor the number of threads can change a digit.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.comparison.intervals import FloatArray

IntArray = npt.NDArray[np.int64]

TIERS = ("nano", "micro", "mid", "macro", "mega")
"""From the smallest to the largest."""

SIDES = {"small": ("nano", "micro"), "rest": ("mid", "macro", "mega")}
"""Pooled tiers: a creator with posts in two tiers of a side is one unit of it."""

ARMS = (*TIERS, *SIDES)
KIND_GROUPS = ("feed", "video", "short")
SUBSETS = ("all", "branded", "own")

DENOMINATORS: Mapping[str, str] = {
    "er_followers_settled": "followers_at_post",
    "er_reach_settled": "reach_settled",
    "er_views_settled": "views_settled",
}
"""Metric and the column that it divides by."""

METRICS = tuple(DENOMINATORS)

MEASURED: Mapping[str, str] = {"instagram": "er_followers_settled", "facebook": "er_followers_settled"}
"""The rate that a platform's creators are measured by first; `er_views_settled` elsewhere."""

OFFSET = 0.5
"""Added to the engagements of a post before the log: the declared offset for zeros."""

_LOG_UNIT = 2.0**36
_RATIO_UNIT = 2.0**40
_RATIO_CAP = 1024.0
_OTHER, _OWN, _BRANDED = 0, 1, 2


class MissingColumnError(ValueError):
    """The posts lack a column; the message names it."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the posts of one unit each, sorted by cell and creator.

    Attributes:
        cell: what the unit belongs to, an integer code.
        creator: the creator's code.
        branded: 0 not known, 1 own, 2 branded.
        posts, logs, ratios, engagements, denominators: units x metrics, integers.
    """

    cell: IntArray
    creator: IntArray
    branded: IntArray
    posts: IntArray
    logs: IntArray
    ratios: IntArray
    engagements: IntArray
    denominators: IntArray

    def grouped(self, keep: npt.NDArray[np.bool_], cell: IntArray) -> Sums:
        """The kept units summed by a new cell and the creator."""
        size = int(self.creator.max(initial=0)) + 1
        key = cell[keep] * size + self.creator[keep]
        order = np.argsort(key, kind="stable")
        ordered, rows = key[order], np.flatnonzero(keep)[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))

        def add(values: IntArray) -> IntArray:
            if not starts.size:
                return np.zeros((0, len(METRICS)), dtype=np.int64)
            return np.add.reduceat(values[rows], starts, axis=0)

        first = ordered[starts]
        return Sums(
            first // size,
            first % size,
            np.zeros(starts.size, dtype=np.int64),
            add(self.posts),
            add(self.logs),
            add(self.ratios),
            add(self.engagements),
            add(self.denominators),
        )


@dataclass(frozen=True, slots=True)
class Arm:
    """The creators of one arm of a comparison.

    Attributes:
        logs: creator rates, natural logs, ascending.
        ratios: arithmetic means of the creators' own ratios, ascending.
        posts: posts that they rest on.
        engagements: their engagements in all.
        denominators: their followers, reach or views in all.
    """

    logs: FloatArray
    ratios: FloatArray
    posts: int
    engagements: int
    denominators: int


EMPTY = Arm(np.empty(0), np.empty(0), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """Creator sums of one set of posts.

    Attributes:
        groups: the (platform, kind group) pairs that occur, sorted.
        creators: the names behind the creator codes.
        sums: by subset, then sorted by (group, arm) code `group * len(ARMS) + arm` and creator.
        measured: (group index, metric) of which some post has the metric, with or without a tier.
    """

    groups: tuple[tuple[str, str], ...]
    creators: pa.Array
    sums: Mapping[str, Sums]
    measured: frozenset[tuple[int, str]]

    def arms(self, subset: str) -> dict[tuple[int, str, str], Arm]:
        """The arms of a subset by (group index, metric, arm name); an arm without creators is absent."""
        sums, found = self.sums[subset], {}
        for column, metric in enumerate(METRICS):
            has = np.flatnonzero(sums.posts[:, column] > 0)
            cells = sums.cell[has]
            bounds = np.flatnonzero(np.diff(cells, prepend=-1, append=-1))
            for start, stop in pairwise(bounds):
                rows = has[start:stop]
                posts = sums.posts[rows, column]
                group, arm = divmod(int(cells[start]), len(ARMS))
                found[group, metric, ARMS[arm]] = Arm(
                    np.sort(sums.logs[rows, column] / _LOG_UNIT / posts),
                    np.sort(sums.ratios[rows, column] / _RATIO_UNIT / posts),
                    int(posts.sum()),
                    int(sums.engagements[rows, column].sum()),
                    int(sums.denominators[rows, column].sum()),
                )
        return found


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
    column = METRICS.index(metric)
    frame = frame_of(posts)
    sums = frame.sums[subset]
    has = sums.posts[:, column] > 0
    cells, n = sums.cell[has], sums.posts[has, column]
    log_rate = sums.logs[has, column] / _LOG_UNIT / n
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


_REMEMBERED: list[tuple[weakref.ref[pa.Table], frozenset[str], Frame]] = []


def frame_of(posts: pa.Table, subsets: tuple[str, ...] = SUBSETS) -> Frame:
    """Posts summed by creator, for all metrics and arms at once. It is remembered while the posts are in use.

    Args:
        posts: creator_key (account_key where it is NULL), platform, kind_group, tier, is_branded,
            engagements_core_settled, followers_at_post, reach_settled, views_settled. Posts outside `KIND_GROUPS` and
            negative engagements are left out; a denominator has to be above 0.
        subsets: which of `SUBSETS` are wanted.

    Raises:
        MissingColumnError: a column is missing.
    """
    _REMEMBERED[:] = [entry for entry in _REMEMBERED if entry[0]() is not None]
    for known, has, frame in _REMEMBERED:
        if known() is posts and has.issuperset(subsets):
            return frame
    made = _frame_of(posts, subsets)
    _REMEMBERED.append((weakref.ref(posts), frozenset(subsets), made))
    return made


def _frame_of(posts: pa.Table, subsets: tuple[str, ...]) -> Frame:
    wanted = ("creator_key", "platform", "kind_group", "tier", "is_branded", "engagements_core_settled")
    for name in (*wanted, *DENOMINATORS.values()):
        if name not in posts.column_names:
            raise MissingColumnError(f"the posts to compare lack the column {name}")
    posts = _comparable(posts.select([*wanted, *DENOMINATORS.values(), *_account(posts)]))
    groups, group = _groups(posts)
    creators, creator = _creators(posts)
    tier = _codes(posts["tier"], TIERS)
    branded = pc.fill_null(pc.if_else(pc.cast(posts["is_branded"], pa.bool_()), _BRANDED, _OWN), _OTHER)
    units = _post_sums(
        posts, group * len(TIERS) + tier, creator, np.asarray(branded.to_numpy(), dtype=np.int64)
    )
    measured = frozenset(
        (int(index), metric)
        for column, metric in enumerate(METRICS)
        for index in np.unique(group[units.posts[:, column] > 0])
    )
    known = (tier >= 0) & (creator >= 0) & units.posts.any(axis=1)
    fine = units.grouped(known, units.cell * 3 + units.branded)
    return Frame(groups, creators, {subset: _by_arm(fine, subset) for subset in subsets}, measured)


def _by_arm(fine: Sums, subset: str) -> Sums:
    """Units of (group, tier, branded) summed by (group, arm), tiers and sides."""
    cell, branded = np.divmod(fine.cell, 3)
    group, tier = np.divmod(cell, len(TIERS))
    keep = np.ones(cell.size, dtype=bool)
    if subset != "all":
        keep = branded == (_BRANDED if subset == "branded" else _OWN)
    side_of = np.array([next(i for i, side in enumerate(SIDES.values()) if name in side) for name in TIERS])
    tiers = fine.grouped(keep, group * len(ARMS) + tier)
    sides = fine.grouped(keep, group * len(ARMS) + len(TIERS) + side_of[tier])
    return Sums(
        *(
            np.concatenate([getattr(tiers, name), getattr(sides, name)])[
                np.argsort(np.concatenate([tiers.cell, sides.cell]), kind="stable")
            ]
            for name in Sums.__dataclass_fields__
        )
    )


def _comparable(posts: pa.Table) -> pa.Table:
    """The posts of a platform and kind group that can be compared."""
    kinds = pc.is_in(pc.cast(posts["kind_group"], pa.string()), pa.array(KIND_GROUPS))
    keep = pc.and_(kinds, pc.is_valid(posts["platform"]))
    return posts if pc.all(keep, min_count=0).as_py() else posts.filter(keep)


def _account(posts: pa.Table) -> list[str]:
    return [name for name in posts.column_names if name == "account_key"]


def _post_sums(posts: pa.Table, cell: IntArray, creator: IntArray, branded: IntArray) -> Sums:
    engagements = _numbers(posts["engagements_core_settled"])
    counted = np.isfinite(engagements) & (engagements >= 0)
    shape = (engagements.size, len(METRICS))
    sums = [np.zeros(shape, dtype=np.int64) for _ in range(5)]
    for column, name in enumerate(DENOMINATORS.values()):
        below = _numbers(posts[name])
        has = counted & np.isfinite(below) & (below > 0)
        above, below = engagements[has], below[has]
        sums[0][has, column] = 1
        sums[1][has, column] = np.rint(np.log((above + OFFSET) / below) * _LOG_UNIT)
        sums[2][has, column] = np.rint(np.minimum(above / below, _RATIO_CAP) * _RATIO_UNIT)
        sums[3][has, column] = above
        sums[4][has, column] = below
    return Sums(cell, creator, branded, *sums)


def _groups(posts: pa.Table) -> tuple[tuple[tuple[str, str], ...], IntArray]:
    platforms = sorted(pc.unique(posts["platform"]).to_pylist())
    code = _codes(posts["platform"], platforms) * len(KIND_GROUPS) + _codes(posts["kind_group"], KIND_GROUPS)
    found, index = np.unique(code, return_inverse=True)
    pairs = tuple((platforms[one // len(KIND_GROUPS)], KIND_GROUPS[one % len(KIND_GROUPS)]) for one in found)
    return pairs, index.astype(np.int64)


def _creators(posts: pa.Table) -> tuple[pa.Array, IntArray]:
    key = pc.cast(posts["creator_key"], pa.string())
    if key.null_count and _account(posts):
        key = pc.coalesce(key, pc.cast(posts["account_key"], pa.string()))
    encoded = pc.dictionary_encode(key.combine_chunks())
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return encoded.dictionary, np.asarray(codes, dtype=np.int64)


def _codes(column: pa.ChunkedArray, names: tuple[str, ...] | list[str]) -> IntArray:
    """The position of each value in `names`; -1 for NULL and for what is not among them."""
    position = pc.index_in(pc.cast(column, pa.string()), pa.array(names, pa.string()))
    return np.asarray(pc.fill_null(position, -1).to_numpy(), dtype=np.int64)


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    """As floats, NULL as NaN."""
    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
