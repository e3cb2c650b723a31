"""The tier mix for a budget: how many creators of each tier bring the most, and what it would take to be sure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from creator_tiers.decisions.break_even import TierDraws

GOALS = ("awareness", "conversion")
"""Awareness counts reach, conversion net orders."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier that can be booked.

    Attributes:
        name: such as `micro`.
        draws: what a placement costs and brings.
        available: creators that can be booked.
    """

    name: str
    draws: TierDraws
    available: int


@dataclass(frozen=True, slots=True)
class Mix:
    """A plan.

    Attributes:
        creators: by tier.
        cost, hours: expected, of the plan.
        outcome: expected reach or net orders.
        low, high: the 95 % interval of the outcome of this plan, over the draws.
        best_share: share of draws in which this plan is within 1 % of the best one for that draw's numbers.
    """

    creators: Mapping[str, int]
    cost: float
    hours: float
    outcome: float
    low: float
    high: float
    best_share: float


def best_mix(
    tiers: Sequence[Tier], budget: float, goal: str, hours: float | None = None, checks: int = 100
) -> Mix | None:
    """The whole numbers of creators that bring the most for a budget (scipy's mixed-integer solver).

    Args:
        tiers: what can be booked; a tier whose cost, outcome, or hours (when limited) are unknown is left out.
        budget: in the currency of the costs.
        goal: `awareness` or `conversion`.
        hours: hands-on hours that there are, None for no limit.
        checks: draws for which the best plan is looked up again.

    Returns:
        None when nothing can be planned.

    Raises:
        ValueError: an unknown goal, or a budget that is not a positive number.
    """
    if goal not in GOALS:
        raise ValueError(f"goal is {goal!r}; it has to be one of {', '.join(GOALS)}")
    if not (math.isfinite(budget) and budget > 0):
        raise ValueError(f"the budget {budget!r} has to be a positive number")
    usable = [tier for tier in tiers if _is_known(tier, goal, hours)]
    if not usable:
        return None
    cost, spent, value = (_column(usable, name) for name in ("cost", "hours", _outcome(goal)))
    available = np.array([tier.available for tier in usable], dtype=np.float64)
    means = tuple(np.nanmean(one, axis=0) for one in (cost, spent, value))
    if not (means[2] > 0).any():  # nobody has brought anything yet
        return None
    plan = _solve(means[0], means[1], means[2], available, budget, hours)
    if plan is None:
        return None
    outcomes = value @ plan
    low, high = np.quantile(outcomes, [0.025, 0.975])
    return Mix(
        creators={tier.name: round(n) for tier, n in zip(usable, plan, strict=True)},
        cost=float(means[0] @ plan),
        hours=float(np.nan_to_num(means[1]) @ plan),
        outcome=float(means[2] @ plan),
        low=float(low),
        high=float(high),
        best_share=_best_share(plan, (cost, spent, value), available, budget, hours, checks),
    )


def frontier(
    tiers: Sequence[Tier], budgets: Sequence[float], goal: str, hours: float | None = None
) -> list[tuple[float, Mix]]:
    """The best plan for each budget, ascending; budgets for which nothing can be planned are left out."""
    plans = [(budget, best_mix(tiers, budget, goal, hours, checks=0)) for budget in sorted(budgets)]
    return [(budget, plan) for budget, plan in plans if plan is not None]


def _solve(
    cost: np.ndarray,
    spent: np.ndarray,
    value: np.ndarray,
    available: np.ndarray,
    budget: float,
    hours: float | None,
) -> np.ndarray | None:
    from scipy.optimize import Bounds, LinearConstraint, milp  # half a second, where there is a plan to make

    limits = [LinearConstraint(cost[None, :], -np.inf, budget)]
    if hours is not None:
        limits.append(LinearConstraint(spent[None, :], -np.inf, hours))
    found = milp(-value, constraints=limits, integrality=np.ones(cost.size), bounds=Bounds(0, available))
    return np.round(found.x) if found.success else None


def _best_share(
    plan: np.ndarray,
    draws: tuple[np.ndarray, np.ndarray, np.ndarray],
    available: np.ndarray,
    budget: float,
    hours: float | None,
    checks: int,
) -> float:
    hits, tried = 0, 0
    for cost, spent, value in zip(*(one[:checks] for one in draws), strict=True):
        best = _solve(cost, spent, value, available, budget, hours)
        if best is not None:
            tried += 1
            # a plan that this draw cannot pay for is scaled down to what it can
            scale = min(1.0, budget / float(cost @ plan)) if cost @ plan > 0 else 1.0
            hits += float(value @ plan) * scale >= 0.99 * float(value @ best)
    return hits / tried if tried else math.nan


def _column(tiers: Sequence[Tier], name: str) -> np.ndarray:
    return np.column_stack([getattr(tier.draws, name) for tier in tiers])


def _outcome(goal: str) -> str:
    return "reach" if goal == "awareness" else "orders"


def _is_known(tier: Tier, goal: str, hours: float | None) -> bool:
    names = ["cost", _outcome(goal), *([] if hours is None else ["hours"])]
    known = all(np.isfinite(getattr(tier.draws, name)).all() for name in names)
    return known and tier.available > 0 and bool((tier.draws.cost > 0).all())
