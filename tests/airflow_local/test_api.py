"""The REST client, against a server that is played."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from creator_tiers.airflow_local import api as api_module
from creator_tiers.airflow_local.api import Api, ApiError

pytestmark = [pytest.mark.contract]


class Played(HTTPServer):
    """Answers with what is queued for a path, the last answer again and again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[tuple[int, Any]]] = {
            "/auth/token/cli": [(201, {"access_token": "t0ken"})]
        }
        self.asked: list[tuple[str, str, Any, str | None]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Played

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        path = self.path.split("?")[0]
        self.server.asked.append((self.command, self.path, body, self.headers.get("Authorization")))
        queue = self.server.answers.get(path, [(404, {"detail": "nothing here"})])
        status, answer = queue.pop(0) if len(queue) > 1 else queue[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    monkeypatch.setattr(api_module, "PATIENCE", (0.0, 0.0))
    played = Played()
    thread = threading.Thread(target=played.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield played
    played.shutdown()
    thread.join()
    played.server_close()


@pytest.fixture
def api(server: Played) -> Api:
    return Api(server.server_port, "admin", "secret")


def test_it_logs_in_once_and_shows_its_token(server: Played, api: Api) -> None:
    server.answers["/api/v2/dags/d"] = [(200, {"dag_id": "d"})]
    assert api.get("/dags/d") == api.get("/dags/d") == {"dag_id": "d"}
    assert [asked[1] for asked in server.asked] == ["/auth/token/cli", "/api/v2/dags/d", "/api/v2/dags/d"]
    assert server.asked[0][2] == {"username": "admin", "password": "secret"}
    assert server.asked[1][3] == "Bearer t0ken"


def test_a_server_in_trouble_is_asked_again(server: Played, api: Api) -> None:
    server.answers["/api/v2/dags/d"] = [(500, {}), (503, {}), (200, {"is_paused": False})]
    assert api.patch("/dags/d", {"is_paused": False}) == {"is_paused": False}


def test_a_refusal_is_an_error_at_once(server: Played, api: Api) -> None:
    server.answers["/api/v2/dags/d"] = [(403, {"detail": "not yours"})]
    with pytest.raises(ApiError, match="not yours") as caught:
        api.get("/dags/d")
    assert caught.value.status == 403
    assert len(server.asked) == 2


def test_a_trigger_whose_answer_was_lost_is_not_repeated(server: Played, api: Api) -> None:
    server.answers["/api/v2/dags/d/dagRuns"] = [(500, {}), (409, {"detail": "it exists"})]
    run_id = api.trigger("d", {"week": "2026-W46"})
    bodies = [asked[2] for asked in server.asked if asked[0] == "POST" and "dagRuns" in asked[1]]
    assert bodies == [{"dag_run_id": run_id, "logical_date": None, "conf": {"week": "2026-W46"}}] * 2


def test_all_pages_of_tasks_are_read(server: Played, api: Api) -> None:
    server.answers["/api/v2/dags/d/dagRuns/r/taskInstances"] = [
        (200, {"task_instances": [{"n": 1}, {"n": 2}], "total_entries": 3}),
        (200, {"task_instances": [{"n": 3}], "total_entries": 3}),
    ]
    assert api.tasks("d", "r") == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert "offset=2" in server.asked[-1][1]


def test_a_server_that_is_not_there_has_no_health() -> None:
    from creator_tiers.airflow_local.processes import free_port

    assert Api(free_port(), "admin", "secret").health() is None


@pytest.mark.parametrize(
    "said", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\n\r\n<html>hello</html>"]
)
def test_another_program_at_its_port_is_no_health(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "PROBE_TIMEOUT", 0.3)

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(said)
            asked.wait(20)

    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        started = time.monotonic()
        assert Api(listener.getsockname()[1], "admin", "secret").health() is None
        assert time.monotonic() - started < 10
        asked.set()
        thread.join()


def test_a_log_shows_frames_and_the_exception(server: Played, api: Api) -> None:
    frames = [{"filename": "f.py", "lineno": number, "name": "go"} for number in range(9)]
    detail = [{"exc_type": "ValueError", "exc_value": "no", "frames": frames}]
    server.answers["/api/v2/dags/d/dagRuns/r/taskInstances/t/logs/1"] = [
        (200, {"content": [{"event": "Task failed with exception", "error_detail": detail}, "plain"]})
    ]
    task = {"dag_id": "d", "dag_run_id": "r", "task_id": "t", "try_number": 1, "map_index": -1}
    assert api.log(task) == [
        "Task failed with exception",
        *(f"  f.py:{number} in go" for number in range(5, 9)),
        "ValueError: no",
        "plain",
    ]
