"""Fifty analysts read while the pipeline writes and rebuilds: `make soak` for a minute, the suite for some seconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.readers import run
from creator_tiers.settings import Settings
from tests.engines.places import duckdb, postgresql

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]


@pytest.mark.parametrize("place", [duckdb, postgresql])
def test_no_reader_waits_sees_an_error_or_a_table_half_built(
    place: Callable[[Path], Settings], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seen = run(place(tmp_path / "home"), readers=50, seconds=request.config.getoption("--reader-seconds"))
    print(place.__name__, json.dumps(seen.summary()))
    assert seen.errors == []
    assert seen.unfitting == []
    assert seen.reads >= 50
    assert (seen.builds >= 2, seen.comparisons >= 1, seen.rebuilds >= 1) == (True, True, True)
