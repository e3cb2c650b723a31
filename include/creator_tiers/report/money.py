"""Money: what an order and an engagement cost in each tier, break-even, and the mix that a budget buys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from creator_tiers.report.inputs import Row, count, number, text
from creator_tiers.report.wording import tier_rank

SIDES = ("small", "rest")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; None where the data carry none, and then `needed` says what is missing."""

    value: float | None
    low: float | None
    high: float | None
    needed: str | None


@dataclass(frozen=True, slots=True)
class TierCost:
    """What a tier costs by one measure (`marts.tier_costs`)."""

    tier: str
    measure: str
    estimate: Estimate
    placements: int
    placements_known: int


@dataclass(frozen=True, slots=True)
class BreakEven:
    """How many of `tier_a` are worth one of `tier_b`, by one measure (`marts.break_even`)."""

    tier_a: str
    tier_b: str
    measure: str
    estimate: Estimate
    placements_a: int
    placements_b: int


@dataclass(frozen=True, slots=True)
class Booking:
    """Creators of a tier in a plan."""

    tier: str
    creators: int
    available: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The best mix for a budget and a goal (`marts.tier_mix`); `outcome` is reach or net orders."""

    goal: str
    budget: float
    is_asked: bool
    bookings: tuple[Booking, ...]
    cost: float | None
    hours: float | None
    hours_limit: float | None
    outcome: float | None
    outcome_low: float | None
    outcome_high: float | None
    best_share: float | None


@dataclass(frozen=True, slots=True)
class Money:
    """All amounts are in `currency`."""

    currency: str
    costs: tuple[TierCost, ...]
    break_even: tuple[BreakEven, ...]
    plans: tuple[Plan, ...]


def build_money(costs: Sequence[Row], break_even: Sequence[Row], mix: Sequence[Row]) -> Money | None:
    """The week's decisions; None where no closed campaign has a currency."""
    currency = next((text(row, "currency") for row in (*costs, *break_even, *mix)), None)
    if currency is None:
        return None
    return Money(currency, tuple(_costs(costs)), tuple(_break_even(break_even)), tuple(_plans(mix)))


def _estimate(row: Row) -> Estimate:
    return Estimate(number(row, "value"), number(row, "low"), number(row, "high"), text(row, "needed"))


def _costs(rows: Iterable[Row]) -> Iterable[TierCost]:
    found = [
        TierCost(
            tier=text(row, "tier") or "?",
            measure=text(row, "measure") or "?",
            estimate=_estimate(row),
            placements=count(row, "placements"),
            placements_known=count(row, "placements_known"),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.measure, tier_rank(one.tier)))


def _break_even(rows: Iterable[Row]) -> Iterable[BreakEven]:
    for row in rows:
        yield BreakEven(
            tier_a=text(row, "tier_a") or "?",
            tier_b=text(row, "tier_b") or "?",
            measure=text(row, "measure") or "?",
            estimate=_estimate(row),
            placements_a=count(row, "placements_a"),
            placements_b=count(row, "placements_b"),
        )


def _plans(rows: Sequence[Row]) -> Iterable[Plan]:
    for goal, budget in sorted({(text(row, "goal") or "?", number(row, "budget") or 0.0) for row in rows}):
        same = [row for row in rows if (text(row, "goal"), number(row, "budget")) == (goal, budget)]
        bookings = [
            Booking(text(row, "tier") or "?", count(row, "creators"), count(row, "available")) for row in same
        ]
        first = same[0]
        yield Plan(
            goal=goal,
            budget=budget,
            is_asked=first.get("is_asked") is True,
            bookings=tuple(sorted(bookings, key=lambda one: tier_rank(one.tier))),
            cost=number(first, "plan_cost"),
            hours=number(first, "plan_hours"),
            hours_limit=number(first, "hours_limit"),
            outcome=number(first, "outcome"),
            outcome_low=number(first, "outcome_low"),
            outcome_high=number(first, "outcome_high"),
            best_share=number(first, "best_share"),
        )
