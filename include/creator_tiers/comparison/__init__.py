"""Rates, intervals, verdicts, power and claims: pure functions on frames.

`compare_tiers` and `judge_claims` make the two tables of a week; `compare_rates` and
`compare_rates_sequential` compare two sequences of creator rates.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from creator_tiers.comparison.claims import Claim, ClaimError, load_claims
    from creator_tiers.comparison.coded import MissingColumnError
    from creator_tiers.comparison.intervals import compare_rates, compare_rates_sequential
    from creator_tiers.comparison.judging import CLAIM_SCHEMA, ClaimInputs, judge_claims
    from creator_tiers.comparison.levels import LEVEL_SCHEMA, tier_rates
    from creator_tiers.comparison.placements import placements_of
    from creator_tiers.comparison.rates import creator_rates
    from creator_tiers.comparison.sensitivity import SENSITIVITY_SCHEMA, claim_sensitivity, mark_fragile
    from creator_tiers.comparison.simpson import STRATIFIED_SCHEMA, stratified_comparison
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
    "stratified_comparison",
    "tier_rates",
]

_MODULES = {
    "CLAIM_SCHEMA": "judging",
    "COMPARISON_SCHEMA": "tiers",
    "Claim": "claims",
    "ClaimError": "claims",
    "ClaimInputs": "judging",
    "LEVEL_SCHEMA": "levels",
    "MARGIN": "verdicts",
    "METHOD": "tiers",
    "MissingColumnError": "coded",
    "PAIRS": "tiers",
    "SENSITIVITY_SCHEMA": "sensitivity",
    "STRATIFIED_SCHEMA": "simpson",
    "Verdict": "verdicts",
    "claim_sensitivity": "sensitivity",
    "compare_rates": "intervals",
    "compare_rates_sequential": "intervals",
    "compare_tiers": "tiers",
    "creator_rates": "rates",
    "judge_claims": "judging",
    "load_claims": "claims",
    "mark_fragile": "sensitivity",
    "placements_of": "placements",
    "stratified_comparison": "simpson",
    "tier_rates": "levels",
}
"""Where each name is. A module is imported when a name of it is first asked for: who wants the vocabulary of verdicts
alone, as the report does, is spared pandas and scipy."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
