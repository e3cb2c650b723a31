"""One runner a home: the lock that it holds, and what it says about itself."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


class HomeBusyError(Exception):
    """Another runner works in this home.

    Attributes:
        holder: what it says about itself; None when it has not said anything yet.
    """

    def __init__(self, holder: Holder | None) -> None:
        who = f"process {holder.pid} (`{holder.mode}`)" if holder else "another process"
        super().__init__(f"{who} is using this home already")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Holder:
    """The runner that holds, or last held, a home.

    Attributes:
        pid: its process id.
        runner: the id that marks the processes it started.
        mode: `run` or `up`.
        port: the port of its API server on 127.0.0.1.
        sessions: the operating system's sessions of the processes it started.
    """

    pid: int
    runner: str
    mode: str
    port: int
    sessions: list[int] = field(default_factory=list)


class Lock:
    """An exclusive lock on a file, given back by the operating system when its holder dies.

    Args:
        path: the file; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> Holder | None:
        """Take the lock.

        Returns:
            The runner that held it before and died without cleaning up; None when there is nothing to clean up.

        Raises:
            HomeBusyError: another process holds it.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise HomeBusyError(self.holder()) from None
        self._handle = handle
        return self.holder()

    def tell(self, holder: Holder) -> None:
        """Write down who holds the lock."""
        self._write(json.dumps(asdict(holder)))

    def release(self) -> None:
        """Give the lock back, with nothing left to clean up."""
        if self._handle is None:
            return
        self._write("")
        os.close(self._handle)
        self._handle = None

    def holder(self) -> Holder | None:
        """Who holds the lock, or held it and died; None when neither, or when nothing has been said yet."""
        try:
            return Holder(**json.loads(self._path.read_text()))
        except (ValueError, TypeError):
            return None

    def _write(self, text: str) -> None:
        if self._handle is None:
            raise RuntimeError("the lock is not held")
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text.encode(), 0)
