"""How often the intervals are wrong: simulated creators whose truth is known.

Each study draws log creator rates, looks at them through the same functions as the product and counts. The counts
come with their Monte Carlo standard error. Nothing here runs in the weekly line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.intervals import (
    FloatArray,
    Interval,
    Moments,
    sequential_interval,
    welch_interval,
)
from creator_tiers.comparison.verdicts import FEWEST_FOR_VERDICT, MARGIN

LOOKS = 52
Path = npt.NDArray[np.int64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of replicates with its Monte Carlo standard error."""

    value: float
    replicates: int

    @property
    def error(self) -> float:
        """The standard error of the share."""
        return math.sqrt(self.value * (1 - self.value) / self.replicates)

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} ± {100 * self.error:.1f} %"


@dataclass(frozen=True, slots=True)
class Arms:
    """What the two arms are like.

    Attributes:
        shape: the distribution of log rates, a key of `SHAPES`.
        sd: their standard deviations (a, b).
        log_ratio: the true log of a / b.
        mirrored: b is skewed to the other side.
    """

    shape: str = "normal"
    sd: tuple[float, float] = (0.8, 0.8)
    log_ratio: float = 0.0
    mirrored: bool = False


def _log_gamma(k: float) -> Draw:
    mean, sd = float(digamma(k)), math.sqrt(float(polygamma(1, k)))
    return lambda rng, size: (np.log(rng.gamma(k, size=size)) - mean) / sd


SHAPES: Mapping[str, Draw] = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "t, 3 df": lambda rng, size: rng.standard_t(3, size) / math.sqrt(3),
    "10 % outliers x4": lambda rng, size: (
        rng.standard_normal(size) * np.where(rng.random(size) < 0.1, 4, 1) / 1.581
    ),
    "log of gamma(2)": _log_gamma(2),
    "log of exponential": _log_gamma(1),
    "exponential": lambda rng, size: rng.standard_exponential(size) - 1,
}
"""Log rates with mean 0 and standard deviation 1. The last three are skewed: -0.8, -1.1 and 2."""


def growth(first: int, last: int, looks: int = LOOKS) -> Path:
    """Creators at each weekly look, growing evenly."""
    return np.rint(np.linspace(first, last, looks)).astype(np.int64)


def coverage(name: str, arms: Arms, n: tuple[int, int], replicates: int) -> tuple[Share, Share]:
    """Shares of Welch and of sequential intervals that hold the truth at one look."""
    once, always = _growing(name, arms, growth(n[0], n[0], 1), growth(n[1], n[1], 1), replicates)
    truth = math.exp(arms.log_ratio)
    return _share(~_excludes(once, truth)), _share(~_excludes(always, truth))


def ever_excluded(name: str, arms: Arms, n_a: Path, n_b: Path, replicates: int) -> tuple[Share, Share]:
    """Shares of histories in which the truth is ever excluded: by Welch's interval, by the sequential one.

    The verdict's floor applies to both: looks with fewer than five creators in an arm do not count.
    """
    once, always = _growing(name, arms, n_a, n_b, replicates)
    truth, counts = math.exp(arms.log_ratio), np.minimum(n_a, n_b) >= FEWEST_FOR_VERDICT
    return _share(_excludes(once, truth) & counts), _share(_excludes(always, truth) & counts)


def ever_called_equal(name: str, arms: Arms, n_a: Path, n_b: Path, replicates: int) -> Share:
    """Share of histories in which the verdict is ever `no_material_difference`."""
    _, always = _growing(name, arms, n_a, n_b, replicates)
    return _share((always.low > MARGIN[0]) & (always.high < MARGIN[1]))


def found(name: str, arms: Arms, n: tuple[int, int], replicates: int) -> Share:
    """Share of data sets in which the interval that carries the verdict lies above 1."""
    _, always = _growing(name, arms, growth(n[0], n[0], 1), growth(n[1], n[1], 1), replicates)
    return _share(always.low > 1)


def rolling_panel(
    name: str, arms: Arms, n: tuple[int, int], persistent: float, replicates: int
) -> tuple[Share, Share]:
    """The product's own case: the same creators every week, of whom only the last 13 weeks' posts count.

    Args:
        name: seeds the draws.
        arms: the log rates.
        n: creators in the arms, the same in all weeks.
        persistent: share of the variance between creators that stays with the creator; the rest is the luck of the
            posts in the window.
        replicates: histories.

    Returns:
        Shares of histories in which the truth is ever excluded by Welch's and by the sequential interval.
    """
    rng, window = generator("rolling", name), 13
    each: list[Moments] = []
    for arm, (size, sd) in enumerate(zip(n, arms.sd, strict=True)):
        luck = np.cumsum(rng.standard_normal((replicates, size, LOOKS + window)), axis=2)
        luck = (luck[:, :, window:] - luck[:, :, :-window]) / math.sqrt(window)
        stays = _side(arms, arm) * SHAPES[arms.shape](rng, (replicates, size, 1))
        logs = sd * (math.sqrt(persistent) * stays + math.sqrt(1 - persistent) * luck)
        counts = np.full(LOOKS, float(size))
        each.append(Moments(counts, logs.mean(axis=1), logs.var(axis=1, ddof=1)))
    return (
        _share(_excludes(welch_interval(each[0], each[1]), 1.0)),
        _share(_excludes(sequential_interval(each[0], each[1]), 1.0)),
    )


def _growing(name: str, arms: Arms, n_a: Path, n_b: Path, replicates: int) -> tuple[Interval, Interval]:
    """Both intervals at every look, replicates x looks."""
    rng = generator("growing", name)
    each: list[Moments] = []
    for arm, (path, sd) in enumerate(zip((n_a, n_b), arms.sd, strict=True)):
        logs = sd * _side(arms, arm) * SHAPES[arms.shape](rng, (replicates, int(path[-1])))
        logs += arms.log_ratio if arm == 0 else 0.0
        n = path.astype(np.float64)
        total, squares = np.cumsum(logs, axis=1)[:, path - 1], np.cumsum(logs**2, axis=1)[:, path - 1]
        mean = total / n
        each.append(Moments(n, mean, np.maximum(squares - n * mean**2, 0) / (n - 1)))
    return welch_interval(each[0], each[1]), sequential_interval(each[0], each[1])


def _side(arms: Arms, arm: int) -> float:
    return -1.0 if arms.mirrored and arm == 1 else 1.0


def _excludes(interval: Interval, truth: float) -> npt.NDArray[np.bool_]:
    return np.asarray((interval.low > truth) | (interval.high < truth))


def _share(hits: npt.NDArray[np.bool_]) -> Share:
    """Of replicates, not of looks: whether it happened at any look."""
    ever = hits.any(axis=1) if hits.shape[1] > 1 else hits[:, 0]
    return Share(float(ever.mean()), int(ever.size))
