"""The DAGs are exactly these, wired exactly so: nothing about them changes unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.dag

DAGS = Path(__file__).resolve().parents[2] / "dags"

EXPECTED: dict[str, dict[str, Any]] = {
    "ingest_exports": {
        "schedule": {"expression": "0 * * * *", "timezone": "UTC", "interval": 0.0, "run_immediately": False},
        "tags": {"creator-tiers", "ingestion"},
        "timeout": timedelta(hours=6),
        "params": {},
        "tasks": {
            "find_new_files": ("default_pool", "all_success", set()),
            "ingest_files": ("creator_tiers_ingest", "all_success", {"find_new_files"}),
            "announce_rows": ("default_pool", "all_done", {"ingest_files"}),
            "sum_up": ("default_pool", "none_failed", {"ingest_files"}),
        },
        "outlets": {"announce_rows": ["creator_tiers://lake"]},
    },
    "build_marts": {
        "schedule": "asset creator_tiers://lake",
        "tags": {"creator-tiers", "warehouse"},
        "timeout": timedelta(hours=3),
        "params": {},
        "tasks": {
            "build": ("creator_tiers_warehouse", "all_success", set()),
            "announce_tables": ("default_pool", "all_success", {"build"}),
        },
        "outlets": {"announce_tables": ["creator_tiers://warehouse"]},
    },
    "replay_quarantine": {
        "schedule": None,
        "tags": {"creator-tiers", "ingestion"},
        "timeout": timedelta(hours=6),
        "params": {"rule": None, "file": None},
        "tasks": {
            "read_again": ("creator_tiers_ingest", "all_success", set()),
            "announce_rows": ("default_pool", "all_done", {"read_again"}),
        },
        "outlets": {"announce_rows": ["creator_tiers://lake"]},
    },
    "check_freshness": {
        "schedule": {"expression": "0 7 * * *", "timezone": "UTC", "interval": 0.0, "run_immediately": False},
        "tags": {"creator-tiers", "operations"},
        "timeout": timedelta(minutes=30),
        "params": {},
        "tasks": {
            "look_for_exports": ("default_pool", "all_success", set()),
            "look_for_reports": ("default_pool", "all_success", set()),
            "raise_alarm": ("default_pool", "all_success", {"look_for_exports", "look_for_reports"}),
        },
        "outlets": {},
    },
    "publish_tier_report": {
        "schedule": {"expression": "0 0 * * MON", "timezone": "UTC"},
        "tags": {"creator-tiers", "report"},
        "timeout": timedelta(hours=4),
        "params": {"week": None},
        "tasks": {
            "compare": ("creator_tiers_warehouse", "all_success", set()),
            "render": ("default_pool", "all_success", {"compare"}),
            "check_gates": ("default_pool", "all_success", {"render"}),
            "deliver": ("creator_tiers_warehouse", "all_success", {"check_gates"}),
        },
        "outlets": {},
    },
}


def test_every_file_can_be_imported(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}


def test_the_dags_are_exactly_these(dag_bag: Any) -> None:
    assert set(dag_bag.dags) == set(EXPECTED)
    assert {path.stem for path in DAGS.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_schedule(dag_bag: Any, dag_id: str) -> None:
    assert _schedule(dag_bag.dags[dag_id]) == EXPECTED[dag_id]["schedule"]


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_dag_settings(dag_bag: Any, dag_id: str) -> None:
    dag, expected = dag_bag.dags[dag_id], EXPECTED[dag_id]
    assert dag.tags == expected["tags"]
    assert dag.dagrun_timeout == expected["timeout"]
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert dict(dag.params) == expected["params"]


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_tasks_pools_rules_and_order(dag_bag: Any, dag_id: str) -> None:
    tasks = {
        task.task_id: (task.pool, task.trigger_rule.value, set(task.upstream_task_ids))
        for task in dag_bag.dags[dag_id].tasks
    }
    assert tasks == EXPECTED[dag_id]["tasks"]


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_outlets(dag_bag: Any, dag_id: str) -> None:
    outlets = {
        task.task_id: [asset.uri for asset in task.outlets]
        for task in dag_bag.dags[dag_id].tasks
        if task.outlets
    }
    assert outlets == EXPECTED[dag_id]["outlets"]


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_every_task_has_an_owner_retries_and_the_policy(dag_bag: Any, dag_id: str) -> None:
    from creator_tiers.orchestration import RETRY_POLICY

    for task in dag_bag.dags[dag_id].tasks:
        assert task.owner == "data-engineering", task
        assert task.retries == 2, task
        assert task.retry_delay == timedelta(seconds=10), task
        assert task.retry_policy is RETRY_POLICY, task


@pytest.mark.parametrize("dag_id", EXPECTED)
def test_the_docstring_is_the_manual(dag_bag: Any, dag_id: str) -> None:
    manual = dag_bag.dags[dag_id].doc_md
    for part in ("Purpose", "Schedule", "Inputs", "Outputs", "Tasks", "Params", "When it fails"):
        assert f"**{part}.**" in manual, part
    for task in EXPECTED[dag_id]["tasks"]:
        assert f"`{task}`" in manual, f"the manual does not speak of {task}"
    assert "*clear*" in manual.lower()
    assert "*trigger*" in manual.lower()


def test_batches_have_readable_names(dag_bag: Any) -> None:
    task = dag_bag.dags["ingest_exports"].get_task("ingest_files")
    assert task.map_index_template == "{{ task.op_kwargs['batch']['label'] }}"


def test_pools_used_are_pools_made(dag_bag: Any) -> None:
    from creator_tiers.pools import POOLS

    used = {task.pool for dag in dag_bag.dags.values() for task in dag.tasks} - {"default_pool"}
    assert used == set(POOLS)
    assert POOLS["creator_tiers_warehouse"][0] == 1


@pytest.mark.parametrize("label", ["2026-W00", "2026-W54", "2026-W1", "46", "2026-W46'; drop"])
def test_the_week_param_refuses_what_is_no_week(dag_bag: Any, label: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dag_bag.dags["publish_tier_report"].params.get_param("week").resolve(value=label)


def test_the_week_param_takes_a_week(dag_bag: Any) -> None:
    assert (
        dag_bag.dags["publish_tier_report"].params.get_param("week").resolve(value="2026-W46") == "2026-W46"
    )


def test_a_late_report_is_told(dag_bag: Any) -> None:
    (alert,) = dag_bag.dags["publish_tier_report"].deadline
    assert alert.reference.reference_name == "DagRunQueuedAtDeadline"
    assert alert.interval == timedelta(hours=2)
    assert alert.callback.path == "creator_tiers.notifying.tell_late"


def test_a_first_start_without_exports_is_skipped_and_says_what_to_do(
    dag_bag: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    monkeypatch.setenv("CREATOR_TIERS_HOME", str(tmp_path))
    compare = dag_bag.dags["publish_tier_report"].get_task("compare").python_callable
    run = SimpleNamespace(data_interval_start=None, run_after=datetime(2026, 11, 16, tzinfo=UTC))
    with pytest.raises(AirflowSkipException, match="drop exports into"):
        compare(params={}, dag_run=run)


def test_the_webhook_hears_of_reports_and_of_alarms(dag_bag: Any) -> None:
    told = {
        (dag_id, task.task_id, kind)
        for dag_id, dag in dag_bag.dags.items()
        for task in dag.tasks
        for kind in ("success", "failure")
        if getattr(task, f"on_{kind}_callback")
    }
    assert told == {
        ("publish_tier_report", "check_gates", "failure"),
        ("publish_tier_report", "deliver", "success"),
        ("publish_tier_report", "deliver", "failure"),
        ("check_freshness", "raise_alarm", "failure"),
    }


APPROVAL = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1], collect_dags=True)
assert bag.import_errors == {}, bag.import_errors
dag = bag.dags["publish_tier_report"]
task = dag.get_task("approve")
print(json.dumps({
    "timeout": dag.dagrun_timeout.total_seconds(),
    "upstream": {one.task_id: sorted(one.upstream_task_ids) for one in dag.tasks},
    "defaults": task.defaults, "options": task.options, "patience": task.response_timeout.total_seconds(),
    "owner": task.owner, "retries": task.retries, "body": task.body, "subject": task.subject,
}))
"""


def test_with_a_setting_a_person_must_approve_and_silence_rejects(tmp_path: Path) -> None:
    env = os.environ | {"CREATOR_TIERS_APPROVAL_HOURS": "48", "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", APPROVAL, str(DAGS / "publish_tier_report.py")],
        capture_output=True, text=True, check=True, timeout=120, env=env,
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["upstream"] == {
        "compare": [],
        "render": ["compare"],
        "check_gates": ["render"],
        "approve": ["check_gates"],
        "deliver": ["approve", "check_gates"],
    }
    assert (answer["defaults"], answer["options"]) == (["Reject"], ["Approve", "Reject"])
    assert (answer["patience"], answer["timeout"]) == (48 * 3600, 52 * 3600)
    assert (answer["owner"], answer["retries"]) == ("data-engineering", 2)
    assert answer["body"] == "{{ ti.xcom_pull(task_ids='check_gates')['summary'] }}"
    assert "['week']" in answer["subject"]


PARSE = """
import sys, time, json
import airflow.sdk  # what every worker has loaded already
before = set(sys.modules)
took = {}
for path in sys.argv[1:]:
    started = time.perf_counter()
    exec(compile(open(path).read(), path, "exec"), {"__name__": "parsed", "__doc__": "x", "__file__": path})
    took[path] = time.perf_counter() - started
print(json.dumps({"took": took, "loaded": sorted({name.split(".")[0] for name in set(sys.modules)})}))
"""


def test_parsing_is_quick_and_imports_nothing_heavy() -> None:
    files = [str(path) for path in sorted(DAGS.glob("*.py"))]
    done = subprocess.run(
        [sys.executable, "-c", PARSE, *files], capture_output=True, text=True, check=True, timeout=120
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    heavy = {"pandas", "pyarrow", "duckdb", "great_expectations", "numpy", "scipy", "matplotlib", "sqlglot"}
    assert heavy & set(answer["loaded"]) == set()
    assert len(answer["took"]) == len(EXPECTED)
    assert max(answer["took"].values()) < 1.0, answer["took"]


def _schedule(dag: Any) -> Any:
    from airflow.sdk.definitions.timetables.assets import AssetTriggeredTimetable
    from airflow.serialization.encoders import encode_timetable

    if not dag.timetable.can_be_scheduled and not isinstance(dag.timetable, AssetTriggeredTimetable):
        return None
    if isinstance(dag.timetable, AssetTriggeredTimetable):
        return "asset " + ", ".join(asset.uri for asset in dag.timetable.asset_condition.objects)
    return encode_timetable(dag.timetable)["__var"]
