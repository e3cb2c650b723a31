from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from creator_tiers.samples import SampleSummary, write_samples


@dataclass(frozen=True)
class Written:
    folder: Path
    summary: SampleSummary


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Eight accounts in each tier of each platform."""
    folder = tmp_path_factory.mktemp("small")
    return Written(folder, write_samples(folder, creators=8))


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """What `creator-tiers samples` writes."""
    folder = tmp_path_factory.mktemp("default")
    return Written(folder, write_samples(folder))
