"""Word to a webhook and to the owner, over a real HTTP server and a real mail server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from creator_tiers.notifying import WebhookNotifier, describe, post, tell_late
from tests.report.mailbox import running

pytestmark = pytest.mark.contract


class Hook:
    """A webhook that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/json"
                outer.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hook]:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        hook.server.shutdown()
        thread.join()
        hook.server.server_close()


def connect(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_CREATOR_TIERS_WEBHOOK", json.dumps({"conn_type": "generic", "password": url})
    )


def context(said: object = None, **more: Any) -> dict[str, Any]:
    task = SimpleNamespace(dag_id="publish_tier_report", task_id="deliver", xcom_pull=lambda **_: said)
    return {"ti": task, **more}


def test_what_is_told() -> None:
    facts = {
        "week": "2026-W46",
        "headline": "Supported: x\ny.",
        "summary": "Sent to 3 recipients.",
        "run_id": "r",
    }
    assert describe(context(facts)) == "Creator Tiers: 2026-W46 Supported: x y. Sent to 3 recipients."
    assert describe(context()) == "Creator Tiers: publish_tier_report / deliver is done"
    failed = describe(context(exception=ValueError("freshness: no tiktok")))
    assert failed == "Creator Tiers: publish_tier_report / deliver failed: freshness: no tiktok"


def test_the_webhook_is_told(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, hook.url)
    WebhookNotifier()(context({"headline": "Supported."}))
    assert hook.got == [{"text": "Creator Tiers: Supported."}]


def test_without_a_connection_nothing_happens(hook: Hook) -> None:
    assert post("x") is False
    assert hook.got == []


@pytest.mark.parametrize(
    "url", ["http://hooks.example/x", "file:///etc/passwd", "ftp://a.example/", "", "hooks"]
)
def test_only_https_is_spoken(hook: Hook, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, url)
    with pytest.raises(ValueError, match="must be the webhook's https URL"):
        post("x")
    assert hook.got == []


def test_trouble_with_the_webhook_fails_no_task(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, hook.url)
    hook.status = 500
    WebhookNotifier()(context({"headline": "Supported."}))
    assert len(hook.got) == 1


def test_a_late_run_is_told_to_the_owner_once_and_to_the_webhook(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connect(monkeypatch, hook.url)
    monkeypatch.setenv("CREATOR_TIERS_HOME", str(tmp_path))
    monkeypatch.setenv("CREATOR_TIERS_OWNER", "owner@brand.example")
    with running() as mailbox:
        extra = {"disable_ssl": True, "disable_tls": True}
        connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": mailbox.port, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_CREATOR_TIERS_SMTP", json.dumps(connection))
        run = {"dag_run_id": "scheduled__x", "dag_id": "publish_tier_report", "state": "running"}
        for _ in range(2):
            tell_late({"dag_run": run, "deadline": {}})
        (message,) = mailbox.messages()
    assert message["To"] == "owner@brand.example"
    assert "the run scheduled__x of publish_tier_report has not ended in time" in message.get_content()
    assert "scheduled__x" in hook.got[0]["text"]
