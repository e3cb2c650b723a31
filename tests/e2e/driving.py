"""Driving the local runner from tests, and looking at what it leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from creator_tiers.airflow_local.instance import START_PATIENCE
from creator_tiers.airflow_local.lock import Lock
from creator_tiers.airflow_local.processes import free_port, marked
from creator_tiers.settings import Settings, load_settings
from creator_tiers.warehouse import open_reader

CLOCKED = frozenset({"loaded_at", "rejected_at", "resolved_at", "validated_at", "run_id", "first_seen_at"})
"""Columns that tell when or in which run something happened."""


def settings_of(home: Path) -> Settings:
    """The settings of a home, whatever the machine's environment."""
    return load_settings({"CREATOR_TIERS_HOME": str(home)})


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment as bare as `env -i` with PATH and HOME."""
    return {"PATH": os.defpath, "HOME": str(home), "CREATOR_TIERS_HOME": str(home), **more}


def command(*arguments: str) -> list[str]:
    """A call of the local runner."""
    return [sys.executable, "-m", "creator_tiers.airflow_local", *arguments]


def run(home: Path, week: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`make run` without make."""
    return subprocess.run(
        command("run", "--week", week),
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=800,
    )


@contextmanager
def up(home: Path) -> Iterator[None]:
    """`make up` for the length of a `with` block; it has to end well at Ctrl-C."""
    log = home / "up.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command("up", "--port", str(free_port())),
            env=environment(home),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        await_that(
            lambda: "Ctrl-C ends it" in log.read_text() or process.poll() is not None,
            START_PATIENCE + 60,
            home,
        )
        assert process.poll() is None, said(home)
        yield
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0, said(home)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def await_that(what: Callable[[], bool], seconds: float, home: Path) -> None:
    """Wait until something is so; shows what was logged when it does not become so."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, said(home)
        time.sleep(0.3)


def said(home: Path) -> str:
    """The last lines of the runner and of each service of Airflow."""
    logs = [home / "up.log", *sorted((home / "airflow" / "logs").glob("*.log"))]
    return "\n".join(
        f"== {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]) for log in logs
    )


def run_and_kill(home: Path, week: str, when: str, after: float) -> None:
    """Start a run and kill it, so many seconds after it has said something."""
    process = subprocess.Popen(
        command("run", "--week", week),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if when in line:
            break
    else:
        raise AssertionError(f"it never said {when!r}:\n{''.join(said)}")
    time.sleep(after)
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


def await_silence(home: Path, seconds: float = 30.0) -> None:
    """Wait until nothing that the last runner started is alive."""
    holder = Lock(home / "airflow" / "runner.lock").holder()
    if holder is None:
        return
    deadline = time.monotonic() + seconds
    while alive := marked(holder.runner, holder.sessions):
        assert time.monotonic() < deadline, f"still alive: {alive}"
        time.sleep(0.2)


def tables(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every published table, without the columns that tell when it was written."""
    with open_reader(settings_of(home)) as reader:
        names = reader.read(
            """
            SELECT table_schema, table_name FROM information_schema.tables
            WHERE table_schema IN ('core', 'marts', 'ops') AND table_name != 'warehouse_state'
            ORDER BY table_schema, table_name
            """
        ).to_pylist()
        found = {}
        for row in names:
            name = f"{row['table_schema']}.{row['table_name']}"
            rows = reader.read(f"SELECT * FROM {name}")
            kept = rows.select([column for column in rows.column_names if column not in CLOCKED])
            found[name] = sorted((tuple(one.values()) for one in kept.to_pylist()), key=repr)
    return found


def report(home: Path, week: str) -> dict[str, bytes]:
    """The files of a published report."""
    folder = home / "reports" / week
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lake(home: Path) -> dict[str, int]:
    """The lake's files of rows and its manifests, and when each was written (ns)."""
    root = home / "lake"
    files = [*root.rglob("*.parquet"), *(root / "manifests").glob("*.json")]
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in files}
