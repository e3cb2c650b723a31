"""A worker, the scheduler or the queue killed while files are read: nothing is lost, nothing is there twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.samples import write_samples
from creator_tiers.weeks import Week
from tests.compose.shapes import WEEK, Ran

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800), pytest.mark.xdist_group("compose")]

READ_IN_PEACE = """
from creator_tiers.ingestion import ingest, plan
from creator_tiers.settings import load_settings
for batch in plan(load_settings()):
    ingest(load_settings(), batch)
"""
COUNT = """
import json, sys
import pyarrow.parquet as pq
from creator_tiers.lake import open_lake
from creator_tiers.settings import load_settings
lake, folder = open_lake(load_settings()), sys.argv[1] + "/"
ours = [one for one in lake.manifests() if any(path.startswith(folder) for path in one.paths)]
files = sorted(
    [path, one.status, one.rows_read, one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored]
    for one in ours for path in one.paths if path.startswith(folder)
)
rows = {
    dataset: sum(pq.read_metadata(path).num_rows for path in lake.dataset_files(dataset, ours))
    for dataset in sorted({dataset for one in ours for dataset in one.datasets})
}
print(json.dumps([files, rows, sorted([one.load_key, one.rows_accepted] for one in ours)]))
"""
"""Every file of a folder with the fate of its rows, the rows that lie in the lake for them, and the loads."""


def dropped(landing: Path, folder: str, seed: int, creators: int) -> None:
    """Some hundred small files of other creators than those of before."""
    made = landing.parent / f"made-{folder}"
    write_samples(made, seed=seed, creators=creators, weeks=1, until=Week.parse(WEEK))
    for platform in ("instagram", "tiktok", "youtube"):
        shutil.copytree(made / platform, landing / folder / platform, copy_function=shutil.copyfile)


def in_peace(landing: Path, folder: str, home: Path) -> Any:
    """The counts when nothing is killed, here, without containers."""
    shutil.copytree(landing / folder, home / "landing" / folder)
    environment = {**os.environ, "CREATOR_TIERS_HOME": str(home)}
    for program in (READ_IN_PEACE, COUNT):
        done = subprocess.run(
            [sys.executable, "-c", program, folder],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout)


def killed(ran: Ran, folder: str, service: str, host: str | None, tmp_path: Path) -> list[dict[str, Any]]:
    """Kill a service while batches are read (on the host, if named); the run's tasks, when its counts are right."""
    expected = in_peace(ran.landing, folder, tmp_path / "home")
    run = ran.stack.trigger("ingest_exports")
    ran.stack.wait_until(
        lambda: any(
            task["state"] == "running" and task["map_index"] >= 0 and host in (None, task["hostname"])
            for task in ran.stack.tasks("ingest_exports", run)
        ),
        f"a batch is read on {host or 'any host'}",
    )
    ran.stack.kill(service)
    tasks = ran.stack.wait_for("ingest_exports", run)
    found = json.loads(ran.stack.run("airflow-api-server", "python", "-c", COUNT, folder))
    assert len(found[0]) > 100
    assert sum(found[1].values()) > 100
    assert found[:2] == expected[:2]
    batches = [task for task in tasks if task["task_id"] == "ingest_files"]
    print(f"{ran.shape}: {service} killed: {[(one['hostname'], one['try_number']) for one in batches]}")
    assert len(batches) > 1
    return batches


def test_a_killed_worker_costs_a_try_and_no_row(ran: Ran, tmp_path: Path) -> None:
    if ran.shape != "celery":
        pytest.skip("no workers here")
    dropped(ran.landing, "worker-killed", 11, 60)
    ran.open()
    batches = killed(ran, "worker-killed", "airflow-worker-1", "airflow-worker-1", tmp_path)
    assert any(one["try_number"] > 1 for one in batches)


def test_a_killed_queue_costs_no_task(ran: Ran, tmp_path: Path) -> None:
    if ran.shape != "celery":
        pytest.skip("no queue here")
    dropped(ran.landing, "queue-killed", 12, 60)
    ran.open()
    batches = killed(ran, "queue-killed", "redis", None, tmp_path)
    assert all(one["try_number"] == 1 for one in batches)


def test_a_killed_scheduler_costs_a_try_and_no_row(ran: Ran, tmp_path: Path) -> None:
    if ran.shape != "plain":
        pytest.skip("tasks run elsewhere than in the scheduler, or another warehouse")
    dropped(ran.landing, "scheduler-killed", 13, 40)
    ran.open()
    batches = killed(ran, "scheduler-killed", "airflow-scheduler", None, tmp_path)
    assert any(one["try_number"] > 1 for one in batches)


def test_the_warehouse_has_what_was_read_again_once(ran: Ran) -> None:
    if ran.shape == "spark":
        pytest.skip("nothing was killed here")
    for run in ran.stack.runs("build_marts"):
        ran.stack.wait_for("build_marts", run)
    folders = sorted(path.name for path in ran.landing.glob("*-killed"))
    assert folders
    told = ran.stack.query("SELECT load_key, rows_accepted FROM ops.export_files")
    for folder in folders:
        _, _, loads = json.loads(ran.stack.run("airflow-api-server", "python", "-c", COUNT, folder))
        ours = {key for key, _ in loads}
        found = sorted(
            [row["load_key"], int(row["rows_accepted"])] for row in told if row["load_key"] in ours
        )
        assert found == loads
