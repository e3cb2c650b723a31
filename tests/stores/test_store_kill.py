"""Killed at any moment, or two machines at once: the lake in the bucket holds what one uninterrupted run puts there."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.lake import open_lake
from creator_tiers.settings import Settings
from tests.ingestion.landings import contents
from tests.ingestion.test_kill import fill
from tests.stores.conftest import settings_of

pytestmark = pytest.mark.kill

DRIVER = Path(__file__).with_name("killed.py")
KILLS = [
    ("write", 1),  # before the plan is written
    ("upload", 2),  # rows are there, no manifest yet
    ("write_if", 3),  # the same, of another load
    ("delete", 2),  # all is committed, nothing is marked as seen
    ("write_many", 2),
]


def start(prefix: str, home: Path, method: str = "-", calls: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.stores.killed", prefix, str(home), method, str(calls)],
        cwd=DRIVER.parents[2],
        stderr=subprocess.PIPE,
    )


def end(process: subprocess.Popen[bytes]) -> int:
    said = process.communicate(timeout=120)[1]
    assert process.returncode in (0, -signal.SIGKILL), said.decode()
    return process.returncode


def told(settings: Settings) -> dict[str, Any]:
    """What the lake holds; the server gives each object a time of its own."""
    found = contents(settings)
    for one in found.values():
        one["observed_at"] = None
        for rows in one.values():
            for row in rows if isinstance(rows, list) else ():
                row["observed_at"] = None
    return found


@pytest.fixture(scope="module")
def uninterrupted(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from tests.stores import server

    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment(endpoint).items():
            patch.setenv(name, value)
        prefix, home = f"s3://{server.BUCKET}/uninterrupted", tmp_path_factory.mktemp("uninterrupted")
        settings = settings_of(prefix, home)
        fill(settings)
        assert end(start(prefix, home)) == 0
        found = told(settings)
    assert len(found) == 6
    return found


@pytest.mark.parametrize(("method", "calls"), KILLS)
def test_killed_and_run_again(
    prefix: str, remote: Settings, uninterrupted: dict[str, Any], method: str, calls: int
) -> None:
    fill(remote)

    assert end(start(prefix, remote.home, method, calls)) == -signal.SIGKILL
    assert end(start(prefix, remote.home)) == 0

    assert told(remote) == uninterrupted
    lake = open_lake(remote)
    assert len({one.loaded_at for one in lake.manifests()}) == 1
    assert not list(lake.root.glob(".scratch-*"))
    assert all(map(lake.is_whole, lake.manifests()))


def test_two_machines_at_once(
    prefix: str, remote: Settings, uninterrupted: dict[str, Any], tmp_path: Path
) -> None:
    fill(remote)
    both = [start(prefix, remote.home), start(prefix, tmp_path / "other home")]

    assert [end(one) for one in both] == [0, 0]

    assert told(remote) == uninterrupted
    lake = open_lake(remote)
    assert all(map(lake.is_whole, lake.manifests()))
    named = sum(len(one.datasets) for one in lake.manifests())
    assert len([one for one in lake.store.entries() if one.name.endswith(".parquet")]) == named
