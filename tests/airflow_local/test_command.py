"""The command line of the local runner: what it answers before and after Airflow has run."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.airflow_local import __main__ as command
from creator_tiers.airflow_local.line import Line, Outcome

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_TIERS_HOME", str(tmp_path))


@pytest.mark.parametrize("week", ["2026-46", "2026-W60", "last"])
def test_a_week_that_is_none_is_refused(week: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["run", "--week", week]) == 1
    assert week in capsys.readouterr().err


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CREATOR_TIERS_ZONE", "Mars/Olympus")
    assert command.main(["run"]) == 1
    assert "CREATOR_TIERS_ZONE" in capsys.readouterr().err


class Results:
    def __init__(self, **results: Any) -> None:
        self.results = results

    def result(self, _task: dict[str, Any], key: str = "return_value") -> Any:
        return self.results.get(key)

    def log(self, _task: dict[str, Any]) -> list[str]:
        return ["the log"]


def _task(task_id: str, state: str) -> dict[str, Any]:
    return {"task_id": task_id, "state": state, "map_index": -1, "try_number": 1}


def test_a_report_ends_with_its_path_and_headline(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line(
        Results(return_value={"report": "/r/report.html", "headline": "Micro leads."}), lambda: None, print
    )  # type: ignore[arg-type]
    published = Outcome("publish_tier_report", "r", True, [_task("deliver", "success")])
    assert command._conclude(line, published) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["Report: /r/report.html", "Micro leads."]


def test_a_closed_gate_is_3(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line(Results(closed_gates=["freshness: data of May"]), lambda: None, print)  # type: ignore[arg-type]
    published = Outcome("publish_tier_report", "r", False, [_task("check_gates", "failed")])
    assert command._conclude(line, published) == 3
    assert "freshness: data of May" in capsys.readouterr().out


def test_a_gate_that_broke_is_1() -> None:
    line = Line(Results(), lambda: None, lambda _: None)  # type: ignore[arg-type]
    published = Outcome("publish_tier_report", "r", False, [_task("check_gates", "failed")])
    assert command._conclude(line, published) == 1


@pytest.mark.enable_socket
def test_a_taken_port_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert command.main(["up", "--port", str(holder.getsockname()[1])]) == 1
    assert "AIRFLOW_PORT" in capsys.readouterr().err
