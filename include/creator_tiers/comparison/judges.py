"""The judges of the claims about campaigns: C4 to C6 and C9 to C13, each from a frame of placements.

Every judge answers for whatever it is given: an input that is missing makes `not_testable` and is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from creator_tiers.comparison.claims import Claim, Measure
from creator_tiers.comparison.outcome import ALIKE, Outcome, counted, not_testable, of_pooled
from creator_tiers.comparison.placements import Placements, by_campaign
from creator_tiers.comparison.proportions import share_at_any_look, sign_p, wilson
from creator_tiers.comparison.stratified import Units, pool_units
from creator_tiers.comparison.verdicts import Verdict, decide

Judge = Callable[[Claim, Placements], list[Outcome]]

REBOOKED_WITHIN = timedelta(days=180)
DOZENS, A_FEW = 12, 5
"""C5: so many micro-creators or more against so many mega-creators or fewer in one campaign."""
_LATE, _EARLY = "last 365 days", "365 days before"
FEWEST_CAMPAIGNS = 5
"""Campaigns that a verdict over campaigns as units needs."""
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


def judge_rebooking(claim: Claim, placements: Placements) -> list[Outcome]:
    """C11: who is booked again within 180 days, and who has an agent; shares of creators, with Wilson's interval."""
    found: list[Outcome] = []
    for index, measure in enumerate(claim.measures):
        column = measure.above
        frame = _rebooked(placements) if column == "is_rebooked" else placements
        arms = frame.arm(measure.tier_a), frame.arm(measure.tier_b)
        missing = frame.lacks(column, "tier")
        if missing and column == "is_rebooked":
            missing = "placements whose 180 days have run"
        if missing:
            found.append(_untestable(measure, missing, is_primary=index == 0))
            continue
        y = frame.number(column)
        kept = (arms[0] | arms[1]) & np.isfinite(y)
        creator, _ = pd.factorize(frame.creator()[kept], sort=True)
        arm = np.where(arms[0][kept], 0, 1)
        rows = pd.DataFrame({"arm": arm, "creator": creator, "y": y[kept]})
        shares = rows.groupby(["arm", "creator"])["y"].max().reset_index()
        units = Units(
            np.zeros(len(shares), dtype=np.int64),
            shares["arm"].to_numpy(np.int64),
            shares["creator"].to_numpy(np.int64),
            shares["y"].to_numpy(np.float64),
            np.ones(len(shares)),
        )
        note = "; ".join(
            _share_text(name, shares.loc[shares["arm"] == side, "y"])
            for side, name in enumerate((measure.tier_a, measure.tier_b))
        )
        found.append(
            of_pooled(
                "all",
                measure.metric,
                pool_units(units, 1),
                (measure.tier_a, measure.tier_b),
                measure.expectation,
                is_primary=index == 0,
                note=note,
            )
        )
    return found


def judge_trend(claim: Claim, placements: Placements) -> list[Outcome]:
    """C13: micro's share of placements and of spend, the last 365 days against the 365 before; campaigns as units.

    A placement without a tier is in no share: else followers that are known of late only would look like growth.
    """
    found: list[Outcome] = []
    frame = placements.frame
    for index, measure in enumerate(claim.measures):
        column = measure.below
        if missing := placements.lacks("starts_on", "tier", *([column] if column else [])):
            found.append(_untestable(measure, missing, is_primary=index == 0))
            continue
        started = pd.to_datetime(frame["starts_on"], errors="coerce", utc=True).dt.tz_localize(None)
        as_of = pd.Timestamp(placements.week.ends_at).tz_convert(None)
        year = pd.Timedelta(days=365)
        late = np.asarray((started < as_of) & (started >= as_of - year))
        early = np.asarray((started < as_of - year) & (started >= as_of - 2 * year))
        e = placements.number(column) if column else np.ones(len(frame))
        y = np.where(placements.arm("micro"), e, 0.0)
        kept = (late | early) & np.isfinite(e)
        if column and "currency" in frame:
            kept &= np.asarray(frame["currency"].eq(_main_currency(frame["currency"], e, kept)))
        tierless = kept & np.asarray(frame["tier"].isna())
        kept &= ~tierless
        campaign, _ = pd.factorize(frame["campaign_key"][kept], sort=True)
        units = Units(
            np.zeros(int(kept.sum()), dtype=np.int64),
            np.where(late[kept], 0, 1),
            campaign.astype(np.int64),
            y[kept],
            e[kept],
        )
        answer = of_pooled(
            "all",
            measure.metric,
            pool_units(units, 1),
            (_LATE, _EARLY),
            measure.expectation,
            is_primary=index == 0,
            note="micro's share, last 365 days over the 365 before; the unit is the campaign"
            + (f"; {int(tierless.sum())} placements without a tier left out" if tierless.any() else ""),
        )
        found.append(replace(answer, needed=_in_campaigns(answer), tiers=(None, None)))
    return found


def _in_campaigns(answer: Outcome) -> str | None:
    """The early year's campaigns cannot become more; what is short is said in campaigns of this year."""
    needed = answer.needed
    if needed is None or needed == ALIKE:
        return needed and ALIKE.replace("creators", "campaigns")
    if answer.creators is None or answer.creators[1] < FEWEST_CAMPAIGNS:
        return "campaigns in both years"
    late = needed.split(f" {_LATE}")[0] if _LATE in needed else ""
    return counted(int(late), "campaign") if late.isdigit() else "campaigns in both years"


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
        return [_untestable(measure, f"{kind} with a post in the last 365 days", is_primary=is_primary)]
    by_fit = measure.tier_a == "fit"
    if missing := closed.lacks(*wanted, *(["niche_fit"] if by_fit else [])):
        return [_untestable(measure, missing, is_primary=is_primary)]
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


def _rebooked(placements: Placements) -> Placements:
    """Each creator's first campaign whose 180 days have run: whether another began within them."""
    frame = placements.frame
    if "starts_on" not in frame:
        return placements
    start = pd.to_datetime(frame["starts_on"], errors="coerce", utc=True).dt.tz_localize(None)
    end = (
        pd.to_datetime(frame["ends_on"], errors="coerce", utc=True).dt.tz_localize(None)
        if "ends_on" in frame
        else start
    )
    table = frame.assign(who=placements.creator(), start=start, end=end.fillna(start))
    table = table[table["start"].notna()].sort_values(["who", "start", "campaign_key"], kind="stable")
    # Campaigns that begin together are one booking, and so are two accounts in one campaign.
    table = table.drop_duplicates(["who", "start"])
    again = table.groupby("who")["start"].shift(-1)
    as_of = pd.Timestamp(placements.week.ends_at).tz_convert(None)
    within = pd.Timedelta(REBOOKED_WITHIN)
    table["is_rebooked"] = (again.notna() & (again <= table["end"] + within) & (again < as_of)).astype(float)
    first = table.drop_duplicates("who")
    return Placements(first[first["end"] + within < as_of].reset_index(drop=True), placements.week)


def _untestable(measure: Measure, missing: str, *, is_primary: bool) -> Outcome:
    return not_testable(
        "all", measure.metric, missing, tiers=(measure.tier_a, measure.tier_b), is_primary=is_primary
    )


def _note(closed: Placements, measure: Measure) -> str | None:
    wanted = [measure.above, *([measure.below] if measure.below else [])]
    unknown = ~np.all([np.isfinite(closed.number(name)) for name in wanted], axis=0)
    return (
        f"{int(unknown.sum())} placements without {' or '.join(wanted)} left out" if unknown.any() else None
    )


def _share_text(name: str, hits: pd.Series) -> str:
    share, low, high = wilson(int((hits > 0).sum()), int(hits.size))
    return (
        f"{name}: none"
        if math.isnan(share)
        else f"{name}: {share:.0%} ({low:.0%} to {high:.0%}) of {hits.size}"
    )


def _main_currency(currency: pd.Series, spend: np.ndarray, kept: np.ndarray) -> str:
    known = pd.DataFrame({"currency": currency[kept].to_numpy(), "n": np.isfinite(spend[kept])})
    counts = known.groupby("currency")["n"].sum().sort_index()
    return "" if counts.empty else str(counts.idxmax())


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)


def _campaigns_to_settle(share: float, n: int) -> int:
    """Campaigns more for the interval of every week to leave one half out, at today's share (at least 3 in 4)."""
    likely = max(share, 1 - share, 0.75) if not math.isnan(share) else 0.75
    total = max(n, FEWEST_CAMPAIGNS)
    while sign_p(round(likely * total), total) > 0.05 and total < 10_000:
        total += 1
    return max(total - n, 1)
