"""What to do with the answers: break-even numbers, the tier mix for a budget, shrunken league tables.

Pure functions; nothing here makes a verdict. Every number carries its uncertainty, from draws that are seeded. `weekly`
and `mixing` make the tables of a week from them.
"""

from creator_tiers.decisions.break_even import BreakEven, TierDraws, break_even, draw_tier
from creator_tiers.decisions.league import league, league_table
from creator_tiers.decisions.mix import Mix, Tier, best_mix, frontier
from creator_tiers.decisions.mixing import tier_mix
from creator_tiers.decisions.weekly import break_even_table, tier_costs

__all__ = [
    "BreakEven",
    "Mix",
    "Tier",
    "TierDraws",
    "best_mix",
    "break_even",
    "break_even_table",
    "draw_tier",
    "frontier",
    "league",
    "league_table",
    "tier_costs",
    "tier_mix",
]
