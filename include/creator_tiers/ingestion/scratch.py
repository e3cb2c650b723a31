"""Folders for what a run has not decided yet; those of killed runs are swept by the next one."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRATCH = ".scratch-"


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder for what is not decided yet, locked while it is in use."""
    with (
        tempfile.TemporaryDirectory(prefix=SCRATCH, dir=root) as folder,
        (Path(folder) / "lock").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(folder)


def sweep(root: Path) -> None:
    """Remove the scratch folders that killed processes left behind: nobody holds their locks."""
    for folder in root.glob(f"{SCRATCH}*"):
        try:
            with (folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
