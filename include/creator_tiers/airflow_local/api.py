"""A small client of Airflow's public REST API (v2), on the standard library."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

Json = dict[str, Any]

PATIENCE = (0.2, 1.0, 3.0)
"""Seconds before each further try of a call that the server could not answer. All calls may be repeated."""

TIMEOUT = 60.0
"""Seconds that an answer may take."""

PROBE_TIMEOUT = 10.0
"""Seconds that a sign of life may take: a dead server must not be waited for any longer."""


class ApiError(Exception):
    """Airflow's API refused a call or could not be reached.

    Attributes:
        status: the HTTP status; 0 when no answer came.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """Calls to one API server.

    Args:
        port: its port on 127.0.0.1.
        user: who calls.
        password: their password.
    """

    def __init__(self, port: int, user: str, password: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._login = {"username": user, "password": password}
        self._token: str | None = None
        self._opener = build_opener(ProxyHandler({}))

    def health(self) -> Json | None:
        """The state of the services, or None while the server does not answer."""
        try:
            return self._call("GET", "/api/v2/monitor/health", None, {}, timeout=PROBE_TIMEOUT)
        except ApiError:
            return None

    def warm(self) -> None:
        """Ask the part that tasks talk to for a sign of life; its first answer is slow."""
        try:
            self._call("GET", "/execution/health", None, {})
        except ApiError:
            return

    def get(self, path: str, **query: object) -> Json:
        """GET `/api/v2<path>`.

        Raises:
            ApiError: refused, or no answer.
        """
        return self._authorised("GET", path, None, query)

    def post(self, path: str, body: Json) -> Json:
        """POST `body` to `/api/v2<path>`; raises ApiError."""
        return self._authorised("POST", path, body, {})

    def patch(self, path: str, body: Json, **query: object) -> Json:
        """PATCH `/api/v2<path>`; raises ApiError."""
        return self._authorised("PATCH", path, body, query)

    def trigger(self, dag_id: str, conf: Json) -> str:
        """Start a run by hand and return its id; raises ApiError."""
        run_id = f"manual__{datetime.now(UTC).isoformat()}"
        try:
            self.post(f"/dags/{dag_id}/dagRuns", {"dag_run_id": run_id, "logical_date": None, "conf": conf})
        except ApiError as error:
            if error.status != HTTPStatus.CONFLICT:  # an earlier try, whose answer was lost, has made it
                raise
        return run_id

    def run(self, dag_id: str, run_id: str) -> Json:
        """A DAG run; raises ApiError."""
        return self.get(f"/dags/{dag_id}/dagRuns/{quote(run_id)}")

    def tasks(self, dag_id: str, run_id: str) -> list[Json]:
        """The task instances of a run, those of mapped tasks one by one; raises ApiError."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances"
        found: list[Json] = []
        while True:
            page = self.get(path, limit=100, offset=len(found))
            found += page["task_instances"]
            if not page["task_instances"] or len(found) >= page["total_entries"]:
                return found

    def result(self, task: Json, key: str = "return_value") -> Any:
        """What a task instance returned; None when it returned nothing."""
        path = (
            f"/dags/{task['dag_id']}/dagRuns/{quote(task['dag_run_id'])}"
            f"/taskInstances/{task['task_id']}/xcomEntries/{key}"
        )
        try:
            return self.get(path, map_index=task["map_index"])["value"]
        except ApiError:
            return None

    def log(self, task: Json) -> list[str]:
        """The lines of a task instance's last try; none when there is no log."""
        path = (
            f"/dags/{task['dag_id']}/dagRuns/{quote(task['dag_run_id'])}"
            f"/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        )
        try:
            content = self.get(path, map_index=task["map_index"], full_content="true")["content"]
        except ApiError:
            return []
        return [line for entry in content for line in _log_lines(entry)]

    def _authorised(self, method: str, path: str, body: Json | None, query: dict[str, object]) -> Json:
        if self._token is None:
            token = self._call("POST", "/auth/token/cli", dict(self._login), {})
            self._token = str(token["access_token"])
        for wait in PATIENCE:
            try:
                return self._call(method, f"/api/v2{path}", body, query)
            except ApiError as error:
                if error.status and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                time.sleep(wait)
        return self._call(method, f"/api/v2{path}", body, query)

    def _call(
        self, method: str, path: str, body: Json | None, query: dict[str, object], *, timeout: float = TIMEOUT
    ) -> Json:
        url = f"{self.url}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._token is not None and path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 (always http, loopback)
        try:
            with self._opener.open(request, timeout=timeout) as answer:
                text = answer.read()
            return dict(json.loads(text)) if text else {}
        except HTTPError as error:
            detail = error.read().decode(errors="replace")[:500]
            raise ApiError(f"{method} {path}: {error.code} {detail}", error.code) from error
        except (URLError, OSError, HTTPException, ValueError, TypeError) as error:
            raise ApiError(f"{method} {path}: {error}") from error


def _log_lines(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return [str(entry)]
    lines = [str(entry.get("event", ""))]
    for detail in entry.get("error_detail") or []:
        lines += [
            f"  {frame.get('filename')}:{frame.get('lineno')} in {frame.get('name')}"
            for frame in (detail.get("frames") or [])[-4:]
        ]
        lines.append(f"{detail.get('exc_type')}: {detail.get('exc_value')}")
    return lines
