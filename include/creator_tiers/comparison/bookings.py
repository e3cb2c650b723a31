"""The judges of the claims about who is booked, and when: C11 and C13, each from a frame of placements.

Every judge answers for whatever it is given: an input that is missing makes `not_testable` and is named.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from creator_tiers.comparison.claims import Claim
from creator_tiers.comparison.outcome import ALIKE, FEWEST_CAMPAIGNS, Outcome, counted, of_pooled, untestable
from creator_tiers.comparison.placements import Placements
from creator_tiers.comparison.proportions import wilson
from creator_tiers.comparison.stratified import Units, pool_units

REBOOKED_WITHIN = timedelta(days=180)
_LATE, _EARLY = "last 365 days", "365 days before"


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
            found.append(untestable(measure, missing, is_primary=index == 0))
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
            found.append(untestable(measure, missing, is_primary=index == 0))
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
