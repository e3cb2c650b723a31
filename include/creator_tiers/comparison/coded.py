"""Posts as numbers: texts become codes and counts floats once, and every table of a week reads those.

The posts of a creator stand together, in an order that a hash of their numbers gives: sums of floats then come out the
same whatever the order of delivery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.comparison.intervals import FloatArray
from creator_tiers.comparison.remembered import Remembered

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TIERS = ("nano", "micro", "mid", "macro", "mega")
"""From the smallest to the largest."""

SIDES = {"small": ("nano", "micro"), "rest": ("mid", "macro", "mega")}
"""Pooled tiers: a creator with posts in two tiers of a side is one unit of it."""

KIND_GROUPS = ("feed", "video", "short")

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

NOT_KNOWN, OWN, BRANDED = 0, 1, 2

_ENGAGEMENTS = "engagements_core_settled"
_TEXTS = ("creator_key", "platform", "kind_group", "tier", "is_branded")
_WANTED = (*_TEXTS, _ENGAGEMENTS, *DENOMINATORS.values())
_MORE = ("account_key", "kind", "niche", "published_at", "is_boosted", "followers_flag")
_TELLING = ("kind", "niche", "published_at")
_LOG_UNIT = 2.0**36
_RATIO_UNIT = 2.0**40
_RATIO_CAP = 1024.0


class MissingColumnError(ValueError):
    """The posts lack a column; the message names it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A column of text as codes of its sorted values; a NULL has the code of `unknown` and is not known."""

    names: tuple[str, ...]
    code: IntArray
    is_known: BoolArray


@dataclass(frozen=True)
class Coded:
    """Posts in their own order (see above): arrays of one length; -1 stands for NULL and for what cannot be compared.

    Attributes:
        order: the rows of the table that they come from.
        platforms, platform: sorted names and codes.
        groups, group: the (platform, kind group) pairs that can be compared, and codes.
        creators, creator: sorted names (the account where no roster names a creator), and codes, ascending.
        tier: position in `TIERS`.
        branded: `NOT_KNOWN`, `OWN` or `BRANDED`.
        numbers: engagements and denominators by column, NaN where unknown.
        rest: the columns of the table that are read as they are.
    """

    order: IntArray
    platforms: tuple[str, ...]
    platform: IntArray
    groups: tuple[tuple[str, str], ...]
    group: IntArray
    creators: pa.Array
    creator: IntArray
    tier: IntArray
    branded: IntArray
    numbers: Mapping[str, FloatArray]
    rest: pa.Table

    def has(self, metric: str) -> BoolArray:
        """Which posts can be compared and have the metric."""
        return self._measured[metric][0]

    def logs(self, metric: str) -> FloatArray:
        """ln((engagements + OFFSET) / denominator) of each post; NaN where `has` says no."""
        return self._measured[metric][1]

    @cached_property
    def _measured(self) -> dict[str, tuple[BoolArray, FloatArray]]:
        engagements = self.numbers[_ENGAGEMENTS]
        counted = (engagements >= 0) & np.isfinite(engagements) & (self.group >= 0)
        found = {}
        for metric, name in DENOMINATORS.items():
            below = self.numbers[name]
            has = counted & (below > 0) & np.isfinite(below)
            logs = np.full(engagements.size, np.nan)
            logs[has] = np.log((engagements[has] + OFFSET) / below[has])
            found[metric] = has, logs
        return found

    def value(self, quantity: str, metric: str) -> IntArray:
        """A number a post, 0 where it has no metric: logs and ratios in fixed point, so that no order changes a sum.

        Args:
            quantity: `posts` (1), `logs`, `ratios`, `engagements` or `denominators`.
            metric: of `METRICS`.
        """
        has = self.has(metric)
        if quantity == "posts":
            return has.astype(np.int64)
        found = np.zeros(has.size, dtype=np.int64)
        if quantity == "logs":
            found[has] = np.rint(self.logs(metric)[has] * _LOG_UNIT)
            return found
        above, below = self.numbers[_ENGAGEMENTS][has], self.numbers[DENOMINATORS[metric]][has]
        if quantity == "ratios":
            found[has] = np.rint(np.minimum(above / below, _RATIO_CAP) * _RATIO_UNIT)
        else:
            found[has] = {"engagements": above, "denominators": below}[quantity]
        return found

    def text(self, name: str) -> Text | None:
        """A column of text beside those that are coded already; None where there is no such column."""
        if name not in self.rest.column_names:
            return None
        column = pc.cast(self.rest[name], pa.string())
        names, code = _encoded(pc.fill_null(column, "unknown"))
        known = np.asarray(pc.is_valid(column).to_numpy(), dtype=bool)
        return Text(tuple(names.to_pylist()), code[self.order], known[self.order])

    @cached_property
    def kind(self) -> Text | None:
        """The kinds of the posts."""
        return self.text("kind")

    @cached_property
    def niche(self) -> Text | None:
        """The niches of their creators."""
        return self.text("niche")

    @cached_property
    def month(self) -> IntArray | None:
        """Codes of the months in which they were published; None where that is unknown of all."""
        if "published_at" not in self.rest.column_names:
            return None
        months = np.asarray(self.rest["published_at"].to_numpy(), dtype="datetime64[M]").astype(np.int64)
        return np.unique(months[self.order], return_inverse=True)[1].astype(np.int64)

    def is_set(self, name: str) -> BoolArray:
        """Which posts have a flag: a boolean that is true, a text that is not NULL; nobody without such a column."""
        if name not in self.rest.column_names:
            return np.zeros(self.order.size, dtype=bool)
        flag = self.rest[name]
        is_set = pc.fill_null(flag, False) if pa.types.is_boolean(flag.type) else pc.is_valid(flag)
        return np.asarray(is_set.to_numpy(), dtype=bool)[self.order]


def log_of(fixed: IntArray, posts: IntArray) -> FloatArray:
    """The mean log of creators, from their sums in fixed point."""
    return np.asarray(fixed / _LOG_UNIT / posts)


def ratio_of(fixed: IntArray, posts: IntArray) -> FloatArray:
    """The mean ratio of creators, from their sums in fixed point."""
    return np.asarray(fixed / _RATIO_UNIT / posts)


def coded(posts: pa.Table) -> Coded:
    """Posts as numbers. They are remembered while the table is in use; tables that differ only in `tier` share them.

    Args:
        posts: creator_key (account_key where it is NULL), platform, kind_group, tier, is_branded,
            engagements_core_settled, followers_at_post, reach_settled, views_settled; kind, niche, published_at,
            is_boosted and followers_flag where there are any. Posts outside `KIND_GROUPS` and negative engagements
            are in no comparison; a denominator has to be above 0.

    Raises:
        MissingColumnError: a column is missing.
    """
    return _KNOWN(posts)


def _made_of(posts: pa.Table) -> Coded:
    for name in _WANTED:
        if name not in posts.column_names:
            raise MissingColumnError(f"the posts to compare lack the column {name}")
    used = posts.select([name for name in posts.column_names if name in (*_WANTED, *_MORE)])
    same = next((one for one in _KNOWN if _differ_in_tier(one.rest, used)), None)
    return _coded(used) if same is None else replace(same, tier=_tiers(used)[same.order], rest=used)


_KNOWN = Remembered(_made_of)


def _differ_in_tier(one: pa.Table, other: pa.Table) -> bool:
    """Whether two tables are the same but for their tiers (the tables of the schemes of a week are)."""
    return bool(
        one.column_names == other.column_names
        and one.num_rows == other.num_rows
        and one.drop_columns(["tier"]).equals(other.drop_columns(["tier"]))
    )


def _coded(posts: pa.Table) -> Coded:
    creators, creator = _encoded(_person(posts))
    numbers = {name: _numbers(posts[name]) for name in (_ENGAGEMENTS, *DENOMINATORS.values())}
    platforms, platform = _encoded(pc.cast(posts["platform"], pa.string()))
    kind_group = _codes(posts["kind_group"], KIND_GROUPS)
    pair = np.where((platform < 0) | (kind_group < 0), -1, platform * len(KIND_GROUPS) + kind_group)
    pairs = np.unique(pair[pair >= 0])
    names = tuple(platforms.to_pylist())
    branded = pc.fill_null(pc.if_else(pc.cast(posts["is_branded"], pa.bool_()), BRANDED, OWN), NOT_KNOWN)
    order = _order(creator, pair, numbers, posts)
    return Coded(
        order,
        names,
        platform[order],
        tuple((names[one // len(KIND_GROUPS)], KIND_GROUPS[one % len(KIND_GROUPS)]) for one in pairs),
        np.where(pair < 0, -1, np.searchsorted(pairs, pair))[order],
        creators,
        creator[order],
        _tiers(posts)[order],
        np.asarray(branded.to_numpy(), dtype=np.int64)[order],
        {name: values[order] for name, values in numbers.items()},
        posts,
    )


def _order(creator: IntArray, pair: IntArray, numbers: Mapping[str, FloatArray], posts: pa.Table) -> IntArray:
    """By creator, and of one creator by 40 bits of a hash of a post's numbers: one sort instead of six.

    Posts that are equal in that are told apart by `_TELLING`.
    """
    mixed = pair.astype(np.uint64)
    for values in numbers.values():
        mixed = (mixed ^ values.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    key = (creator << 40) | (mixed >> np.uint64(24)).astype(np.int64)
    order = np.argsort(key).astype(np.int64)
    tied = np.flatnonzero(np.diff(key[order]) == 0)
    if tied.size:
        places = np.union1d(tied, tied + 1)
        rows = order[places]
        told = posts.select([name for name in _TELLING if name in posts.column_names]).take(pa.array(rows))
        codes = [_encoded(pc.cast(column, pa.string()))[1] for column in told.columns]
        order[places] = rows[np.lexsort((*codes, key[rows]))]
    return order


def _person(posts: pa.Table) -> pa.ChunkedArray:
    key = pc.cast(posts["creator_key"], pa.string())
    if key.null_count and "account_key" in posts.column_names:
        key = pc.coalesce(key, pc.cast(posts["account_key"], pa.string()))
    return key


def _tiers(posts: pa.Table) -> IntArray:
    return _codes(posts["tier"], TIERS)


def _encoded(column: pa.ChunkedArray) -> tuple[pa.Array, IntArray]:
    """The sorted values of a column of text, and each row's position among them; -1 for NULL."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    order = pc.sort_indices(encoded.dictionary)
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[np.asarray(order.to_numpy())] = np.arange(len(order))
    place[-1] = -1
    index = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return encoded.dictionary.take(order), place[np.asarray(index, dtype=np.int64)]


def _codes(column: pa.ChunkedArray, names: Sequence[str]) -> IntArray:
    """The position of each value in `names`; -1 for NULL and for what is not among them."""
    position = pc.index_in(pc.cast(column, pa.string()), pa.array(names, pa.string()))
    return np.asarray(pc.fill_null(position, -1).to_numpy(), dtype=np.int64)


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    """As floats, NULL as NaN."""
    return np.array(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
