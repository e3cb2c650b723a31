"""Killed at any moment and run again, the lake holds what an uninterrupted run would have put there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.ingestion import ingest, loading, plan
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake import Lake
from creator_tiers.settings import Settings, load_settings
from tests.ingestion.killed import POINTS
from tests.ingestion.landings import contents, drop, videos
from tests.ingestion.test_loading import zipped

pytestmark = pytest.mark.kill

DRIVER = Path(__file__).with_name("killed.py")
CHECKOUT = DRIVER.parents[2]
KILLS = {
    "before a plan is written": 1,
    "before a file is described": 3,
    "before a file is read": 5,
    "before its rows are staged": 2,
    "before all are validated": 2,
    "before a load is kept": 2,
    "before rows are moved": 3,
    "before a commit": 2,
    "before a rename": 6,
    "before a file is marked as seen": 2,
}


def run(home: Path, point: str = "never", calls: int = 0) -> int:
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(home), point, str(calls)],
        cwd=CHECKOUT,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


def fill(settings: Settings) -> None:
    drop(settings, "youtube/a/Table data.csv", videos(1, 2) + "no id,T,,1,1\n")
    drop(settings, "youtube/a/again/Table data.csv", videos(1, 2) + "no id,T,,1,1\n")
    drop(
        settings,
        "youtube/b/Table data.zip",
        zipped({"1.csv": videos(3).encode(), "2.csv": videos(4).encode()}),
    )
    drop(settings, "instagram/c/foreign.csv", "sku,price\n1,2\n")
    drop(settings, "creators/instagram_2026-05-01.csv", "username,followers\nsome.one,12K\n")
    drop(settings, "youtube/d/Table data.csv", videos(5, 6))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("uninterrupted"))})
    fill(settings)
    assert run(settings.home) == 0
    return settings.landing, contents(settings)


def test_every_point_is_tried() -> None:
    assert {*KILLS, "never"} == set(POINTS)


@pytest.mark.parametrize("point", KILLS)
def test_killed_and_run_again(
    settings: Settings,
    uninterrupted: tuple[Path, dict[str, Any]],
    point: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landing, expected = uninterrupted
    shutil.copytree(landing, settings.landing)

    assert run(settings.home, point, KILLS[point]) == -signal.SIGKILL
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))
    for batch in plan(settings, batch_files=4):
        ingest(settings, batch)

    assert contents(settings) == expected
    lake = Lake(settings.lake)
    assert len({one.loaded_at for one in lake.manifests()}) == 1
    assert not list(lake.root.glob(".scratch-*"))


def test_two_runs_at_once_double_nothing(
    settings: Settings, uninterrupted: tuple[Path, dict[str, Any]]
) -> None:
    landing, expected = uninterrupted
    shutil.copytree(landing, settings.landing)
    runs = [
        subprocess.Popen([sys.executable, str(DRIVER), str(settings.home), "never", "0"], cwd=CHECKOUT)
        for _ in range(2)
    ]

    assert [one.wait(120) for one in runs] == [0, 0]
    assert contents(settings) == expected
