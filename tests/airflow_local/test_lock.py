"""One runner a home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from creator_tiers.airflow_local.lock import Holder, HomeBusyError, Lock

pytestmark = pytest.mark.unit

HOLDER = Holder(pid=os.getpid(), runner="r1", mode="run", port=4711, sessions=[1, 2])


def test_a_second_runner_is_told_who_is_there(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take() is None
    first.tell(HOLDER)
    with pytest.raises(HomeBusyError, match=f"process {os.getpid()}") as caught:
        second.take()
    assert caught.value.holder == HOLDER
    first.release()
    assert second.take() is None
    second.release()


def test_a_killed_runner_is_remembered(tmp_path: Path) -> None:
    code = (
        "import os, signal, pathlib, sys; from creator_tiers.airflow_local.lock import *;"
        "lock = Lock(pathlib.Path(sys.argv[1])); lock.take();"
        "lock.tell(Holder(os.getpid(), 'r9', 'run', 1)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], check=False, timeout=30)
    lock = Lock(tmp_path / "lock")
    dead = lock.take()
    assert dead is not None
    assert dead.runner == "r9"
    lock.release()
    assert Lock(tmp_path / "lock").take() is None


def test_a_half_written_lock_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text('{"pid": 1, "run')
    lock = Lock(tmp_path / "lock")
    assert lock.take() is None
    lock.release()
