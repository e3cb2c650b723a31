"""Starting Airflow's processes, stopping them, and finding those that a killed runner left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

from creator_tiers.airflow_local.home import MARKER

GRACE = 5.0
"""Seconds between asking processes to end and ending them."""


class ServiceDiedError(Exception):
    """A process of Airflow ended by itself; the message has the last lines of its log."""


class Services:
    """Airflow's processes, each with a log file, in a process group of their own.

    A guard process, in a session of its own, ends them when this process disappears without having done so.

    Args:
        environment: what they are started with; it holds the marker by which they are found again.
        logs: the folder of their log files.
        told: called with all sessions so far whenever a process is started: what to remember to find them again.

    Attributes:
        sessions: the operating system's sessions of all processes started.
    """

    def __init__(
        self, environment: Mapping[str, str], logs: Path, told: Callable[[list[int]], None] = lambda _: None
    ) -> None:
        self._environment = dict(environment)
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lifeline: int | None = None
        self._told = told
        self.sessions: list[int] = []

    def start(self, *arguments: str) -> None:
        """Start `airflow <arguments>`; its log is `<first argument>.log`."""
        self._ensure_guard()
        self._running[arguments[0]] = self._spawn(arguments)

    def finish(self, *arguments: str) -> None:
        """Run `airflow <arguments>` to its end.

        Raises:
            ServiceDiedError: it did not end with 0.
        """
        self._ensure_guard()
        process = self._spawn(arguments)
        if process.wait():
            raise ServiceDiedError(self._obituary(arguments[0], process.returncode))

    def check(self) -> None:
        """Make sure that everything started still runs.

        Raises:
            ServiceDiedError: something ended.
        """
        for name, process in self._running.items():
            if (code := process.poll()) is not None:
                raise ServiceDiedError(self._obituary(name, code))

    def stop(self) -> None:
        """End everything that was started, politely first."""
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        end_marked(self._environment[MARKER], self.sessions)
        for process in self._running.values():
            process.wait()
        self._running.clear()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _spawn(self, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with self._log(arguments[0]).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 (our own interpreter, fixed arguments)
                [sys.executable, "-m", "airflow", *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.sessions.append(process.pid)
        self._told(self.sessions)
        if self._lifeline is not None:
            os.write(self._lifeline, f"{process.pid}\n".encode())
        return process

    def _ensure_guard(self) -> None:
        if self._lifeline is not None:
            return
        reader, self._lifeline = os.pipe()
        environment = {name: value for name, value in self._environment.items() if name != MARKER}
        with self._log("guard").open("ab") as log:
            subprocess.Popen(  # noqa: S603 (our own interpreter, fixed arguments)
                [sys.executable, "-m", "creator_tiers.airflow_local.guard", self._environment[MARKER]],
                env=environment,
                stdin=reader,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        os.close(reader)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _obituary(self, name: str, code: int) -> str:
        path = self._log(name)
        lines = path.read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f"airflow {name} ended with {code}. The end of {path}:", *lines])


def marked(runner: str, sessions: Iterable[int]) -> list[psutil.Process]:
    """The processes of a runner: those that carry its id, or live in a session that it made.

    A process that renames itself (Airflow's workers do) overwrites its environment: only its session tells whose it
    is. A session number may have been given anew meanwhile: a readable environment without the id acquits.
    """
    known = set(sessions)
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            environment = process.environ()
            is_ours = environment.get(MARKER) == runner
            is_nameless = not environment and os.getsid(process.pid) in known
            if is_ours or is_nameless:
                found.append(process)
    return found


def end_processes(processes: Iterable[psutil.Process], *, grace: float) -> int:
    """Ask processes to end, wait, end those that are left; returns how many there were."""
    targets = list(processes)
    for process in targets:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(targets, timeout=grace)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=grace)
    return len(targets)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def end_marked(runner: str, sessions: Iterable[int], *, patience: float = 20.0) -> int:
    """End all processes of a runner, also those that they start meanwhile; returns how many there were."""
    known = list(sessions)
    ended = 0
    deadline = time.monotonic() + patience
    while (found := marked(runner, known)) and time.monotonic() < deadline:
        ended += end_processes(found, grace=GRACE)
    return ended
