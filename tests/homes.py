"""A small home of the samples, for tests of what stands on its tables."""

from __future__ import annotations

from pathlib import Path

from creator_tiers import publishing
from creator_tiers.ingestion import ingest, plan
from creator_tiers.samples import write_samples
from creator_tiers.settings import Settings, load_settings
from creator_tiers.weeks import Week

WEEK = Week.parse("2026-W45")
"""The last week of the samples."""


def small_home(folder: Path) -> Settings:
    """Settings of a home in this folder, with eight weeks of samples in its lake and its warehouse."""
    settings = load_settings({"CREATOR_TIERS_HOME": str(folder)})
    write_samples(settings.landing, creators=3, weeks=8, until=WEEK)
    for batch in plan(settings):
        ingest(settings, batch)
    assert publishing.build_warehouse(settings)["published"]
    return settings
