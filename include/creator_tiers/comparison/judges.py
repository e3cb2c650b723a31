"""The judges of the claims about campaigns: C4 to C6 and C9 to C13, each from a frame of placements.

Every judge answers for whatever it is given: an input that is missing makes `not_testable` and is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from creator_tiers.comparison.bookings import judge_rebooking, judge_trend
from creator_tiers.comparison.claims import Claim, Measure
from creator_tiers.comparison.outcome import (
    FEWEST_CAMPAIGNS,
    Outcome,
    counted,
    not_testable,
    of_pooled,
    untestable,
)
from creator_tiers.comparison.placements import Placements, by_campaign
from creator_tiers.comparison.proportions import share_at_any_look, sign_p, wilson
from creator_tiers.comparison.stratified import Units, pool_units
from creator_tiers.comparison.verdicts import Verdict, decide

Judge = Callable[[Claim, Placements], list[Outcome]]

DOZENS, A_FEW = 12, 5
"""C5: so many micro-creators or more against so many mega-creators or fewer in one campaign."""
MOST_SCOPES = 200
"""Campaigns that get a row of their own, the newest names last; the pooled row is about all of them."""


def judge_ratios(claim: Claim, placements: Placements) -> list[Outcome]:
    """Totals over totals inside campaigns, pooled; and campaign by campaign where the claim asks for it."""
    found: list[Outcome] = []
    for index, measure in enumerate(claim.measures):
        found += _ratio(claim, measure, placements.closed(measure.goal), is_primary=index == 0)
    return found


def judge_totals(claim: Claim, placements: Placements) -> list[Outcome]:
    """C5: more orders in total from dozens of micros than from a few megas: a fact a campaign, a sign test over all.

    Under equality of creators the many win most of the time, so a total is a fact about a plan, not evidence about
    creators; the verdict over campaigns says how often the fact holds.
    """
    metric = claim.measures[0].metric
    closed = placements.closed()
    if missing := closed.lacks("orders_net", "tier"):
        return [not_testable("all", metric, missing, unit="share", is_primary=True)]
    micro, mega = closed.arm("micro"), closed.arm("mega")
    orders = closed.number("orders_net")
    known = np.isfinite(orders)
    sums = by_campaign(
        {
            "micro": np.where(micro & known, orders, 0.0),
            "mega": np.where(mega & known, orders, 0.0),
            "micros": (micro & known).astype(np.float64),
            "megas": (mega & known).astype(np.float64),
        },
        _place(closed.frame),
    )
    plans = sums[(sums["micros"] >= DOZENS) & sums["megas"].between(1, A_FEW)]
    if plans.empty:
        missing = f"campaigns with {DOZENS} micro or more and 1 to {A_FEW} mega"
        return [not_testable("all", metric, missing, unit="share", is_primary=True)]
    wins, losses = int((plans["micro"] > plans["mega"]).sum()), int((plans["micro"] < plans["mega"]).sum())
    rows = [_signs(claim, metric, wins, wins + losses, len(plans))]
    for name, one in plans.tail(MOST_SCOPES).iterrows():
        estimate = one["micro"] / one["mega"] if one["mega"] > 0 else math.nan
        rows.append(
            Outcome(
                str(name),
                metric,
                Verdict.NOT_ENOUGH_EVIDENCE,
                estimate,
                tiers=("micro", "mega"),
                creators=(int(one["micros"]), int(one["megas"])),
                note=f"fact: {one['micro']:.0f} orders from micro, {one['mega']:.0f} from mega",
            )
        )
    return rows


def _place(frame: pd.DataFrame) -> pd.Series:
    """The campaign, with the platform where it runs on several: orders are compared on one platform."""
    campaign = frame["campaign_key"].astype(str)
    if "platform" not in frame:
        return campaign
    several = frame.groupby("campaign_key")["platform"].transform("nunique") > 1
    return campaign.where(~several, campaign + " / " + frame["platform"].astype(str))


def _signs(claim: Claim, metric: str, wins: int, decided: int, plans: int) -> Outcome:
    share, low, high = wilson(wins, decided)
    always = share_at_any_look(wins, decided) if decided >= FEWEST_CAMPAIGNS else (0.0, 1.0)
    verdict = decide(_odds(always[0]), _odds(always[1]), claim.measures[0].expectation)
    needed = None
    if verdict is Verdict.NOT_ENOUGH_EVIDENCE:
        needed = counted(_campaigns_to_settle(share, decided), "campaign")
    shown = decided >= 3
    return Outcome(
        "all",
        metric,
        verdict,
        share if shown else math.nan,
        (low, high) if shown else (math.nan, math.nan),
        always if decided >= FEWEST_CAMPAIGNS else (math.nan, math.nan),
        unit="share",
        needed=needed,
        tiers=("micro", "mega"),
        strata=decided,
        p=sign_p(wins, decided),
        is_primary=True,
        note=f"micro ahead in {wins} of {decided} campaigns, {plans - decided} tied",
    )


JUDGES: Mapping[str, Judge] = {
    "ratios": judge_ratios,
    "totals": judge_totals,
    "rebooking": judge_rebooking,
    "trend": judge_trend,
}


def _ratio(claim: Claim, measure: Measure, closed: Placements, *, is_primary: bool) -> list[Outcome]:
    wanted = [measure.above, *([measure.below] if measure.below else []), "tier"]
    if not len(closed.frame):
        kind = f"closed {measure.goal} campaigns" if measure.goal else "closed campaigns"
        return [untestable(measure, f"{kind} with a post in the last 365 days", is_primary=is_primary)]
    by_fit = measure.tier_a == "fit"
    if missing := closed.lacks(*wanted, *(["niche_fit"] if by_fit else [])):
        return [untestable(measure, missing, is_primary=is_primary)]
    if by_fit:
        arms = closed.fit(declared=True), closed.fit(declared=False)
        strata = ["campaign_key", "tier"]
    else:
        arms = closed.arm(measure.tier_a), closed.arm(measure.tier_b)
        strata = ["campaign_key"]
    units, names = closed.units(measure.above, measure.below, arms, strata)
    tiers = measure.tier_a, measure.tier_b
    more: dict[str, Any] = {"note": _note(closed, measure)}
    pooled = pool_units(units, len(names))
    rows = [
        of_pooled("all", measure.metric, pooled, tiers, measure.expectation, is_primary=is_primary, **more)
    ]
    if claim.per_campaign:
        rows += [
            of_pooled(name, measure.metric, pool_units(one, 1), tiers, measure.expectation)
            for name, one in _each(units, names[-MOST_SCOPES:], len(names))
        ]
    return rows


def _each(units: Units, names: Sequence[str], strata: int) -> Iterable[tuple[str, Units]]:
    order = np.argsort(units.stratum, kind="stable")
    bounds = np.searchsorted(units.stratum[order], np.arange(strata + 1))
    for position, name in enumerate(names, start=strata - len(names)):
        rows = order[bounds[position] : bounds[position + 1]]
        yield (
            name,
            Units(
                np.zeros(rows.size, dtype=np.int64),
                *(getattr(units, one)[rows] for one in ("arm", "creator", "above", "below")),
            ),
        )


def _note(closed: Placements, measure: Measure) -> str | None:
    wanted = [measure.above, *([measure.below] if measure.below else [])]
    unknown = ~np.all([np.isfinite(closed.number(name)) for name in wanted], axis=0)
    return (
        f"{int(unknown.sum())} placements without {' or '.join(wanted)} left out" if unknown.any() else None
    )


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)


def _campaigns_to_settle(share: float, n: int) -> int:
    """Campaigns more for the interval of every week to leave one half out, at today's share (at least 3 in 4)."""
    likely = max(share, 1 - share, 0.75) if not math.isnan(share) else 0.75
    total = max(n, FEWEST_CAMPAIGNS)
    while sign_p(round(likely * total), total) > 0.05 and total < 10_000:
        total += 1
    return max(total - n, 1)
