"""Placements for the claims about campaigns: one row a campaign and account, with everything that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from creator_tiers.comparison.coded import SIDES, TIERS
from creator_tiers.comparison.intervals import FloatArray
from creator_tiers.comparison.stratified import Units
from creator_tiers.weeks import Week

LOOKS_BACK = timedelta(days=365)
"""A campaign is judged while it had a post (or its end) this long before as-of."""

NUMBERS = (
    *("orders_net", "orders_net_link", "orders_leak_suspect", "clicks", "reach", "views", "impressions"),
    *("comments", "engagements_core", "posts", "contracted_posts", "hours_spent", "boost_spend"),
    *("cost_fee", "cost_loaded", "revenue_net"),
)
"""Columns read as numbers; money becomes a float here, for statistics only."""

FITS = {
    **dict.fromkeys(("yes", "true", "y", "high", "strong", "good", "1", "4", "5"), True),
    **dict.fromkeys(("no", "false", "n", "low", "weak", "poor", "none", "0", "2"), False),
}
"""What a declared `niche_fit` means. Numbers are a scale of 1 to 5 (3 is neither), or 0 and 1."""


@dataclass(frozen=True, slots=True)
class Placements:
    """A frame of placements (columns that the sources lack are absent) and the instant of the judgement."""

    frame: pd.DataFrame
    week: Week

    def lacks(self, *columns: str) -> str | None:
        """The first of the columns that is absent or known of no placement, in words."""
        for name in columns:
            if name not in self.frame.columns or not self.frame[name].notna().any():
                return f"placements with {name}"
        return None

    def closed(self, goal: str | None = None) -> Placements:
        """The placements of closed campaigns with a post in the year before as-of, of one goal or any."""
        frame = self.frame
        keep = frame["is_closed"].fillna(False).astype(bool) if "is_closed" in frame else _none(frame)
        last = _last_post(frame)
        as_of = pd.Timestamp(self.week.ends_at).tz_convert(None)
        keep &= (last < as_of) & (last >= as_of - LOOKS_BACK)
        if goal is not None:
            keep &= frame["goal"].eq(goal) if "goal" in frame else _none(frame)
        return Placements(frame[keep].reset_index(drop=True), self.week)

    def units(
        self,
        above: str,
        below: str | None,
        arms: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
        strata: Sequence[str] = ("campaign_key",),
    ) -> tuple[Units, list[str]]:
        """Rows for `stratified.pool_units`, of the placements that have both numbers, and the strata's names.

        Args:
            above, below: columns; without `below` every placement counts 1.
            arms: who belongs to a and to b (row masks).
            strata: the columns that make a stratum; a placement that lacks one of them is in none.
        """
        frame = self.frame
        y = self.number(above)
        e = self.number(below) if below else np.ones(len(frame))
        placed = frame[list(strata)].notna().all(axis=1).to_numpy()
        kept = (arms[0] | arms[1]) & np.isfinite(y) & np.isfinite(e) & placed
        part = frame[kept]
        names = (
            part[list(strata)].astype(str).agg(" / ".join, axis=1) if len(part) else pd.Series([], dtype=str)
        )
        code, found = pd.factorize(names, sort=True)
        creator, _ = pd.factorize(self.creator()[kept], sort=True)
        units = Units(
            code.astype(np.int64), np.where(arms[0][kept], 0, 1), creator.astype(np.int64), y[kept], e[kept]
        )
        return units, [str(one) for one in found]

    def number(self, name: str) -> FloatArray:
        """A column as floats, unknown as NaN."""
        if name not in self.frame.columns:
            return np.full(len(self.frame), np.nan)
        return np.asarray(pd.to_numeric(self.frame[name], errors="coerce"), dtype=np.float64)

    def creator(self) -> pd.Series:
        """The person, or the account where no roster names one."""
        account = self.frame["account_key"].astype("object")
        if "creator_key" not in self.frame:
            return account
        person = self.frame["creator_key"].astype("object")
        return person.where(person.notna(), account).fillna("")

    def arm(self, name: str) -> npt.NDArray[np.bool_]:
        """Who belongs to a tier or a side of tiers."""
        wanted = SIDES.get(name, (name,))
        tier = (
            self.frame["tier"] if "tier" in self.frame else pd.Series([None] * len(self.frame), dtype=object)
        )
        return np.asarray(tier.isin([one for one in TIERS if one in wanted]), dtype=bool)

    def fit(self, *, declared: bool) -> npt.NDArray[np.bool_]:
        """Whose declared niche fit is good, or is not."""
        if "niche_fit" not in self.frame:
            return np.zeros(len(self.frame), dtype=bool)
        text = self.frame["niche_fit"].astype("string").str.strip().str.lower().str.removesuffix(".0")
        return np.asarray(text.map(FITS).eq(declared).fillna(False), dtype=bool)


def placements_of(
    week: Week,
    conversions: pa.Table | None,
    placements: pa.Table | None = None,
    campaigns: pa.Table | None = None,
) -> Placements:
    """Join what the marts and the user's own lists know of placements.

    Args:
        week: of the judgement.
        conversions: `marts.campaign_conversions` (campaign x account), with any of `NUMBERS` beside its own columns.
        placements: `core.placements`, adds fee parts, hours, contracted posts, niche fit, `has_agent`.
        campaigns: `core.campaigns`, adds goal, niche, starts_on, ends_on.

    Returns:
        One row a placement; numbers as floats. Empty when nothing is given.
    """
    keys = ["campaign_key", "account_key"]
    frame = _frame(conversions, keys)
    own = _frame(placements, keys).drop_duplicates(keys)
    if len(own):
        new = [name for name in own.columns if name not in frame.columns]
        frame = frame.merge(own[[*keys, *new]], on=keys, how="outer" if not len(frame) else "left")
    about = _frame(campaigns, ["campaign_key"]).drop_duplicates(["campaign_key"])
    if len(about):
        new = [name for name in about.columns if name not in frame.columns]
        frame = frame.merge(about[["campaign_key", *new]], on="campaign_key", how="left")
    for name in NUMBERS:
        if name in frame:
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("float64")
    return Placements(frame.sort_values(keys, kind="stable").reset_index(drop=True), week)


def _frame(table: pa.Table | None, keys: list[str]) -> pd.DataFrame:
    if table is None or not table.num_rows or not set(keys) <= set(table.column_names):
        return pd.DataFrame(columns=keys, dtype=object)
    decimals = [field.name for field in table.schema if pa.types.is_decimal(field.type)]
    for name in decimals:
        table = table.set_column(
            table.schema.get_field_index(name), name, table[name].cast(pa.float64(), safe=False)
        )
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame


def _none(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(False, index=frame.index)


def _last_post(frame: pd.DataFrame) -> pd.Series:
    """When the campaign last had a post: the latest of its placements, else its last day."""
    for name in ("last_post_at", "ends_on"):
        if name in frame and frame[name].notna().any():
            times = pd.to_datetime(frame[name], errors="coerce", utc=True).dt.tz_localize(None)
            return times.groupby(frame["campaign_key"]).transform("max")
    return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")


def by_campaign(columns: Mapping[str, FloatArray], campaign: pd.Series) -> pd.DataFrame:
    """Sums of columns a campaign, unknown counted as 0."""
    return pd.DataFrame(columns).fillna(0.0).groupby(campaign.to_numpy()).sum()
