"""Shares: of creators, of campaigns. Wilson's interval at one look, a mixture of binomials at every look."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.special import betaln, ndtri, xlog1py, xlogy

from creator_tiers.comparison.intervals import LEVEL


def wilson(hits: int, n: int, level: float = LEVEL) -> tuple[float, float, float]:
    """A share with Wilson's score interval (Wilson, JASA 22, 1927).

    Returns:
        (share, low, high); NaNs when n is 0.
    """
    if n <= 0:
        return math.nan, math.nan, math.nan
    z = float(ndtri(0.5 + level / 2))
    share, square = hits / n, z * z / n
    center = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * math.sqrt(share * (1 - share) / n + square / (4 * n))
    return share, max(0.0, center - reach), min(1.0, center + reach)


def sign_p(wins: int, n: int, share: float = 0.5) -> float:
    """The p-value, good at any look, of the true share of wins being `share`: 1 over an e-value.

    The e-value is the likelihood mixed over a uniform prior of the share, over the likelihood of `share`: a
    martingale (Robbins, Annals of Mathematical Statistics 41, 1970).
    """
    if n <= 0:
        return 1.0
    return math.exp(min(0.0, -_log_e(wins, n, share)))


def share_at_any_look(wins: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """The shares whose e-value stays below 1 / (1 - level): they hold the true one at all looks together."""
    if n <= 0:
        return 0.0, 1.0
    from scipy.optimize import brentq  # most weeks have no campaigns to ask for, and it takes half a second

    edge = -math.log(1 - level)

    def above(share: float) -> float:
        return _log_e(wins, n, share) - edge

    center, tiny = wins / n, 1e-12
    low = 0.0 if wins == 0 or above(tiny) <= 0 else float(brentq(above, tiny, center))
    high = 1.0 if wins == n or above(1 - tiny) <= 0 else float(brentq(above, center, 1 - tiny))
    return low, high


def holm(values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (Scandinavian Journal of Statistics 6, 1979), in the order given; NaN stays NaN and
    is no test.
    """
    tested = sorted((value, index) for index, value in enumerate(values) if not math.isnan(value))
    adjusted, worst = [math.nan] * len(values), 0.0
    for rank, (value, index) in enumerate(tested):
        worst = max(worst, min(1.0, value * (len(tested) - rank)))
        adjusted[index] = worst
    return adjusted


def _log_e(wins: int, n: int, share: float) -> float:
    mixed = float(betaln(wins + 1, n - wins + 1))
    return mixed - float(xlogy(wins, share) + xlog1py(n - wins, -share))
