"""Rates, intervals, verdicts, power and claims: pure functions on frames.

`compare_tiers` and `judge_claims` make the two tables of a week; `compare_rates` and
`compare_rates_sequential` compare two sequences of creator rates.
"""

from creator_tiers.comparison.claims import Claim, ClaimError, load_claims
from creator_tiers.comparison.coded import MissingColumnError
from creator_tiers.comparison.intervals import compare_rates, compare_rates_sequential
from creator_tiers.comparison.judging import CLAIM_SCHEMA, ClaimInputs, judge_claims
from creator_tiers.comparison.levels import LEVEL_SCHEMA, tier_rates
from creator_tiers.comparison.placements import placements_of
from creator_tiers.comparison.rates import creator_rates
from creator_tiers.comparison.sensitivity import SENSITIVITY_SCHEMA, claim_sensitivity, mark_fragile
from creator_tiers.comparison.simpson import STRATIFIED_SCHEMA, simpson, stratified_comparison
from creator_tiers.comparison.tiers import COMPARISON_SCHEMA, METHOD, PAIRS, compare_tiers
from creator_tiers.comparison.verdicts import MARGIN, Verdict

__all__ = [
    "CLAIM_SCHEMA",
    "COMPARISON_SCHEMA",
    "LEVEL_SCHEMA",
    "MARGIN",
    "METHOD",
    "PAIRS",
    "SENSITIVITY_SCHEMA",
    "STRATIFIED_SCHEMA",
    "Claim",
    "ClaimError",
    "ClaimInputs",
    "MissingColumnError",
    "Verdict",
    "claim_sensitivity",
    "compare_rates",
    "compare_rates_sequential",
    "compare_tiers",
    "creator_rates",
    "judge_claims",
    "load_claims",
    "mark_fragile",
    "placements_of",
    "simpson",
    "stratified_comparison",
    "tier_rates",
]
