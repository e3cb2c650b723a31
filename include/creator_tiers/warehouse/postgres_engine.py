"""PostgreSQL: a shared server. A build is one transaction, readers see what was committed, one writes at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from creator_tiers.tables import Table
from creator_tiers.warehouse.closing import ClosedAtEnd
from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import NothingPublishedError, WarehouseBusyError, WarehouseError
from creator_tiers.warehouse.frames import conform
from creator_tiers.warehouse.postgres_copy import batches_of, batches_of_files, copy_in
from creator_tiers.warehouse.postgres_roles import become_reader, become_writer, open_layer
from creator_tiers.warehouse.postgres_session import Session, translated_errors
from creator_tiers.warehouse.postgres_sql import create_indexes, create_table, guard
from creator_tiers.warehouse.statements import comments, delete_where, delete_window, insert, model

WAIT = timedelta(seconds=60)
"""How long a writer waits for another one."""

_LOCK = 0x63726561746F72  # advisory lock of the writer; any number that nobody else uses in this database
_SHAPE = """
    SELECT array_agg(ROW(attname, atttypid, atttypmod, attnotnull, attcollation)::text ORDER BY attnum)
    FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""


class _Session(ClosedAtEnd):
    """What reader and writer share."""

    engine = "postgresql"

    def __init__(self, session: Session) -> None:
        self._session = session

    def close(self) -> None:
        """See `Reader.close`."""
        self._session.close()


class PostgresReader(_Session):
    """Reads what was committed when it was opened, as the analyst role, in a transaction that cannot write.

    Raises:
        NothingPublishedError: nothing has been built in this database yet.
        WarehouseUnreachableError: no server answers.
        WarehouseError: the server refuses.
    """

    def __init__(self, url: str) -> None:
        super().__init__(Session(url, "creator-tiers reader"))
        try:
            become_reader(self._session)
            self._begin()
            if not self._session.ask("SELECT to_regclass('ops.warehouse_state') IS NOT NULL")[0]:
                raise NothingPublishedError(
                    f"nothing has been built in {self._session.driver.info.dbname} yet; `make run` builds it, "
                    "`creator-tiers rebuild` fills it from the lake"
                )
        except BaseException:
            self.close()
            raise

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """See `Reader.read`."""
        with self._usable():
            return self._session.read(sql, parameters)

    def query(self, sql: str) -> pa.Table:
        """See `Reader.query`."""
        with self._usable():
            return self._session.query(guard(sql))

    def _begin(self) -> None:
        self._session.say("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        """A failed statement ends the server's transaction: begin another."""
        try:
            yield
        except WarehouseError:
            self._session.say("ROLLBACK")
            self._begin()
            raise


class PostgresWarehouse(_Session):
    """Writes the warehouse of a database.

    A table that is dropped and created again in one transaction, as a rebuild does, is emptied instead where its shape
    is the same: nobody who reads it waits, and views on it stay.

    Args:
        url: of the database.
        wait: how long to wait for another writer.

    Raises:
        WarehouseBusyError: another writer works for longer than that.
        WarehouseUnreachableError: no server answers.
        WarehouseError: the server refuses.
    """

    def __init__(self, url: str, wait: timedelta | None = None) -> None:
        super().__init__(Session(url, "creator-tiers writer"))
        self._in_transaction = False
        self._leaving: dict[str, Table] = {}
        self._unindexed: dict[str, Table] = {}
        self._open_layers: set[str] = set()
        try:
            self._lock(WAIT if wait is None else wait)
            become_writer(self._session)
        except BaseException:
            self.close()
            raise

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """See `Reader.read`."""
        return self._session.read(sql, parameters)

    def query(self, sql: str) -> pa.Table:
        """See `Reader.query`."""
        return self._session.query(guard(sql))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Warehouse.transaction`."""
        self._session.say("BEGIN")
        self._in_transaction = True
        try:
            yield
            for one in self._leaving.values():
                self._session.say(f"DROP TABLE {one.full_name}")
            for one in self._unindexed.values():
                self._index(one)
            self._session.say("COMMIT")
        except BaseException:
            self._open_layers.clear()
            with contextlib.suppress(Exception):
                self._session.say("ROLLBACK")
            raise
        finally:
            self._in_transaction = False
            self._leaving.clear()
            self._unindexed.clear()

    def exists(self, table: Table) -> bool:
        """See `Warehouse.exists`."""
        if table.full_name in self._leaving:
            return False
        return bool(self._session.ask("SELECT to_regclass(%s) IS NOT NULL", (table.full_name,))[0])

    def create(self, table: Table) -> None:
        """See `Warehouse.create`. A transaction's indexes are made at its end, when the rows are there."""
        if table.layer not in self._open_layers:
            open_layer(self._session, table.layer)
            self._open_layers.add(table.layer)
        is_leaving = self._leaving.pop(table.full_name, None) is not None
        if is_leaving and self._has_shape(table):
            self._session.say(f"DELETE FROM {table.full_name}")
        else:
            if is_leaving:
                self._session.say(f"DROP TABLE {table.full_name}")
            self._session.say(create_table(table))
        for comment in comments(table):
            self._session.say(comment)
        if self._in_transaction:
            self._unindexed[table.full_name] = table
        else:
            self._index(table)

    def drop(self, table: Table) -> None:
        """See `Warehouse.drop`. A table that others may be reading goes at the transaction's end."""
        if not self.exists(table):
            return
        self._unindexed.pop(table.full_name, None)
        if self._in_transaction and table.layer != "stage":
            self._leaving[table.full_name] = table
        else:
            self._session.say(f"DROP TABLE {table.full_name}")

    def stage_files(self, table: Table, files: Iterable[Path]) -> None:
        """See `Warehouse.stage_files`."""
        self.create(table)
        self._copy(table, batches_of_files(table, files))

    def load_rows(self, table: Table, rows: pa.Table, only: Mapping[str, object] = NOTHING) -> None:
        """See `Warehouse.load_rows`."""
        fitting = conform(rows, table)
        with self._whole():
            self._session.run(delete_where(table, only), only)
            self._copy(table, batches_of(fitting))

    def run(self, table: Table, parameters: Mapping[str, object] = NOTHING) -> None:
        """See `Warehouse.run`."""
        try:
            with self._whole():
                self._run_model(table, parameters)
        except WarehouseError as error:
            raise WarehouseError(f"include/sql/{table.layer}/{table.name}.sql: {error}") from error

    def allow_memory(self) -> None:
        """See `Warehouse.allow_memory`. The server has its own limits."""

    def write_anew(self) -> None:
        """See `Warehouse.write_anew`. The server clears its files in its own time."""

    def publish(self, *, keep_former: bool = True) -> None:
        """See `Warehouse.publish`. A commit has done it."""

    def _lock(self, wait: timedelta) -> None:
        """One writer at a time, from here until the connection ends, however it ends."""
        self._session.ask(
            "SELECT set_config('lock_timeout', %s, false)", (f"{wait.total_seconds() * 1000:.0f}ms",)
        )
        try:
            self._session.ask("SELECT pg_advisory_lock(%s)", (_LOCK,))
        except WarehouseBusyError as error:
            raise WarehouseBusyError(
                f"another process writes to {self._session.driver.info.dbname}, and one writes at a time; waited "
                f"{wait.total_seconds():g} s. Try again when it has finished; readers are not kept waiting"
            ) from error

    def _has_shape(self, table: Table) -> bool:
        """Whether the table in the database has the columns of its description."""
        self._session.say(create_table(table, "described"))
        shapes = [self._session.ask(_SHAPE, (name,)) for name in ("pg_temp.described", table.full_name)]
        self._session.say("DROP TABLE pg_temp.described")
        return shapes[0] == shapes[1]

    def _index(self, table: Table) -> None:
        for statement in create_indexes(table):
            self._session.say(statement)

    def _run_model(self, table: Table, parameters: Mapping[str, object]) -> None:
        mode = table.write.mode if table.write else "replace_all"
        if mode == "replace_all":
            self._session.run(delete_where(table, ()))
        # An empty table has nothing to replace: half the work when everything is built for the first time.
        if mode != "replace_keys" or not self.read(f"SELECT 1 FROM {table.full_name} LIMIT 1").num_rows:
            self._analyze(table, self._session.run(insert(table, model(table)), parameters))
            return
        self._session.run(f"CREATE TEMPORARY TABLE replacement AS\n{model(table)}", parameters)
        self._session.run(delete_window(table))
        self._analyze(table, self._session.run(insert(table, "SELECT * FROM replacement")))
        self._session.say("DROP TABLE pg_temp.replacement")

    def _copy(self, table: Table, batches: Iterable[pa.RecordBatch]) -> None:
        with translated_errors():
            rows = copy_in(self._session.driver, table, batches)
        self._analyze(table, rows)

    def _analyze(self, table: Table, rows: int) -> None:
        """Tell the planner of rows that change the picture: without that it guesses, and loops where it should hash."""
        if not rows:
            return
        [known] = self._session.ask(
            "SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", (table.full_name,)
        )
        if table.layer == "stage" or rows > max(known, 0) / 10:
            self._session.say(f"ANALYZE {table.full_name}")

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Several statements as one, when no transaction is under way."""
        with contextlib.nullcontext() if self._in_transaction else self.transaction():
            yield
