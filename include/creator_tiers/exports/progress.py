"""Long work tells how far it is: a line in the log every some seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field

import duckdb

log = logging.getLogger(__name__)

SECONDS = 10.0
"""Between two lines. Work that is done sooner says nothing."""


@dataclass(slots=True)
class Progress:
    """Where the work on one file stands.

    Attributes:
        path: the file, as users are told.
        step: what is being done.
        rows: records read so far.
        started: when, on the monotonic clock.
    """

    path: str
    step: str = "reading"
    rows: int = 0
    started: float = field(default_factory=time.monotonic)

    def line(self, percent: float) -> str:
        """The state in words.

        Args:
            percent: of the query that runs; less than 0 for unknown.
        """
        share = f" {percent:.0f} %" if percent > 0 else ""
        seconds = time.monotonic() - self.started
        return f"{self.path}: {self.step}{share}, {self.rows:,} rows read, {seconds:,.0f} s so far"


@contextmanager
def telling(connection: duckdb.DuckDBPyConnection, path: str) -> Iterator[Progress]:
    """Log the state of the work on a file every `SECONDS` while it lasts.

    Args:
        connection: the workbench.
        path: the file, as users are told.
    """
    progress = Progress(path)
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(SECONDS):
            log.info("%s", progress.line(connection.query_progress()))

    # In this context, so that its lines have the fields of the file.
    teller = threading.Thread(target=copy_context().run, args=(tell,), name="progress", daemon=True)
    teller.start()
    try:
        yield progress
    finally:
        ended.set()
        teller.join()
