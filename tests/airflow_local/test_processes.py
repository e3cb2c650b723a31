"""Processes are found again and ended: ours, all of them, and no others."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from creator_tiers.airflow_local.home import MARKER
from creator_tiers.airflow_local.processes import end_marked, free_port, is_free, marked

pytestmark = pytest.mark.kill

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
)
NAMELESS = (
    "import setproctitle, time; setproctitle.setproctitle('x' * 4000); print(flush=True); time.sleep(60)"
)


def _start(code: str, runner: str | None, *, session: bool = True) -> subprocess.Popen[bytes]:
    env = {**os.environ, **({MARKER: runner} if runner else {})}
    return subprocess.Popen(
        [sys.executable, "-c", code], env=env, start_new_session=session, stdout=subprocess.PIPE
    )


def _wait(what: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_marked_processes_end_and_others_stay() -> None:
    ours, theirs, nobodys = _start(SLEEP, "mine"), _start(SLEEP, "theirs"), _start(SLEEP, None)
    try:
        _wait(lambda: len(marked("mine", [])) == 1)
        assert end_marked("mine", []) == 1
        assert not psutil.pid_exists(ours.pid)
        assert theirs.poll() is None
        assert nobodys.poll() is None
    finally:
        for process in (ours, theirs, nobodys):
            process.kill()
            process.wait()


def test_a_process_that_hides_its_environment_is_found_by_its_session() -> None:
    process = _start(NAMELESS, "mine")
    try:
        assert process.stdout is not None
        process.stdout.readline()
        assert MARKER not in psutil.Process(process.pid).environ()
        assert marked("mine", []) == []
        assert [one.pid for one in marked("mine", [process.pid])] == [process.pid]
    finally:
        process.kill()
        process.wait()


def test_a_reused_session_number_is_acquitted() -> None:
    stranger = _start(SLEEP, None)
    try:
        _wait(lambda: bool(psutil.Process(stranger.pid).environ()))
        assert marked("mine", [stranger.pid]) == []
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_that_will_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creator_tiers.airflow_local.processes.GRACE", 0.3)
    process = _start(STUBBORN, "mine")
    assert process.stdout is not None
    process.stdout.readline()
    assert end_marked("mine", []) == 1
    assert not psutil.pid_exists(process.pid)


PARENT = """
import os, pathlib, signal, sys
from creator_tiers.airflow_local.processes import Services
services = Services({**os.environ, "CREATOR_TIERS_RUNNER": "doomed"}, pathlib.Path(sys.argv[1]))
services.start("version")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_guard_ends_what_a_killed_runner_started(tmp_path: Path) -> None:
    """The service would sleep for a minute."""
    (tmp_path / "airflow").mkdir()
    service = tmp_path / "airflow" / "__main__.py"
    service.write_text(SLEEP)
    (tmp_path / "airflow" / "__init__.py").touch()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    parent = subprocess.run([sys.executable, "-c", PARENT, str(tmp_path)], env=env, check=False, timeout=30)
    assert parent.returncode == -9
    assert marked("doomed", []), "the service did not outlive its runner: nothing is tested"
    _wait(lambda: not marked("doomed", []), 20)


def test_ports() -> None:
    port = free_port()
    assert is_free(port)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        assert not is_free(port)
