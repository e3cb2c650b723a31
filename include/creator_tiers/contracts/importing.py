"""The import of Great Expectations, which takes about 7 seconds and has one trap."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def import_great_expectations() -> None:
    """Import it before anything else does.

    Where PySpark is installed it asks for PySpark's Connect modules. In a process without a main file (`python -c`, an
    embedded interpreter) these take themselves for doctests and end the process with exit code 0, when gRPC is missing.
    Nothing here uses Connect, so while Great Expectations is imported they are not there.
    """
    trap = "pyspark.sql.connect.utils"
    before = sys.modules.get(trap)
    sys.modules[trap] = None  # type: ignore[assignment]
    try:
        with _no_collection():
            import great_expectations.compatibility.pyspark  # noqa: F401
    finally:
        del sys.modules[trap]
        if before is not None:
            sys.modules[trap] = before


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: looking through all that an import makes takes a fifth of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
