"""Whole numbers of posts summed by creator, and the arms of a comparison that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from creator_tiers.comparison.coded import METRICS, IntArray, log_of, ratio_of
from creator_tiers.comparison.intervals import FloatArray, Moments, log_moments


class Summable(Protocol):
    """Rows whose numbers can be added up: posts, or sums of posts."""

    def value(self, quantity: str, metric: str) -> IntArray:
        """A whole number a row (`Coded.value`)."""


class Sums:
    """Rows summed by a cell and the creator, sorted by both; a number is added up when it is first asked for.

    Attributes:
        cell, creator: codes of the sums.
    """

    def __init__(self, of: Summable, rows: IntArray, cell: IntArray, creator: IntArray) -> None:
        """Group rows.

        Args:
            of: what the rows are of.
            rows: which of them; a row may be there more than once.
            cell, creator: their codes, not negative.
        """
        size = int(creator.max(initial=0)) + 1
        key = cell * size + creator
        order = np.argsort(key)
        key = key[order]
        self._starts = np.flatnonzero(np.diff(key, prepend=-1))
        self._of, self._rows = of, rows[order]
        self.cell, self.creator = np.divmod(key[self._starts], size)
        self._known: dict[tuple[str, str], IntArray] = {}

    def value(self, quantity: str, metric: str) -> IntArray:
        """A quantity of a metric (`Coded.value`) of each sum."""
        found = self._known.get((quantity, metric))
        if found is None:
            found = np.zeros(0, dtype=np.int64)
            if self._starts.size:
                found = np.add.reduceat(self._of.value(quantity, metric)[self._rows], self._starts)
            self._known[quantity, metric] = found
        return found


@dataclass(frozen=True)
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

    @cached_property
    def moments(self) -> Moments:
        """Of the logs."""
        return log_moments(self.logs)

    @cached_property
    def median(self) -> float:
        """Of the logs."""
        return float(np.median(self.logs))

    @cached_property
    def mean_ratio(self) -> float:
        """The arithmetic mean over creators of their mean ratio."""
        return float(self.ratios.mean())


EMPTY = Arm(np.empty(0), np.empty(0), 0, 0, 0)


class Arms(Mapping[tuple[int, str, str], Arm]):
    """Arms by (group index, metric, arm name), each made when it is first asked for; without creators it is absent."""

    def __init__(self, sums: Sums, names: Sequence[str]) -> None:
        """Look at sums.

        Args:
            sums: their cells are `group * len(names) + position of the name`.
            names: of the arms.
        """
        self._sums = sums
        self._made: dict[tuple[int, str, str], Arm] = {}
        self._logs: dict[tuple[int, str, str], FloatArray] = {}
        self._bounds: dict[tuple[int, str, str], slice] = {}
        starts = np.flatnonzero(np.diff(sums.cell, prepend=-1))
        stops = [*starts[1:].tolist(), sums.cell.size]
        for metric in METRICS if starts.size else ():
            posts = np.add.reduceat(sums.value("posts", metric), starts)
            for start, stop, n in zip(starts.tolist(), stops, posts.tolist(), strict=True):
                if n:
                    group, name = divmod(int(sums.cell[start]), len(names))
                    self._bounds[group, metric, names[name]] = slice(start, stop)

    def __getitem__(self, key: tuple[int, str, str]) -> Arm:
        """The arm; KeyError where nobody is in it."""
        if key not in self._made:
            rows = self._bounds[key]
            posts, fixed, above, below = (
                self._sums.value(quantity, key[1])[rows]
                for quantity in ("posts", "ratios", "engagements", "denominators")
            )
            ratios = np.sort(ratio_of(fixed[posts > 0], posts[posts > 0]))
            sums = int(posts.sum()), int(above.sum()), int(below.sum())
            self._made[key] = Arm(self.logs(key), ratios, *sums)
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        """Whether anybody is in the arm."""
        return key in self._bounds

    def logs(self, key: tuple[int, str, str]) -> FloatArray:
        """The logs of the arm alone, which is most of what is asked for; empty where nobody is in it."""
        if key not in self._bounds:
            return EMPTY.logs
        if key not in self._logs:
            posts, fixed = (self._sums.value(one, key[1])[self._bounds[key]] for one in ("posts", "logs"))
            self._logs[key] = np.sort(log_of(fixed[posts > 0], posts[posts > 0]))
        return self._logs[key]

    def __iter__(self) -> Iterator[tuple[int, str, str]]:
        """Their keys."""
        return iter(self._bounds)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._bounds)
