"""Real export files through the real Airflow: no run fails, every figure holds in the core tables."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.warehouse import open_reader
from tests.e2e import driving
from tests.specimens import LISTS, OTHERS, POSTS, REASON, specimens

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.specimens,
    pytest.mark.xdist_group("airflow"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(specimens() is None, reason=REASON),
]

SUMS = ("views", "likes", "comments", "shares", "saves", "reach")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    root = specimens()
    assert root is not None
    home = tmp_path_factory.mktemp("specimens")
    shutil.copytree(root / "landing", home / "landing", copy_function=shutil.copyfile)
    (home / "landing").chmod(0o755)
    return home, driving.run(home, "")


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    with open_reader(driving.settings_of(home)) as reader:
        return list(reader.read(sql).to_pylist())


def test_no_dag_run_fails(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = ran
    assert done.returncode == 0, done.stdout


def test_every_figure_holds_in_core(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A row that two files share counts once in core: files with shared rows are left to the counts of posts below."""
    home, _ = ran
    found = rows(
        home,
        "SELECT files.path, count(*) AS posts, files.rows_duplicate, "
        + ", ".join(f"sum(metrics.{name}) AS {name}" for name in SUMS)
        + " FROM core.post_metrics AS metrics INNER JOIN ops.export_files AS files ON metrics.file_id = files.file_id"
        " GROUP BY files.path, files.rows_duplicate",
    )
    checked = 0
    for pattern, _, _, totals in POSTS:
        [one] = [row for row in found if Path(row["path"]).match(pattern)]
        if one["rows_duplicate"]:
            continue
        checked += 1
        assert {name: one[name] for name in totals} == totals, pattern
    assert checked >= len(POSTS) - 1
    [tiktok] = rows(
        home, "SELECT count(DISTINCT post_key) AS videos FROM core.posts WHERE platform = 'tiktok'"
    )
    assert tiktok["videos"] == 16
    [newest] = rows(
        home,
        "SELECT followers FROM core.follower_counts WHERE account_key = 'tiktok:haileytupy2.0'"
        " ORDER BY observed_on DESC LIMIT 1",
    )
    assert newest["followers"] == 5013


def test_lists_and_histories_hold(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = ran
    files = {row["path"]: row for row in rows(home, "SELECT * FROM ops.export_files")}
    for pattern, source_format, fates, _ in LISTS:
        [one] = [row for path, row in files.items() if Path(path).match(pattern)]
        seen = tuple(one[f"rows_{name}"] for name in ("read", "loaded", "duplicate", "rejected", "ignored"))
        assert (one["source_format"], seen) == (source_format, fates)


def test_what_is_no_data_is_set_aside_with_a_reason(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, _ = ran
    files = {row["path"]: row for row in rows(home, "SELECT * FROM ops.export_files")}
    for pattern, source_format, status, _ in OTHERS:
        [one] = [row for path, row in files.items() if Path(path).match(pattern)]
        assert (one["source_format"], one["status"]) == (source_format, status)
        assert one["message"]
