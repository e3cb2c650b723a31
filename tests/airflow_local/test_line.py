"""Following DAG runs, against an API that is played."""

from __future__ import annotations

from typing import Any

import pytest

from creator_tiers.airflow_local import line as line_module
from creator_tiers.airflow_local.line import Line, Outcome

pytestmark = pytest.mark.unit


def _task(task_id: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "dag_id": "d",
        "dag_run_id": "r",
        "task_id": task_id,
        "state": state,
        "map_index": -1,
        "rendered_map_index": None,
        "try_number": 1,
        "duration": 1.25,
        **more,
    }


class PlayedApi:
    """Answers as Airflow would; each look at a run moves it on."""

    def __init__(self, steps: list[tuple[str, list[dict[str, Any]]]], **answers: Any) -> None:
        self.steps = steps
        self.triggered: list[tuple[str, dict[str, Any]]] = []
        self.answers = answers

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        self.triggered.append((dag_id, conf))
        return f"manual of {dag_id}"

    def run(self, _dag_id: str, _run_id: str) -> dict[str, Any]:
        return {"state": self.steps[0][0]}

    def tasks(self, _dag_id: str, _run_id: str) -> list[dict[str, Any]]:
        _, tasks = self.steps[0]
        if len(self.steps) > 1:
            self.steps.pop(0)
        return tasks

    def result(self, task: dict[str, Any], _key: str = "return_value") -> Any:
        return self.answers.get("results", {}).get(task["task_id"])

    def log(self, _task: dict[str, Any]) -> list[str]:
        return list(self.answers.get("log", []))

    def get(self, path: str, **query: object) -> dict[str, Any]:
        if path == "/dags/publish_tier_report/dagRuns":
            return {"dag_runs": [{"dag_run_id": one} for one in self.answers.get("running", [])]}
        assert path == "/assets/events"
        assert query["source_run_id"] == "r1"
        return {"asset_events": self.answers["events"].pop(0)}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "POLL", 0.0)


def _line(api: PlayedApi) -> tuple[Line, list[str]]:
    said: list[str] = []
    return Line(api, lambda: None, said.append), said  # type: ignore[arg-type]


def test_each_task_is_told_once_with_its_counts() -> None:
    batch = _task("ingest_files", "running", map_index=0)
    api = PlayedApi(
        [
            ("running", [_task("find_new_files", "success"), batch]),
            ("running", [_task("find_new_files", "success"), batch]),
            ("success", [_task("find_new_files", "success"), {**batch, "state": "success"}]),
        ],
        results={
            "find_new_files": [{"label": "instagram: 12 files"}, {"label": "x"}],
            "ingest_files": {"files": 12, "rows_loaded": 3400},
        },
    )
    line, said = _line(api)
    assert line.ingest().is_good
    assert len(said) == 3
    assert "2 batches" in said[1]
    assert "ingest_files [instagram: 12 files]: files 12, rows loaded 3,400" in said[2]


def test_without_new_rows_the_build_is_triggered() -> None:
    api = PlayedApi([("success", [])], events=[])
    line, _ = _line(api)
    ingested = Outcome("ingest_exports", "r1", True, [_task("announce_rows", "skipped")])
    assert line.build(ingested).run_id == "manual of build_marts"


def test_with_new_rows_the_run_that_their_event_started_is_followed() -> None:
    event = {"created_dagruns": [{"dag_id": "build_marts", "run_id": "asset run"}]}
    api = PlayedApi([("success", [])], events=[[], [{"created_dagruns": []}], [event]])
    line, _ = _line(api)
    ingested = Outcome("ingest_exports", "r1", True, [_task("announce_rows", "success")])
    assert line.build(ingested).run_id == "asset run"
    assert api.triggered == []


def test_an_event_that_starts_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "ASSET_PATIENCE", -1.0)
    line, _ = _line(PlayedApi([("success", [])], events=[[]]))
    with pytest.raises(TimeoutError, match="build_marts"):
        line.build(Outcome("ingest_exports", "r1", True, [_task("announce_rows", "success")]))


def test_a_report_that_waits_for_a_person_is_not_waited_for() -> None:
    tasks = [_task("check_gates", "success"), _task("approve", "awaiting_input"), _task("deliver", "none")]
    api = PlayedApi([("running", tasks)])
    line, _ = _line(api)
    outcome = line.publish("2026-W46")
    assert (outcome.is_waiting, outcome.is_good) == (True, False)
    assert outcome.run_id == "manual of publish_tier_report"


def test_no_report_is_asked_for_while_another_waits_for_a_person() -> None:
    api = PlayedApi([("running", [_task("approve", "awaiting_input")])], running=["scheduled"])
    line, _ = _line(api)
    outcome = line.publish("2026-W46")
    assert (outcome.is_waiting, outcome.run_id) == (True, "scheduled")
    assert api.triggered == []


def test_a_run_that_is_queued_behind_one_that_waits_is_not_waited_for() -> None:
    queued = [_task("approve", "none")]
    api = PlayedApi(
        [("queued", queued), ("queued", queued), ("running", [_task("approve", "awaiting_input")])],
        running=["scheduled"],
    )
    line, _ = _line(api)
    assert line.publish("2026-W46").run_id == "scheduled"


def test_a_failure_is_explained_with_the_end_of_the_log() -> None:
    log = [f"before {number}" for number in range(50)] + [
        "::group::x",
        "Task failed with exception",
        "Boom: no",
    ]
    line, said = _line(PlayedApi([], log=log))
    tasks = [_task("build", "failed", try_number=3), _task("announce_tables", "upstream_failed")]
    line.explain(Outcome("build_marts", "r", False, tasks))
    assert said[0].startswith("FAILED build_marts / build, try 3")
    assert said[1:-1] == [
        *(f"    before {n}" for n in range(42, 50)),
        "    Task failed with exception",
        "    Boom: no",
    ]
    assert "dags/build_marts.py" in said[-1]
