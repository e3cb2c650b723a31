"""A lake to land loads in."""

from __future__ import annotations

import pytest

from creator_tiers.lake import Lake
from creator_tiers.settings import Settings


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings.lake)
