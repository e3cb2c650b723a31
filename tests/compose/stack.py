"""The compose file, brought up as a project of the tests' own: its command, its API, its database, its mail."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from creator_tiers.airflow_local.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "creator-tiers-test"
PATIENCE = 420.0
"""Seconds that the services may take to be healthy, on a machine of two cores."""

SLOW = 5.0
"""Tasks of more seconds are told when a run is over."""

MUST_RUN = "CREATOR_TIERS_COMPOSE_MUST_RUN"
"""Set where the compose tests may not be skipped."""

Json = dict[str, Any]


def missing(what: str) -> None:
    """Skip, saying what is missing; fail where nothing may be skipped."""
    if os.environ.get(MUST_RUN):
        pytest.fail(what)
    pytest.skip(what)


@functools.cache
def compose() -> tuple[str, ...]:
    """The command of Compose 2, else of 1.29; skips where there is none or no engine answers."""
    if not shutil.which("docker"):
        missing("no Docker on this machine: no `docker` on PATH")
    engine = _quiet("docker", "info", "--format", "{{.ServerVersion}}")
    if engine.returncode:
        missing(f"no Docker engine answers: {engine.stderr.strip()}")
    if not _quiet("docker", "compose", "version").returncode:
        return "docker", "compose"
    if not shutil.which("docker-compose"):
        missing("no Compose on this machine: neither `docker compose` nor `docker-compose`")
    return ("docker-compose",)


class Stack:
    """The services of the compose file with some of its profiles.

    Args:
        landing: where exports are dropped.
        settings: what `.env` would say.
    """

    def __init__(self, landing: Path, settings: Mapping[str, str]) -> None:
        self._opener = build_opener(ProxyHandler({}))
        self._ports = {
            name: free_port() for name in ("AIRFLOW_PORT", "MAILPIT_PORT", "POSTGRES_PORT", "SPARK_PORT")
        }
        said = {"LANDING_FOLDER": str(landing), **settings} | {k: str(v) for k, v in self._ports.items()}
        self._environment = {**os.environ, **said}
        for name in ("COMPOSE_FILE", "COMPOSE_PROJECT_NAME"):
            self._environment.pop(name, None)
        self._root = urlsplit(settings.get("AIRFLOW_BASE_URL", "")).path
        self._command = [*compose(), "--env-file", os.devnull, "-p", PROJECT]
        self._token = ""

    def up(self) -> None:
        """Build, start, and wait until every service is healthy."""
        self.down()
        self._call("build")
        self._call("up", "-d")
        deadline = time.monotonic() + PATIENCE
        while waiting := self._unhealthy():
            assert time.monotonic() < deadline, f"not healthy: {waiting}\n{self.logs()}"
            time.sleep(2)
        password = self.run(
            "airflow-api-server", "cat", "/var/lib/creator-tiers-secrets/airflow/admin_password"
        )
        self._token = self.login("admin", password)

    def login(self, username: str, password: str) -> str:
        """The token of a user."""
        answer = self._ask("POST", "/auth/token", {"username": username, "password": password})
        return str(answer["access_token"])

    def down(self) -> None:
        """Stop everything, and forget its volumes."""
        self._call("--profile", "celery", "--profile", "spark", "down", "-v", "--remove-orphans")

    def logs(self) -> str:
        """What the services said last."""
        return self._call("logs", "--no-color", "--tail", "30")

    def run(self, service: str, *command: str) -> str:
        """The output of a command inside a running service."""
        return self._call("exec", "-T", service, *command)

    def kill(self, service: str) -> None:
        """End a service without a word to it. The engine starts it again, as after a crash."""
        if service == "redis":  # it has no parent inside its container
            self._call("restart", "-t", "0", service)
            return
        _quiet(*self._command, "exec", "-T", service, "sh", "-c", "kill -9 -1", env=self._environment)

    def query(self, sql: str) -> list[Json]:
        """The rows of a query, by the pipeline's own command line, on whichever warehouse is in use."""
        return list(
            json.loads(self.run("airflow-scheduler", "creator-tiers", "query", sql, "--format", "json"))
        )

    def psql(self, database: str, login: str, sql: str) -> list[tuple[str, ...]]:
        """The rows of a query in PostgreSQL, as texts, with that login's password."""
        command = f'PGPASSWORD="$(cat /run/creator-tiers/{login})" exec psql -h 127.0.0.1 -U {login} -At -d {database}'
        return [
            tuple(line.split("|"))
            for line in self.run("postgres", "sh", "-c", f'{command} -c "$0"', sql).splitlines()
        ]

    def wait_for(self, dag_id: str, run_id: str, seconds: float = 1500.0) -> list[Json]:
        """Wait until a run is over and good; its task instances."""
        deadline = time.monotonic() + seconds
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}"
        while (state := self._ask("GET", path)["state"]) in ("queued", "running"):
            assert time.monotonic() < deadline, f"{dag_id} {run_id} is {state}\n{self.logs()}"
            time.sleep(1)
        tasks = self.tasks(dag_id, run_id)
        assert state == "success", [(task["task_id"], task["state"]) for task in tasks]
        slow = [
            (task["task_id"], round(task["duration"])) for task in tasks if (task["duration"] or 0) > SLOW
        ]
        print(f"{dag_id} {run_id}: seconds of its slow tasks: {slow}")
        return tasks

    def tasks(self, dag_id: str, run_id: str) -> list[Json]:
        """The task instances of a run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances?limit=100"
        return list(self._ask("GET", path)["task_instances"])

    def wait_until(self, is_so: Callable[[], bool], what: str, seconds: float = 300.0) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, f"never came: {what}\n{self.logs()}"
            time.sleep(0.5)

    def trigger(self, dag_id: str, **params: str) -> str:
        """Start a run."""
        answer = self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": params})
        return str(answer["dag_run_id"])

    def runs(self, dag_id: str) -> list[str]:
        """The runs of a DAG, the newest first."""
        answer = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after")
        return [run["dag_run_id"] for run in answer["dag_runs"]]

    def paused(self) -> dict[str, bool]:
        """DAG -> whether it is paused."""
        return {dag["dag_id"]: dag["is_paused"] for dag in self._ask("GET", "/api/v2/dags")["dags"]}

    def page(self, path: str, token: str | None = "") -> tuple[int, str]:
        """Status and text of a page of Airflow's server: for the admin, another's token, or nobody (None)."""
        headers = {} if token is None else {"Cookie": f"_token={token or self._token}"}
        try:
            with self._opener.open(self._request(path, headers), timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")

    def mails(self) -> list[bytes]:
        """What the sink holds, the newest first."""
        found = self._get_mail("/api/v1/messages")
        return [self._get_mail(f"/api/v1/message/{one['ID']}/raw") for one in json.loads(found)["messages"]]

    def _get_mail(self, path: str) -> bytes:
        url = f"http://127.0.0.1:{self._ports['MAILPIT_PORT']}{path}"
        with self._opener.open(url, timeout=30) as answer:
            return bytes(answer.read())

    def _request(
        self, path: str, headers: dict[str, str], method: str = "GET", body: bytes | None = None
    ) -> Request:
        url = f"http://127.0.0.1:{self._ports['AIRFLOW_PORT']}{self._root}{path}"
        return Request(url, method=method, data=body, headers=headers)

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        request = self._request(path, headers, method, None if body is None else json.dumps(body).encode())
        try:
            with self._opener.open(request, timeout=60) as answer:
                return dict(json.load(answer))
        except URLError as error:
            raise AssertionError(f"{method} {path}: {error}\n{self.logs()}") from error

    def _unhealthy(self) -> list[str]:
        """Services that are not (yet) healthy; raises when one has failed for good."""
        shown = _quiet(
            "docker", "ps", "-a", "--filter", f"label=com.docker.compose.project={PROJECT}", "--format",
            "{{.Names}}\t{{.Status}}",
        )  # fmt: skip
        states = dict(line.split("\t") for line in shown.stdout.splitlines())
        failed = {
            name: state for name, state in states.items() if state.startswith("Exited") and "(0)" not in state
        }
        assert not failed, f"{failed}\n{self.logs()}"
        return [
            f"{name}: {state}"
            for name, state in states.items()
            if "(healthy)" not in state and not state.startswith("Exited (0)")
        ]

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}\n{done.stderr}"
        return done.stdout


def _quiet(*command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
