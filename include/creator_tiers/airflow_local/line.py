"""Drives the DAGs once, in order, and tells what happens: ingest, build, publish."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from creator_tiers.airflow_local.api import Api, Json
from creator_tiers.airflow_local.instance import Say

POLL = 0.3
"""Seconds between looks at a DAG run."""

ASSET_PATIENCE = 60.0
"""Seconds that the asset-triggered run may take to be registered."""

LOG_BEFORE, LOG_LINES, LOG_WIDTH = 8, 20, 300
"""Lines of a failed task's log that are shown: before the failure, from it on; and the characters of each."""

_NOISE = (
    "::",
    "DAG bundles loaded",
    "Filling up the DagBag",
    "Worker startup parse complete",
    "Retry policy decision",
)
WAITING = "awaiting_input"
"""The state of a task that waits for a person's word."""

_DONE = {"success", "failed", "skipped", "upstream_failed", "removed"}

Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a DAG run ended.

    Attributes:
        dag_id: the DAG.
        run_id: its run.
        is_good: whether the run succeeded.
        tasks: its task instances, as the API tells them.
        is_waiting: whether it has not ended: it waits for a person's word.
    """

    dag_id: str
    run_id: str
    is_good: bool
    tasks: list[Json]
    is_waiting: bool = False

    def failed(self) -> list[Json]:
        """The task instances that failed themselves."""
        return [task for task in self.tasks if task["state"] == "failed"]

    def find(self, task_id: str) -> Json | None:
        """The first instance of a task."""
        return next((task for task in self.tasks if task["task_id"] == task_id), None)


@dataclass(frozen=True, slots=True)
class Line:
    """The three DAGs on one running Airflow.

    Attributes:
        api: its API.
        check: raises when a service of Airflow has died.
        say: takes lines for the user.
    """

    api: Api
    check: Check
    say: Say

    def ingest(self) -> Outcome:
        """Trigger `ingest_exports` and wait for its end."""
        return self._follow("ingest_exports", self.api.trigger("ingest_exports", {}))

    def build(self, ingested: Outcome) -> Outcome:
        """Wait for the `build_marts` that the new rows start; without new rows, trigger it to make sure.

        Raises:
            TimeoutError: the asset event started no run.
        """
        announced = ingested.find("announce_rows")
        if announced is None or announced["state"] != "success":
            return self._follow("build_marts", self.api.trigger("build_marts", {}))
        deadline = time.monotonic() + ASSET_PATIENCE
        while (run_id := self._started_by(ingested)) is None:
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"The event of {ingested.run_id} started no run of build_marts within {ASSET_PATIENCE:.0f} s"
                )
            time.sleep(POLL)
        return self._follow("build_marts", run_id)

    def publish(self, week: str) -> Outcome:
        """Trigger `publish_tier_report` for an ISO week and wait for its end, or until it waits for a person.

        While another run waits for a person, this one cannot start: the other's outcome is returned.
        """
        return self._waiting("publish_tier_report") or self._follow(
            "publish_tier_report", self.api.trigger("publish_tier_report", {"week": week})
        )

    def explain(self, outcome: Outcome) -> None:
        """Say which tasks failed, the end of their logs, and what to do."""
        for task in outcome.failed():
            self.say(
                f"FAILED {outcome.dag_id} / {_name(task)}, try {task['try_number']}. The end of its log:"
            )
            for line in _telling(self.api.log(task)):
                self.say(f"    {line if len(line) <= LOG_WIDTH else line[:LOG_WIDTH] + ' ...'}")
        self.say(f"What to do: mend the cause, then run again (the manual is in dags/{outcome.dag_id}.py).")

    def _waiting(self, dag_id: str) -> Outcome | None:
        for run in self.api.get(f"/dags/{dag_id}/dagRuns", state=["running"], limit=10)["dag_runs"]:
            tasks = self.api.tasks(dag_id, run["dag_run_id"])
            if any(task["state"] == WAITING for task in tasks):
                return Outcome(dag_id, run["dag_run_id"], is_good=False, tasks=tasks, is_waiting=True)
        return None

    def _started_by(self, ingested: Outcome) -> str | None:
        query = {"source_dag_id": ingested.dag_id, "source_run_id": ingested.run_id, "limit": 10}
        for event in self.api.get("/assets/events", **query)["asset_events"]:
            for run in event["created_dagruns"]:
                if run["dag_id"] == "build_marts":
                    return str(run["run_id"])
        return None

    def _follow(self, dag_id: str, run_id: str) -> Outcome:
        self.say(f"{dag_id}: {run_id}")
        told: set[tuple[str, int, str]] = set()
        batches: list[str] = []
        while True:
            run = self.api.run(dag_id, run_id)
            tasks = self.api.tasks(dag_id, run_id)
            for task in tasks:
                self._tell(task, told, batches)
            if run["state"] in ("success", "failed"):
                return Outcome(dag_id, run_id, run["state"] == "success", tasks)
            if any(task["state"] == WAITING for task in tasks):
                return Outcome(dag_id, run_id, is_good=False, tasks=tasks, is_waiting=True)
            if run["state"] == "queued" and (other := self._waiting(dag_id)) is not None:
                return other
            self.check()
            time.sleep(POLL)

    def _tell(self, task: Json, told: set[tuple[str, int, str]], batches: list[str]) -> None:
        state = task["state"]
        if state not in _DONE and state != "up_for_retry":
            return
        key = (task["task_id"], task["map_index"], f"{state} {task['try_number']}")
        if key in told:
            return
        told.add(key)
        seconds = f" {task['duration']:5.1f} s" if task["duration"] else ""
        result = self.api.result(task) if state == "success" else None
        if isinstance(result, list):
            batches += [str(batch.get("label", number)) for number, batch in enumerate(result)]
        if task["map_index"] in range(len(batches)):  # a try that ended badly forgets its rendered name
            task["rendered_map_index"] = batches[task["map_index"]]
        self.say(f"  {state:<12}{seconds:>8}  {_name(task)}{_counts(result)}")


def _telling(log: list[str]) -> list[str]:
    """The end of a log, around the failure if it is in sight, without what Airflow says of its own work."""
    lines = [line for line in log if not line.startswith(_NOISE)]
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].startswith("Task failed with exception"):
            return lines[max(number - LOG_BEFORE, 0) : number + LOG_LINES]
    return lines[-LOG_LINES:]


def _name(task: Json) -> str:
    if task["map_index"] < 0:
        return str(task["task_id"])
    return f"{task['task_id']} [{task['rendered_map_index'] or task['map_index']}]"


def _counts(result: Any) -> str:
    if isinstance(result, list):
        return f": {len(result)} batches"
    if not isinstance(result, dict):
        return ""
    shown = [
        f"{name.replace('_', ' ')} {value:,}"
        if isinstance(value, int)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in result.items()
        if isinstance(value, int | str) and not isinstance(value, bool) and len(str(value)) <= 60
    ]
    return ": " + ", ".join(shown) if shown else ""
