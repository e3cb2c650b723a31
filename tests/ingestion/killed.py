"""Plan and ingest in a process of its own that kills itself at the n-th call of a function. Run by `test_kill.py`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from creator_tiers.ingestion import ingest, keeping, landing, loading, plan
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake import store
from creator_tiers.settings import load_settings
from creator_tiers.stores import LocalStore

POINTS: dict[str, tuple[Any, str]] = {
    "before a plan is written": (LocalStore, "write"),
    "before a file is described": (landing.Folder, "describe"),
    "before a file is read": (loading, "read_export"),
    "before its rows are staged": (loading, "stage"),
    "before all are validated": (loading, "validate_rows"),
    "before a load is kept": (loading, "keep"),
    "before rows are moved": (keeping, "_move"),
    "before a commit": (store.Lake, "commit"),
    "before a rename": (Path, "replace"),
    "before a file is marked as seen": (store.Lake, "mark_seen"),
    "never": (landing.Folder, "find"),
}


def deadly(function: Callable[..., Any], calls: int) -> Callable[..., Any]:
    left = [calls]

    def call(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)

    return call


if __name__ == "__main__":
    home, point, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    loading.validate_rows = lambda *_: Validated([], {})
    holder, name = POINTS[point]
    setattr(holder, name, deadly(getattr(holder, name), calls))
    settings = load_settings({"CREATOR_TIERS_HOME": home})
    for batch in plan(settings, batch_files=4):
        ingest(settings, batch)
