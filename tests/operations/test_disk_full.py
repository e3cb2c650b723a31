"""A disk that fills up in the middle: told as such; with room again nothing is lost or doubled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from creator_tiers.ingestion import ingest, plan
from creator_tiers.lake import Lake
from creator_tiers.settings import Settings, load_settings
from creator_tiers.warehouse.build import build
from tests.ingestion.landings import contents, drop, videos
from tests.warehouse.contents import published

pytestmark = pytest.mark.kill

CHECKOUT = Path(__file__).resolve().parents[2]
CALL = """
import sys
from creator_tiers.ingestion import ingest, plan
from creator_tiers.settings import load_settings
from creator_tiers.warehouse.build import build
settings = load_settings()
if sys.argv[1] == "ingest":
    for batch in plan(settings):
        ingest(settings, batch)
else:
    build(settings)
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Settings]:
    """A home on a disk of 48 MB."""
    home = tmp_path / "small"
    home.mkdir()
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", home], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield load_settings({"CREATOR_TIERS_HOME": str(home)})
    finally:
        subprocess.run(["umount", home], check=True)


def call(settings: Settings, what: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as a task is."""
    return subprocess.run(
        [sys.executable, "-c", CALL, what], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=240,
        env={"PATH": os.environ["PATH"], "CREATOR_TIERS_HOME": str(settings.home)},
    )  # fmt: skip


def fill_up(settings: Settings, left: int) -> Path:
    """Leave so many bytes on the disk."""
    filler = settings.home / ".filler"
    with filler.open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(settings.home).free - left))
    return filler


@pytest.mark.parametrize("left", [0, 50_000])
def test_ingestion(left: int, small: Settings, settings: Settings) -> None:
    for one in (small, settings):
        drop(one, "youtube/a/Table data.csv", videos(*range(2000)))
        drop(one, "youtube/b/Table data.csv", videos(*range(2000, 30_000)))
    filler = fill_up(small, left)

    failed = call(small, "ingest")

    assert failed.returncode == 1
    assert "No space left on device" in failed.stderr or "failed: 28" in failed.stderr, failed.stderr[-2000:]
    for manifest in Lake(small.lake).manifests():
        assert manifest.status in ("loaded", "failed")
    filler.unlink()
    done = call(small, "ingest")
    assert done.returncode == 0, done.stderr[-2000:]
    for batch in plan(settings):
        ingest(settings, batch)
    assert contents(small) == contents(settings)
    assert not list(small.lake.glob(".scratch-*"))
    assert not list(small.lake.rglob("*.partial"))


@pytest.mark.parametrize("left", [0, 4_000_000])
def test_a_build(left: int, small: Settings) -> None:
    drop(small, "youtube/a/Table data.csv", videos(*range(200)))
    assert call(small, "ingest").returncode == 0
    build(small)
    before = published(small)
    drop(small, "youtube/b/Table data.csv", videos(*range(200, 20_000)))
    assert call(small, "ingest").returncode == 0
    filler = fill_up(small, left)

    failed = call(small, "build")

    assert failed.returncode == 1
    assert "No space left on device" in failed.stderr, failed.stderr[-2000:]
    assert published(small) == before
    filler.unlink()
    done = call(small, "build")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(published(small)["core.posts"]) == 20_000
