"""What a report shows beside the comparison: campaigns, money, creators, audits, and what earlier reports said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from creator_tiers.settings import Settings
from creator_tiers.tables import table
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.warehouse import Reader

OF_WEEK = {
    "sensitivity": "marts.sensitivity",
    "stratified": "marts.stratified_comparison",
    "rates": "marts.tier_rates",
    "costs": "marts.tier_costs",
    "break_even": "marts.break_even",
    "mix": "marts.tier_mix",
}
"""Tables of which the report reads the week's rows."""

_LEAGUE = """
    SELECT league.*, creators.name
    FROM marts.creator_league AS league
    LEFT JOIN core.creators AS creators ON league.creator_key = creators.creator_key
    WHERE league.week_start = $week AND (coalesce(league.rank, league.raw_rank) <= 10 OR league.raw_rank <= 3)
    ORDER BY league.platform, league.kind_group, league.tier, league.raw_rank, league.creator_key
"""
_CAMPAIGNS = """
    SELECT totals.*, clocks.judged_at, clocks.days_to_orders, clocks.days_to_refunds
    FROM marts.campaign_totals AS totals
    LEFT JOIN marts.campaign_clocks AS clocks ON totals.campaign_key = clocks.campaign_key
    WHERE totals.starts_on < $day
    ORDER BY totals.campaign_key
"""
_CAMPAIGN_TIERS = """
    SELECT tiers.*
    FROM marts.campaign_tier_conversions AS tiers
    INNER JOIN marts.campaign_totals AS totals ON tiers.campaign_key = totals.campaign_key
    WHERE totals.starts_on < $day
    ORDER BY tiers.campaign_key, tiers.tier
"""
_ATTRIBUTION = "SELECT * FROM marts.attribution_totals ORDER BY scope"

MOST_ROWS = 500
"""Rows of an audit that a report carries; how many there are stands beside."""

AUDITS: Mapping[str, tuple[str, str]] = {
    "contested_orders": ("ordered_at < $as_of", "ordered_at DESC, order_key, placement_key, method, code"),
    "leak_suspects": ("day < $day", "orders DESC, placement_key, code, day"),
    "undisclosed_posts": (
        "coalesce(published_at, $as_of) <= $as_of",
        "published_at DESC, placement_key, post_key",
    ),
    "orphan_codes": ("first_ordered_on < $day", "orders DESC, shop, code"),
    "counter_falls": (
        "observed_at < $as_of",
        "coalesce(share_lost, 0) DESC, post_key, counter, observed_at, file_id, row_number",
    ),
    "follower_jumps": ("observed_on < $day", "abs(change_per_day) DESC, account_key, observed_on"),
    "handle_changes": ("first_observed_at < $as_of", "first_observed_at DESC, account_id, account_key"),
    "disputed_posts": ("last_observed_at < $as_of", "last_observed_at DESC, post_key, other_account_key"),
}
"""The tables of `marts` that list what to look at: which rows were there at as-of, and which come first."""


def read_details(reader: Reader, settings: Settings, week: Week) -> dict[str, pa.Table]:
    """The rows by name, as `report.ReportInputs.details` wants them."""
    from creator_tiers.warehouse.identities import count_warnings
    from creator_tiers.warehouse.statements import reading

    as_of, day = {"as_of": week.ends_at}, {"day": week.monday.fromordinal(week.monday.toordinal() + 7)}
    found = {name: rows_of_week(reader, mart, week) for name, mart in OF_WEEK.items()}
    found["league"] = reader.read(_LEAGUE, {"week": week.monday})
    found["campaigns"] = reader.read(_CAMPAIGNS, day)
    found["campaign_tiers"] = reader.read(_CAMPAIGN_TIERS, day)
    found["attribution"] = reader.read(_ATTRIBUTION)
    found["problems"] = reader.read(reading("creator_problems"), as_of)
    sizes = []
    for name, (condition, order) in AUDITS.items():
        given = {key: value for key, value in {**as_of, **day}.items() if f"${key}" in condition}
        source = f"FROM marts.{name} WHERE {condition}"
        found[f"audit_{name}"] = reader.read(f"SELECT * {source} ORDER BY {order} LIMIT {MOST_ROWS}", given)
        sizes.append({"audit": name, **reader.read(f"SELECT count(*) AS n {source}", given).to_pylist()[0]})
    found["audits"] = _table(sizes, ("audit", "n"))
    found["warnings"] = _table(count_warnings(reader), ("table", "expectation", "n"))
    found["mailed"] = _table(
        _mailed(settings, week), ("week", "campaign_key", "measure", "value", "currency")
    )
    return found


def rows_of_week(reader: Reader, name: str, week: Week) -> pa.Table:
    """A week's rows of a table that has one row a week and more, by its key."""
    mart = table(name)
    query = f"SELECT * FROM {mart.full_name} WHERE week_start = $week ORDER BY {', '.join(mart.key)}"
    return reader.read(query, {"week": week.monday})


def _mailed(settings: Settings, week: Week) -> list[dict[str, Any]]:
    """The figures of closed campaigns in the published reports of earlier weeks, each as it was said last."""
    from creator_tiers.report.conversions import MAILED

    said: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted(settings.reports.glob("[0-9][0-9][0-9][0-9]-W[0-9][0-9]/report.json")):
        label = path.parent.name
        if label >= week.label:
            continue
        try:
            campaigns = json.loads(path.read_text(encoding="utf-8")).get("campaigns", [])
        except (OSError, ValueError):
            continue
        for one in campaigns:
            for measure in MAILED if one["is_closed"] else ():
                key = (one["campaign_key"], measure)
                said[key] = {
                    "week": label,
                    "campaign_key": key[0],
                    "measure": measure,
                    "value": None if one.get(measure) is None else float(one[measure]),
                    "currency": one.get("currency"),
                }
    return [said[key] for key in sorted(said)]


def _table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> pa.Table:
    import pyarrow as pa

    kinds = {"n": pa.int64(), "value": pa.float64()}
    columns = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    return pa.Table.from_pylist(rows, schema=columns)
