"""A week's decisions as tables: what a tier costs, how many micros are worth a mega (`mixing`: what a budget buys).

They rest on the placements of closed campaigns with a post in the year before as-of, in the currency that most of those
have: amounts in others are not added to it. Every interval is 95 % over joint draws, seeded from claim and week.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from creator_tiers.comparison.coded import SIDES, TIERS
from creator_tiers.comparison.outcome import counted
from creator_tiers.comparison.placements import Placements
from creator_tiers.decisions.break_even import (
    BreakEven,
    FloatArray,
    TierDraws,
    break_even,
    draw_tier,
    draw_weights,
    mean_of,
    ratio_of,
    summary,
)

CLAIM = "C6"
"""Draws are seeded from the claim about cost, the week and the tier."""

WEEK = ("week_start", pa.date32())
"""The first column of each table."""

_LIMITS = [("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64())]

COST_SCHEMA = pa.schema(
    [
        WEEK,
        ("currency", pa.string()),
        ("tier", pa.string()),
        ("measure", pa.string()),
        *_LIMITS,
        ("placements", pa.int64()),
        ("placements_known", pa.int64()),
        ("needed", pa.string()),
    ]
)
"""The columns of `marts.tier_costs`."""

BREAK_EVEN_SCHEMA = pa.schema(
    [
        WEEK,
        ("currency", pa.string()),
        ("tier_a", pa.string()),
        ("tier_b", pa.string()),
        ("measure", pa.string()),
        *_LIMITS,
        ("placements_a", pa.int64()),
        ("placements_b", pa.int64()),
        ("needed", pa.string()),
    ]
)
"""The columns of `marts.break_even`."""

PAIR = ("micro", "mega")
_MEASURES: Mapping[str, tuple[str, str | None]] = {
    "cost_per_order": ("cost_loaded", "orders_net"),
    "cost_per_order_without_hours": ("direct", "orders_net"),
    "cost_per_engagement": ("cost_loaded", "engagements_core"),
    "cost_per_engagement_without_hours": ("direct", "engagements_core"),
    "cost_per_placement": ("cost_loaded", None),
    "fee_per_post": ("cost_fee", "contracted_posts"),
    "hours_per_placement": ("hours_spent", None),
    "orders_per_placement": ("orders_net", None),
}
"""What of a tier is worked out: a total over a total, or a mean over placements."""


def in_one_currency(placements: Placements) -> tuple[Placements, str | None]:
    """The closed campaigns' placements in the currency that most of them have (the first by name of equals)."""
    closed = placements.closed()
    if "currency" not in closed.frame or not len(closed.frame):
        return Placements(closed.frame.iloc[:0], closed.week), None
    counts = closed.frame["currency"].dropna().astype(str).value_counts()
    if counts.empty:
        return Placements(closed.frame.iloc[:0], closed.week), None
    currency = str(min(counts[counts == counts.max()].index))
    kept = closed.frame[closed.frame["currency"].eq(currency)].reset_index(drop=True)
    return Placements(kept, closed.week), currency


def tier_costs(placements: Placements) -> pa.Table:
    """What a tier's orders, engagements and placements cost, with hours and without.

    Args:
        placements: of the user's campaigns (`placements_of`).

    Returns:
        A table of `COST_SCHEMA`. With fewer than three placements that know both numbers `value` is NULL and `needed`
        says what is missing; a value that is infinite (a cost and no order) is NULL too.
    """
    kept, currency = in_one_currency(placements)
    records = []
    for tier in (*TIERS, *SIDES):
        mask = kept.arm(tier)
        if not mask.any():
            continue
        columns = {name: one[mask] for name, one in _numbers(kept).items()}
        names = [name for name in columns if np.isfinite(columns[name]).any()]
        weights, rows = draw_weights(
            [columns[name] for name in names] or [columns["orders_net"]], *_seed(kept, tier)
        )
        for measure, (above, below) in _MEASURES.items():
            given = columns[above], columns[below] if below else np.ones(int(mask.sum()))
            drawn = mean_of(weights, rows, given[0]) if below is None else ratio_of(weights, rows, *given)
            both = int((np.isfinite(given[0]) & np.isfinite(given[1])).sum())
            records.append(
                {
                    "week_start": kept.week.monday,
                    "currency": currency,
                    "tier": tier,
                    "measure": measure,
                    **_limits(summary(drawn)),
                    "placements": int(mask.sum()),
                    "placements_known": both,
                    "needed": _lacking(summary(drawn), both, above, below),
                }
            )
    return pa.Table.from_pylist(records, schema=COST_SCHEMA)


def break_even_table(placements: Placements) -> pa.Table:
    """Micros per mega for an equal budget, equal net orders and equal reach: a table of `BREAK_EVEN_SCHEMA`.

    Where an input is unknown `value` is NULL and `needed` says which; without campaigns there is no row.
    """
    kept, currency = in_one_currency(placements)
    if currency is None:
        return BREAK_EVEN_SCHEMA.empty_table()
    micro, mega = (draws_of(kept, tier) for tier in PAIR)
    found = break_even(micro, mega)
    counts = {"placements_a": micro.placements, "placements_b": mega.placements}
    common = {
        "week_start": kept.week.monday,
        "currency": currency,
        "tier_a": PAIR[0],
        "tier_b": PAIR[1],
        **counts,
    }
    records = [
        {**common, "measure": measure, **_limits(values), "needed": _unknown(values, needs, micro, mega)}
        for measure, values, needs in _break_evens(found)
    ]
    return pa.Table.from_pylist(records, schema=BREAK_EVEN_SCHEMA)


def _break_evens(found: BreakEven) -> Iterator[tuple[str, tuple[float, float, float], str]]:
    yield "equal_budget", found.equal_budget, "cost with hours"
    yield "equal_budget_without_hours", found.equal_direct, "cost"
    yield "equal_orders", found.equal_orders, "net orders"
    yield "equal_reach", found.equal_reach, "reach"
    yield "chance_of_more_orders", (found.better, math.nan, math.nan), "cost with hours and net orders"


def _numbers(placements: Placements) -> dict[str, FloatArray]:
    names = (
        "cost_loaded",
        "cost_fee",
        "orders_net",
        "engagements_core",
        "contracted_posts",
        "hours_spent",
        "reach",
    )
    parts = ("fee", "product_cost", "commission", "boost_spend")
    direct = np.sum([placements.number(name) for name in parts], axis=0)
    return {**{name: placements.number(name) for name in names}, "direct": direct}


def draws_of(placements: Placements, tier: str) -> TierDraws:
    """Draws of what a tier's placements cost and bring."""
    mask = placements.arm(tier)
    columns = {name: one[mask] for name, one in _numbers(placements).items()}
    return draw_tier(
        columns["cost_loaded"],
        columns["hours_spent"],
        columns["orders_net"],
        columns["reach"],
        *_seed(placements, tier),
        direct=columns["direct"],
    )


def _seed(placements: Placements, tier: str) -> tuple[str, ...]:
    return CLAIM, placements.week.label, tier


def _limits(values: tuple[float, float, float]) -> dict[str, float | None]:
    return dict(zip(("value", "low", "high"), map(known, values), strict=True))


def known(value: float) -> float | None:
    """A number to 12 digits, None where it is not finite."""
    return float(f"{value:.12g}") if math.isfinite(value) else None


def _lacking(values: Sequence[float], both: int, above: str, below: str | None) -> str | None:
    if math.isfinite(values[0]):
        return None
    names = " and ".join(
        name for name in ("cost without hours" if above == "direct" else above, below) if name
    )
    return f"3 placements with {names}" if both < 3 else f"{below or above} above 0"


def _unknown(values: Sequence[float], needs: str, micro: TierDraws, mega: TierDraws) -> str | None:
    if math.isfinite(values[0]):
        return None
    short = [
        f"{counted(3 - one.placements, f'{tier} placement')} more"
        for tier, one in zip(PAIR, (micro, mega), strict=True)
        if one.placements < 3
    ]
    return ", ".join(short) or f"placements of both tiers with {needs}"
