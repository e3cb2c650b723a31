"""The scheduler is killed with all that it runs, in the middle of a run, and started again: the run ends well."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from creator_tiers.airflow_local.api import Api
from creator_tiers.airflow_local.home import AirflowHome
from creator_tiers.airflow_local.instance import running
from creator_tiers.airflow_local.processes import Services
from creator_tiers.ingestion import ingest, plan
from creator_tiers.publishing import build_warehouse, compare
from creator_tiers.samples import write_samples
from creator_tiers.weeks import Week
from tests.e2e import driving
from tests.report.mailbox import running as mailbox_running

pytestmark = [pytest.mark.kill, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(900)]

WEEK = "2026-W45"
QUICK = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
}
"""What Airflow waits minutes for by default."""


def until(what: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def kill_all(services: Services) -> None:
    """SIGKILL to the scheduler and to every process that it started, as when its machine dies."""
    scheduler = psutil.Process(services._running.pop("scheduler").pid)
    for process in [scheduler, *scheduler.children(recursive=True)]:
        os.kill(process.pid, signal.SIGKILL)
    scheduler.wait(10)


def run_through_a_kill(api: Api, services: Services, dag_id: str, task_id: str, conf: dict[str, str]) -> None:
    """Trigger, kill the scheduler while the task works, start another; the run must end well."""
    run_id = api.trigger(dag_id, conf)
    until(lambda: any(t["task_id"] == task_id and t["state"] == "running" for t in api.tasks(dag_id, run_id)))
    time.sleep(1)
    kill_all(services)
    assert api.run(dag_id, run_id)["state"] == "running", "it ended before the kill"
    services.start("scheduler", "--skip-serve-logs")
    until(lambda: api.run(dag_id, run_id)["state"] in ("success", "failed"))
    states = {task["task_id"]: (task["state"], task["try_number"]) for task in api.tasks(dag_id, run_id)}
    assert api.run(dag_id, run_id)["state"] == "success", states
    print(dag_id, states)


def test_nothing_is_lost_or_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    write_samples(home / "landing", creators=3, weeks=8, until=Week.parse(WEEK))
    (home / "hash.key").write_text("5" * 64)
    shutil.copytree(home, other)
    original = AirflowHome.environment
    with mailbox_running() as mailbox:
        plain = {"disable_ssl": True, "disable_tls": True}
        smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": mailbox.port, "extra": plain}
        more = QUICK | {
            "CREATOR_TIERS_RECIPIENTS": "ann@brand.example",
            "AIRFLOW_CONN_CREATOR_TIERS_SMTP": json.dumps(smtp),
        }
        monkeypatch.setattr(AirflowHome, "environment", lambda *a, **k: original(*a, **k) | more)
        settings = driving.settings_of(home)
        with running(AirflowHome(settings), mode="run", port=None, say=print) as (api, services):
            run_through_a_kill(api, services, "ingest_exports", "ingest_files", {})
            until(lambda: any(run["state"] == "success" for run in runs(api, "build_marts")))
            run_through_a_kill(api, services, "publish_tier_report", "compare", {"week": WEEK})
            assert mailbox.recipients == ["ann@brand.example"]

    reference = driving.settings_of(other)
    for batch in plan(reference):
        ingest(reference, batch)
    build_warehouse(reference)
    compare(reference, Week.parse(WEEK))
    ours, theirs = driving.tables(home), driving.tables(other)
    assert len(ours.pop("ops.report_deliveries")) == 1
    theirs.pop("ops.report_deliveries")
    assert [name for name in theirs if ours[name] != theirs[name]] == []


def runs(api: Api, dag_id: str) -> list[dict[str, str]]:
    return list(api.get(f"/dags/{dag_id}/dagRuns", limit=10)["dag_runs"])
