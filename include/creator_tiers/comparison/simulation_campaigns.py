"""How often the intervals of totals over totals are wrong: simulated campaigns whose truth is known."""

from __future__ import annotations

import math

import numpy as np

from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.simulation import Share
from creator_tiers.comparison.stratified import Pooled, Units, pool_units


def drawn(
    rng: np.random.Generator, campaigns: int, n: int, ratio: float, spread: float, shape: float = 2.0
) -> Units:
    """Orders of creators: Poisson about a gamma rate (negative binomial), log-normal reach.

    Args:
        rng: the source of draws.
        campaigns: strata.
        n: creators of each side in each of them.
        ratio: the true ratio of rates.
        spread: standard deviation of the log ratio between campaigns.
        shape: of the gamma; 2 is a coefficient of variation of 0.7 between creators.
    """
    stratum = np.repeat(np.arange(campaigns), 2 * n)
    arm = np.tile(np.repeat([0, 1], n), campaigns)
    reach = np.exp(rng.normal(10, 0.5, stratum.size))
    effect = math.log(ratio) + spread * rng.standard_normal(campaigns)
    rate = 3e-4 * np.exp(np.where(arm == 0, effect[stratum], 0.0)) * rng.gamma(shape, 1 / shape, stratum.size)
    return Units(stratum, arm, np.arange(stratum.size), rng.poisson(rate * reach).astype(np.float64), reach)


def count_coverage(name: str, campaigns: int, n: int, spread: float, replicates: int) -> tuple[Share, Share]:
    """Shares of 95 % intervals that hold the true ratio of 1.3: at one look, and that of the verdict."""
    rng = generator("counts", name)
    found = [pool_units(drawn(rng, campaigns, n, 1.3, spread), campaigns) for _ in range(replicates)]
    return _holding(found, 1.3)


def growing_campaigns(
    name: str, n: int, spread: float, replicates: int, looks: int = 52
) -> tuple[Share, Share]:
    """Shares of years, a campaign more every fourth week, in which "no difference" is ever called wrong.

    The verdict's floor applies, and one campaign alone is about itself: counting begins with the second.

    Returns:
        The shares of the interval of one look and of that of the verdict.
    """
    rng = generator("growing campaigns", name)
    once = always = 0
    for _ in range(replicates):
        most = looks // 4
        units = drawn(rng, most, n, 1.0, spread)
        found = [_first(units, number) for number in range(2, most + 1)]
        once += any(_excludes(one.ci, 1.0) for one in found)
        always += any(_excludes(one.always, 1.0) for one in found)
    return Share(once / replicates, replicates), Share(always / replicates, replicates)


def _first(units: Units, strata: int) -> Pooled:
    kept = units.stratum < strata
    return pool_units(Units(*(getattr(units, one)[kept] for one in Units.__dataclass_fields__)), strata)


def _holding(found: list[Pooled], truth: float) -> tuple[Share, Share]:
    n = len(found)
    shares = [sum(not _excludes(getattr(one, name), truth) for one in found) / n for name in ("ci", "always")]
    return Share(shares[0], n), Share(shares[1], n)


def _excludes(interval: tuple[float, float], truth: float) -> bool:
    return interval[0] > truth or interval[1] < truth
