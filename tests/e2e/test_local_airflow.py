"""The whole line by the real Airflow: once, again, killed, failing, backfilled."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from creator_tiers.samples import write_samples
from creator_tiers.weeks import Week
from tests.e2e import driving

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(900)]

WEEK = "2026-W45"


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small landing zone."""
    folder = tmp_path_factory.mktemp("samples") / "landing"
    write_samples(folder, creators=3, weeks=8, until=Week.parse(WEEK))
    return folder


@pytest.fixture(scope="module")
def first(
    landing: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home after its first run, and what that said."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(landing, home / "landing")
    return home, driving.run(home, WEEK)


def test_a_run_from_nothing_makes_the_report(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, done = first
    assert done.returncode == 0, done.stdout
    assert "build_marts: asset_triggered__" in done.stdout, "the build was not started by the asset"
    page = home / "reports" / WEEK / "report.html"
    model = json.loads((page.parent / "report.json").read_text())
    assert done.stdout.splitlines()[-2:] == [f"Report: {page}", model["headline"]["sentence"]]
    driving.await_silence(home, 1)
    files = driving.tables(home)["ops.export_files"]
    assert len(files) >= len(list((home / "landing").rglob("*.csv")))


def test_a_second_run_changes_nothing(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = first
    tables, report = driving.tables(home), driving.report(home, WEEK)
    published = (home / "published.duckdb").stat()
    lake = driving.lake(home)
    done = driving.run(home, WEEK)
    assert done.returncode == 0, done.stdout
    assert "build_marts: manual__" in done.stdout, "rows were announced that are not new"
    assert driving.tables(home) == tables
    assert driving.report(home, WEEK) == report
    assert (home / "published.duckdb").stat().st_mtime_ns == published.st_mtime_ns
    assert driving.lake(home) == lake


def test_a_build_that_cannot_work_is_1_and_explained(
    first: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, _ = first
    done = driving.run(home, WEEK, CREATOR_TIERS_WAREHOUSE="nonsense://nowhere")
    assert done.returncode == 1, done.stdout
    assert "FAILED build_marts / build, try 1" in done.stdout, "a wrong setting was tried again"
    assert "nonsense://nowhere" in done.stdout
    assert "What to do:" in done.stdout
    driving.await_silence(home, 1)


def test_past_weeks_are_rebuilt_by_a_backfill(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = first
    with driving.up(home):
        call = ["backfill", "create", "--dag-id", "publish_tier_report"]
        dates = ["--from-date", "2026-10-12", "--to-date", "2026-10-25"]
        subprocess.run(
            driving.command("airflow", *call, *dates),
            env=driving.environment(home),
            check=True,
            timeout=300,
            capture_output=True,
        )
        pages = [home / "reports" / week / "report.html" for week in ("2026-W42", "2026-W43")]
        driving.await_that(lambda: all(page.exists() for page in pages), 300, home)
        assert "Using the Airflow that is up" in driving.run(home, WEEK).stdout
    driving.await_silence(home, 1)
    assert not (home / "reports" / "2026-W41").exists()


@pytest.mark.kill
def test_killed_twice_and_run_again_gives_the_same_tables(
    first: tuple[Path, subprocess.CompletedProcess[str]], landing: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(landing, home / "landing")
    driving.run_and_kill(home, WEEK, "find_new_files", after=4)
    driving.await_silence(home)
    driving.run_and_kill(home, WEEK, "build_marts:", after=0)
    driving.await_silence(home)
    done = driving.run(home, WEEK)
    assert done.returncode == 0, done.stdout
    reference, _ = first
    ours, theirs = driving.tables(home), driving.tables(reference)
    for name in (
        "core.posts",
        "core.post_metrics",
        "core.follower_counts",
        "marts.post_engagement",
        "ops.export_files",
    ):
        assert ours[name] == theirs[name], name
    comparison = [row for row in theirs["marts.tier_comparison"] if row[0] == Week.parse(WEEK).monday]
    assert ours["marts.tier_comparison"] == comparison
    assert driving.report(home, WEEK) == driving.report(reference, WEEK)
