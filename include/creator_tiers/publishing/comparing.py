"""A week's comparison: read once, every table of it made, all of them written together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

_SCHEMES = "SELECT DISTINCT scheme FROM seeds.tiers ORDER BY scheme"
_CAMPAIGNS = (
    "SELECT * FROM marts.campaign_conversions ORDER BY campaign_key, account_key",
    "SELECT * FROM core.placements ORDER BY campaign_key, account_key",
    "SELECT * FROM core.campaigns ORDER BY campaign_key",
)


def compare_week(settings: Settings, week: Week) -> dict[str, Any]:
    """Write a week's comparison, claims, their sensitivity, levels, leagues and decisions, in the place of those there.

    Returns:
        `posts` (that could be compared), `comparisons, claims` (rows written), `is_changed`.

    Raises:
        WarehouseBusyError: another process writes the warehouse; try again.
        WarehouseError: nothing has been built yet, or the warehouse cannot be used.
    """
    from creator_tiers.warehouse import comparison_posts, open_reader, write_week

    with open_reader(settings) as reader:
        names = [one["scheme"] for one in reader.read(_SCHEMES).to_pylist()]
        schemes = {name: comparison_posts(reader, week, settings, name) for name in names}
        if settings.tier_scheme not in schemes:
            schemes[settings.tier_scheme] = comparison_posts(reader, week, settings)
        campaigns = [reader.read(query) for query in _CAMPAIGNS]
    tables = tables_of_week(settings, week, schemes, campaigns)
    return {
        "posts": schemes[settings.tier_scheme].num_rows,
        "comparisons": tables["marts.tier_comparison"].num_rows,
        "claims": tables["marts.claim_verdicts"].num_rows,
        "is_changed": write_week(settings, week, tables),
    }


def tables_of_week(
    settings: Settings, week: Week, schemes: dict[str, pa.Table], campaigns: list[pa.Table]
) -> dict[str, pa.Table]:
    """Every table that a week's report rests on, by name. A pure function.

    Args:
        settings: the scheme in use, the budget and the hours to plan with.
        week: the week.
        schemes: its posts under each tier scheme (`warehouse.comparison_posts`).
        campaigns: `marts.campaign_conversions`, `core.placements`, `core.campaigns`.
    """
    from creator_tiers.comparison import (
        ClaimInputs,
        claim_sensitivity,
        compare_tiers,
        judge_claims,
        mark_fragile,
        placements_of,
        stratified_comparison,
        tier_rates,
    )
    from creator_tiers.decisions import break_even_table, league_table, tier_costs, tier_mix

    posts = schemes[settings.tier_scheme]
    placements = placements_of(week, *campaigns)
    comparison = compare_tiers(posts, week, settings.tier_scheme)
    sensitivity = claim_sensitivity(week, schemes, settings.tier_scheme, placements)
    claims = judge_claims(comparison, week, inputs=ClaimInputs(posts, *campaigns))
    return {
        "marts.tier_comparison": comparison,
        "marts.claim_verdicts": mark_fragile(claims, sensitivity),
        "marts.sensitivity": sensitivity,
        "marts.stratified_comparison": stratified_comparison(posts, week),
        "marts.tier_rates": tier_rates(posts, week),
        "marts.creator_league": league_table(posts, week),
        "marts.tier_costs": tier_costs(placements),
        "marts.break_even": break_even_table(placements),
        "marts.tier_mix": tier_mix(placements, posts, settings.plan_budget, settings.plan_hours),
    }
