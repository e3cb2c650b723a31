"""The one Spark application of this process, and a session of their own for everybody who asks."""

from __future__ import annotations

import contextlib
import logging
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from creator_tiers.warehouse.errors import WarehouseError, WarehouseUnreachableError
from creator_tiers.warehouse.spark_url import PINNED, SparkPlace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DEFAULTS = {
    "spark.app.name": "creator-tiers",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1024",
    "spark.driver.maxResultSize": "0",
}
"""Settings that a URL may change."""

_LONGEST_MESSAGE = 2000
_application: tuple[str, dict[str, str], SparkSession] | None = None
_users = 0
_starting = threading.Lock()


def open_session(place: SparkPlace) -> SparkSession:
    """A new session, with temporary views and settings of its own; give it back with `release_session`.

    The application lives on after its last session, because the next one would need seconds to start it again. It ends
    with the process, or when another cluster is asked for.

    Raises:
        WarehouseUnreachableError: the cluster does not answer or gives no executor; it may later.
        WarehouseError: Spark is not installed, or this process uses another cluster already.
    """
    global _users
    with _starting:
        session = _start(place).newSession()
        _users += 1
    own = {name: value for name, value in place.conf.items() if _is_of_session(name)}
    for name, value in {**DEFAULTS, **own, **PINNED}.items():
        if _is_of_session(name) and session.conf.isModifiable(name):
            session.conf.set(name, value)
    return session


def release_session() -> None:
    """Say that a session is not needed any more."""
    global _users
    with _starting:
        _users -= 1


def _start(place: SparkPlace) -> SparkSession:
    global _application
    wanted = {**DEFAULTS, **place.conf, **PINNED}
    if _application is not None:
        master, conf, session = _application
        context = session.sparkContext._jsc
        if context is not None and not context.sc().isStopped():
            if (master, conf) == (place.master, _of_application(wanted)):
                return session
            if _users:
                raise WarehouseError(
                    f"this process uses Spark at {master} already, and Spark allows one application in a process"
                )
            session.stop()
        _application = None
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise WarehouseError(
            f"Spark is not installed: pip install -r requirements-spark.txt ({error})"
        ) from error
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of each connection that it closes
    if shutil.which("java") is None:
        raise WarehouseError("Spark needs Java 17 or 21, and there is no `java` on PATH")
    if place.master.startswith("spark://"):
        _knock(place.master)
    builder = SparkSession.builder.master(place.master)
    for name, value in wanted.items():
        builder = builder.config(name, value)
    with spark_errors():
        session = builder.getOrCreate()
        _await_executor(session, place)
    _application = (place.master, _of_application(wanted), session)
    return session


def _is_of_session(name: str) -> bool:
    return name.startswith("spark.sql.")


def _of_application(conf: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in conf.items() if not _is_of_session(name)}


def _knock(master: str) -> None:
    """Fail at once where no master listens: Spark itself would try for minutes."""
    answers = []
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        except (OSError, ValueError) as error:
            answers.append(f"{address}: {error}")
        else:
            return
    raise WarehouseUnreachableError(f"no Spark master answers ({'; '.join(answers)}); is the cluster up?")


def _await_executor(session: SparkSession, place: SparkPlace) -> None:
    """Wait for the first executor: without one a query would wait for ever."""
    if place.master.startswith("local"):
        return
    deadline = time.monotonic() + max(place.wait, timedelta(seconds=30)).total_seconds()
    context = session.sparkContext._jsc.sc()
    # The driver is the first that it counts.
    while context.getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > deadline:
            session.stop()
            raise WarehouseUnreachableError(
                f"{place.master} gave no executor within {place.wait.total_seconds():g} s: no worker is alive, or "
                "others have all cores and memory"
            )
        time.sleep(0.1)


@contextlib.contextmanager
def spark_errors() -> Iterator[None]:
    """Spark's errors as the warehouse's, with the message and without the Java stack."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, RuntimeError) as error:
        text = str(error).partition("\tat ")[0].partition("\n\nJVM stacktrace")[0].strip()
        raise WarehouseError(text[:_LONGEST_MESSAGE] or type(error).__name__) from error
