"""Realistic export files with known planted effects, laid out as a landing zone."""

from creator_tiers.samples.effects import Effects, EffectsError, GroupEffect
from creator_tiers.samples.generate import SampleSummary, write_samples

__all__ = ["Effects", "EffectsError", "GroupEffect", "SampleSummary", "write_samples"]
