"""One writer at a time, for a warehouse that has no lock of its own: a row of the state store.

The row is a lease. Its holder renews it from a thread; one that stops renewing (killed, cut off) loses it after
`LEASE`, at once where its process is known to be dead. Who finds the row taken waits, but not for ever.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from creator_tiers.state_store import open_state
from creator_tiers.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseUnreachableError

LEASE = timedelta(seconds=120)
_PAUSE = 0.2
_RENEWED_AFTER = timedelta(seconds=1)
"""At the soonest."""

_TABLE = sa.Table(
    "writer_locks",
    sa.MetaData(),
    sa.Column("name", sa.String(500), primary_key=True),
    sa.Column("token", sa.String(32), nullable=False),
    sa.Column("machine", sa.String(300), nullable=False),
    sa.Column("process", sa.BigInteger, nullable=False),
    sa.Column("began_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)


class WriterLock:
    """The right to write what has this name.

    Args:
        state_url: SQLAlchemy URL of the state store; an SQLite file's folder is made when missing.
        name: of what is written.
        wait: how long to wait for another holder.
    """

    def __init__(self, state_url: str, name: str, wait: timedelta) -> None:
        self._name = name
        self._wait = wait
        self._lease = LEASE
        self._token = uuid.uuid4().hex
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._store = open_state(state_url)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            WarehouseBusyError: somebody else has it, for longer than the wait.
            WarehouseUnreachableError: the state store does not answer; it may later.
            WarehouseError: the state store cannot be used.
        """
        deadline = time.monotonic() + self._wait.total_seconds()
        try:
            with self._store.begin() as connection:
                connection.execute(CreateTable(_TABLE, if_not_exists=True))
            while not self._try():
                if time.monotonic() > deadline:
                    raise WarehouseBusyError(self._who())
                time.sleep(_PAUSE)
        except sa.exc.SQLAlchemyError as error:
            raise self._trouble(error) from error
        self._thread = threading.Thread(target=self._renew, name="writer-lock", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Make sure that the lock is still held, and hold it a full lease more. Call it right before a commit.

        Raises:
            WarehouseBusyError: it was lost to another writer.
            WarehouseUnreachableError: the state store does not answer.
        """
        try:
            with self._store.begin() as connection:
                kept = connection.execute(
                    _TABLE.update().where(self._mine()).values(expires_at=_now() + self._lease)
                ).rowcount
        except sa.exc.SQLAlchemyError as error:
            raise self._trouble(error) from error
        if not kept:
            raise WarehouseBusyError(f"this writer was away too long and another one took over {self._name}")

    def release(self) -> None:
        """Give the lock back. Doing it twice does no harm."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with contextlib.suppress(sa.exc.SQLAlchemyError), self._store.begin() as connection:
            connection.execute(_TABLE.delete().where(self._mine()))

    def _trouble(self, error: sa.exc.SQLAlchemyError) -> WarehouseError | WarehouseUnreachableError:
        text = f"the state store {self._store.url!r} cannot be used: {error}"
        return (
            WarehouseUnreachableError(text)
            if isinstance(error, sa.exc.OperationalError)
            else WarehouseError(text)
        )

    def _mine(self) -> sa.ColumnElement[bool]:
        return sa.and_(_TABLE.c.name == self._name, _TABLE.c.token == self._token)

    def _try(self) -> bool:
        row = {
            "token": self._token, "machine": _machine(), "process": os.getpid(),
            "began_at": psutil.Process().create_time(), "expires_at": _now() + self._lease,
        }  # fmt: skip
        found = self._holder()
        if found is None:
            try:
                with self._store.begin() as connection:
                    connection.execute(_TABLE.insert().values(name=self._name, **row))
            except sa.exc.IntegrityError:
                return False
            return True
        if found.expires_at > _now() and not _is_dead(found):
            return False
        theirs = sa.and_(_TABLE.c.name == self._name, _TABLE.c.token == found.token)
        with self._store.begin() as connection:
            return connection.execute(_TABLE.update().where(theirs).values(**row)).rowcount == 1

    def _holder(self) -> sa.Row[tuple[object, ...]] | None:
        with self._store.connect() as connection:
            return connection.execute(sa.select(_TABLE).where(_TABLE.c.name == self._name)).one_or_none()

    def _who(self) -> str:
        holder = self._holder()
        by = (
            f"process {holder.process} on {holder.machine.partition(' ')[0]}" if holder else "another process"
        )
        return (
            f"{by} writes to {self._name}, and one writes at a time; waited {self._wait.total_seconds():g} s. "
            "Try again when it has finished; readers are not kept waiting"
        )

    def _renew(self) -> None:
        while not self._ended.wait(max(self._lease / 6, _RENEWED_AFTER).total_seconds()):
            with contextlib.suppress(sa.exc.SQLAlchemyError), self._store.begin() as connection:
                connection.execute(
                    _TABLE.update().where(self._mine()).values(expires_at=_now() + self._lease)
                )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _machine() -> str:
    """This machine since it was started, and this container of it: within it a process number says something."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def _is_dead(holder: sa.Row[tuple[object, ...]]) -> bool:
    if holder.machine != _machine():
        return False
    try:
        return bool(abs(psutil.Process(holder.process).create_time() - holder.began_at) > 1)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
