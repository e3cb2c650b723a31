"""What readers saw before stays beside the published file, unless rows were taken out since."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from creator_tiers.ingestion import forget, ingest, plan
from creator_tiers.warehouse.build import build, rebuild
from tests.ingestion.landings import drop, videos

from .lakes import T0, land
from .test_build import WEEK, post
from .test_kill import KILLED

pytestmark = pytest.mark.contract


def formers(settings):
    return [path.name for path in settings.home.iterdir() if ".duckdb." in path.name]


def test_builds_that_add_change_two_files_in_turn(settings, lake):
    inodes = []
    for number in range(4):
        land(
            lake, f"k{number}", loaded_at=T0 + number * WEEK, observed_at=T0 + number * WEEK, posts=[post(1)]
        )
        assert build(settings).published
        inodes.append(settings.published.stat().st_ino)
        assert formers(settings) == (["published.duckdb.former"] if number else [])
    assert inodes == [inodes[0], inodes[1], inodes[0], inodes[1]]
    rebuild(settings)
    assert formers(settings) == []


def test_an_erased_account_is_in_no_former_file(settings):
    drop(settings, "youtube/a/Table data.csv", videos(1, 2))
    drop(settings, "youtube/b/Table data.csv", videos(3, 4))
    for batch in plan(settings):
        ingest(settings, batch)
    build(settings)
    drop(settings, "youtube/b/Table data (1).csv", videos(5, 6))
    for batch in plan(settings):
        ingest(settings, batch)
    build(settings)
    assert formers(settings) == ["published.duckdb.former"]
    forget(settings, "youtube:a")
    build(settings)
    assert formers(settings) == []


@pytest.mark.kill
def test_an_erasure_that_was_killed_before_publishing_leaves_none_either(settings, lake):
    for number in range(2):
        land(
            lake, f"k{number}", loaded_at=T0 + number * WEEK, observed_at=T0 + number * WEEK, posts=[post(1)]
        )
        build(settings)
    assert formers(settings) == ["published.duckdb.former"]
    lake.remove(lake.manifest("k1"))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "before publishing"],
        env={**os.environ, "CREATOR_TIERS_HOME": str(settings.home)},
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    land(lake, "k2", loaded_at=T0 + 2 * WEEK, observed_at=T0 + 2 * WEEK, posts=[post(2)])
    assert build(settings).published
    assert formers(settings) == []


def test_a_warehouse_that_was_lost_and_built_anew_leaves_none(settings, lake):
    """The new one counts its writes from one again, as the lost one did."""
    for number in range(2):
        land(
            lake, f"k{number}", loaded_at=T0 + number * WEEK, observed_at=T0 + number * WEEK, posts=[post(1)]
        )
    build(settings)
    lake.remove(lake.manifest("k1"))
    (settings.home / "warehouse.duckdb").unlink()
    assert build(settings).published
    assert formers(settings) == []
