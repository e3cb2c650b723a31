"""A running Airflow: started clean, ready, stopped clean."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from urllib.parse import quote

from creator_tiers.airflow_local.api import Api, ApiError
from creator_tiers.airflow_local.home import USER, AirflowHome
from creator_tiers.airflow_local.lock import Holder, HomeBusyError, Lock
from creator_tiers.airflow_local.processes import ServiceDiedError, Services, end_marked, free_port
from creator_tiers.pools import POOLS

DAG_IDS = ("ingest_exports", "build_marts", "replay_quarantine", "publish_tier_report", "check_freshness")
"""The DAGs of the line, in the order in which the data walks through them."""

START_PATIENCE = 300.0
"""Seconds that the services may take to be ready."""

SILENCE = 15.0
"""Seconds of waiting after which the user is told what is waited for."""

Say = Callable[[str], None]


class NotReadyError(Exception):
    """Airflow did not become ready; the message says what was missing."""


@contextlib.contextmanager
def running(home: AirflowHome, *, mode: str, port: int | None, say: Say) -> Iterator[tuple[Api, Services]]:
    """Airflow, ready, for the length of a `with` block.

    What a killed runner left (processes, unfinished DAG runs) is cleaned up first.

    Args:
        home: its home.
        mode: `run`, where nothing starts by the clock, or `up`.
        port: where the API server and the UI listen on 127.0.0.1; any free port when None.
        say: takes lines for the user.

    Raises:
        HomeBusyError: another runner uses the home.
        ServiceDiedError: a service ended while it was started.
        NotReadyError: the services did not become ready, or a DAG file cannot be imported.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    lock = Lock(home.lock)
    dead = lock.take()
    if dead is not None and (count := end_marked(dead.runner, dead.sessions)):
        say(f"Ended {count} processes that a killed run had left behind.")
    holder = Holder(os.getpid(), secrets.token_hex(8), mode, port or free_port())
    lock.tell(holder)
    home.write()
    environment = home.environment(
        os.environ, port=holder.port, runner=holder.runner, on_request=mode == "run"
    )
    services = Services(environment, home.logs, lambda pids: lock.tell(replace(holder, sessions=pids)))
    api = Api(holder.port, USER, home.password)
    is_clean = False
    try:
        _migrate(home, services, say)
        services.start("api-server")
        if dead is not None and mode == "run":
            _await(services, lambda: None if api.health() else "the API server", say)
            _fail_unfinished(api, say)
        services.start("scheduler", "--skip-serve-logs")
        services.start("dag-processor")
        wanted = ["scheduler", "dag_processor"]
        if mode == "up":
            services.start("triggerer", "--skip-serve-logs")
            wanted.append("triggerer")
        started = time.time()
        _await(services, lambda: _missing(api, started, wanted), say)
        api.warm()
        _prepare(api)
        yield api, services
        is_clean = not _unfinished(api)
    finally:
        services.stop()
        if is_clean:
            lock.release()


def _migrate(home: AirflowHome, services: Services, say: Say) -> None:
    if home.is_migrated():
        return
    if not home.stamp.exists():
        for leftover in home.root.glob(f"{home.database.name}*"):
            leftover.unlink()
    say("Setting up Airflow's metadata (once) ...")
    services.finish("db", "migrate")
    home.stamp.write_text(version("apache-airflow-core"))


def _await(services: Services, missing: Callable[[], str | None], say: Say) -> None:
    started = spoken = time.monotonic()
    while (what := missing()) is not None:
        services.check()
        now = time.monotonic()
        if now - started > START_PATIENCE:
            raise NotReadyError(f"After {START_PATIENCE:.0f} s still not ready: {what}")
        if now - spoken >= SILENCE:
            say(f"Waiting for {what} ({now - started:.0f} s) ...")
            spoken = now
        time.sleep(0.2)


def _missing(api: Api, since: float, services: Sequence[str]) -> str | None:
    health = api.health()
    if health is None:
        return "the API server"
    for service in services:
        if health[service]["status"] != "healthy":
            return f"the {service.replace('_', ' ')}"
    for error in api.get("/importErrors")["import_errors"]:
        if _is_later(error["timestamp"], since):
            raise NotReadyError(f"{error['filename']} cannot be imported:\n{error['stack_trace']}")
    for dag_id in DAG_IDS:
        try:
            dag = api.get(f"/dags/{dag_id}")
        except ApiError as error:
            if error.status == 404:
                return f"the DAG {dag_id}"
            raise
        if dag["is_stale"] or not _is_later(dag["last_parsed_time"], since):
            return f"the DAG {dag_id}"
    return None


def _is_later(stamp: str | None, since: float) -> bool:
    return stamp is not None and datetime.fromisoformat(stamp).timestamp() >= since


def _prepare(api: Api) -> None:
    have = {pool["name"]: pool["slots"] for pool in api.get("/pools", limit=100)["pools"]}
    for name, (slots, description) in POOLS.items():
        if name not in have:
            api.post("/pools", {"name": name, "slots": slots, "description": description})
    for dag_id in DAG_IDS:
        api.patch(f"/dags/{dag_id}", {"is_paused": False})


def _unfinished(api: Api) -> list[tuple[str, str]]:
    found = []
    for dag_id in DAG_IDS:
        runs = api.get(f"/dags/{dag_id}/dagRuns", state=["queued", "running"], limit=100)["dag_runs"]
        found += [(dag_id, run["dag_run_id"]) for run in runs if run["run_type"] != "backfill"]
    return found


def _fail_unfinished(api: Api, say: Say) -> None:
    for dag_id, run_id in _unfinished(api):
        api.patch(f"/dags/{dag_id}/dagRuns/{quote(run_id)}", {"state": "failed"})
        say(f"Closed the unfinished run {run_id} of {dag_id}.")


__all__ = ["DAG_IDS", "HomeBusyError", "NotReadyError", "ServiceDiedError", "running"]
