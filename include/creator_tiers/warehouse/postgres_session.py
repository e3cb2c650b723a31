"""A connection to PostgreSQL: statements in the project's dialect, rows as Arrow, errors told apart."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from psycopg import sql as composing

from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseUnreachableError
from creator_tiers.warehouse.frames import bindable
from creator_tiers.warehouse.postgres_sql import say

PINNED: Mapping[str, str] = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "client_min_messages": "warning",
    "jit": "off",  # compiling a build's many small steps costs more than it saves
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "client_connection_check_interval": "2s",  # a killed client's statement, and its lock, do not outlive it
}
"""What numbers and speed depend on: the same in every session, whatever the server's defaults are."""

_ARROW: Mapping[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    25: pa.string(),
    700: pa.float64(),
    701: pa.float64(),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
"""PostgreSQL's type numbers and what they become; `numeric` and the rest follow their values."""

_NUMERIC = 1700
_ROWS_AT_ONCE = 50_000


def address(url: str) -> sa.URL:
    """The URL as SQLAlchemy's, by psycopg 3.

    Raises:
        WarehouseError: it is no URL. It is not repeated: it may hold a password.
    """
    try:
        return sa.make_url(url.replace("postgres://", "postgresql://", 1)).set(
            drivername="postgresql+psycopg"
        )
    except (sa.exc.ArgumentError, ValueError):
        raise WarehouseError(
            "CREATOR_TIERS_WAREHOUSE is no URL; write it like postgresql+psycopg://user:password@host:5432/database"
        ) from None


class Session:
    """One connection, in autocommit unless a transaction is begun.

    Args:
        url: of the database.
        name: how the server's lists of sessions show it.

    Raises:
        WarehouseUnreachableError: no server answers, or it lets nobody in just now.
        WarehouseError: the server refuses.
    """

    def __init__(self, url: str, name: str) -> None:
        options = {"application_name": name, "cursor_factory": psycopg.ClientCursor, "autocommit": True}
        self._engine = sa.create_engine(
            address(url), poolclass=sa.NullPool, pool_reset_on_return=None, connect_args=options
        )
        try:
            with translated_errors():
                self._lease = self._engine.raw_connection()
        except WarehouseUnreachableError as error:
            # The server's answer comes as FATAL; without one there is no server, and that may pass.
            passing = ("starting up", "shutting down", "too many", "slots are reserved", "recovery mode")
            if "FATAL" in str(error) and not any(one in str(error) for one in passing):
                raise WarehouseError(f"{_shown(self._engine.url)} lets nobody in: {error}") from error
            raise WarehouseUnreachableError(
                f"{_shown(self._engine.url)} cannot be reached: {error}"
            ) from error
        self.driver = cast("psycopg.Connection[tuple[Any, ...]]", self._lease.driver_connection)
        try:
            pins = ", ".join(["set_config(%s, %s, false)"] * len(PINNED))
            self.ask(f"SELECT {pins}", [part for pin in PINNED.items() for part in pin])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back; what is not committed is lost. Closing twice does no harm."""
        with contextlib.suppress(psycopg.Error, sa.exc.SQLAlchemyError):
            self._lease.close()

    def run(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> int:
        """Run a statement of the project's dialect; how many rows it changed."""
        return self._execute(sql, parameters).rowcount

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """The rows of a query of the project's dialect; see `Reader.read`."""
        cursor = self._execute(sql, parameters)
        with translated_errors():
            return _rows(cursor)

    def say(self, statement: str | composing.Composable) -> None:
        """Run a statement of PostgreSQL's own SQL, without values."""
        with translated_errors():
            self.driver.execute(cast("composing.SQL", statement))

    def ask(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...]:
        """The one row of a query in PostgreSQL's own SQL, its `%s` bound."""
        with translated_errors():
            row = self.driver.execute(cast("composing.SQL", statement), values or None).fetchone()
        return row or ()

    def query(self, sql: str) -> pa.Table:
        """The rows of a single statement in PostgreSQL's own SQL. The server refuses two: it is prepared.

        Raises:
            WarehouseError: the statement fails or returns no rows.
        """
        with translated_errors(), psycopg.Cursor(self.driver) as cursor:
            cursor.execute(cast("composing.SQL", sql), prepare=True)
            if cursor.description is None:
                raise WarehouseError("this is not one query: write a single SELECT, SHOW or EXPLAIN")
            return _rows(cursor)

    def _execute(self, sql: str, parameters: Mapping[str, object]) -> psycopg.Cursor[tuple[Any, ...]]:
        said = say(sql)
        missing = sorted(said.names - set(parameters))
        if missing:
            raise WarehouseError(f"no value is given for ${', $'.join(missing)}")
        values = {name: bindable(parameters[name]) for name in said.names}
        with translated_errors():
            return self.driver.execute(cast("composing.SQL", said.text), values or None)


def _shown(url: sa.URL) -> str:
    """The URL without its passwords, also those that libpq takes from the query."""
    return repr(url.update_query_dict({name: "hidden" for name in url.query if "password" in name}))


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """The driver's errors as the warehouse's: busy and unreachable pass by themselves, the rest does not."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _translated(error.orig or error) from error
    except psycopg.Error as error:
        raise _translated(error) from error


def _translated(error: BaseException) -> Exception:
    busy = (
        psycopg.errors.LockNotAvailable,
        psycopg.errors.DeadlockDetected,
        psycopg.errors.SerializationFailure,
    )
    said = str(error).strip()
    if isinstance(error, busy):
        return WarehouseBusyError(f"somebody else holds what is needed: {said}")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return WarehouseUnreachableError(said)
    return WarehouseError(said)


def _rows(cursor: psycopg.Cursor[tuple[Any, ...]]) -> pa.Table:
    """The result as Arrow, column by column, a part at a time; times with a zone become UTC without one."""
    described = cursor.description or []
    parts: list[list[Any]] = []
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        parts.append(list(zip(*rows, strict=True)))
    columns = [_column(column, [part[place] for part in parts]) for place, column in enumerate(described)]
    return pa.Table.from_arrays(columns, names=[column.name for column in described])


def _column(described: psycopg.Column, parts: Sequence[Sequence[Any]]) -> pa.ChunkedArray:
    try:
        kind = _kind(described, parts)
        values = pa.chunked_array([pa.array(part, kind) for part in parts], kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        # What Arrow has no form for is shown as text.
        texts = [[None if value is None else str(value) for value in part] for part in parts]
        return pa.chunked_array([pa.array(part, pa.string()) for part in texts], pa.string())
    return values.cast(pa.timestamp("us")) if pa.types.is_timestamp(values.type) else values


def _kind(described: psycopg.Column, parts: Sequence[Sequence[Any]]) -> pa.DataType:
    """The Arrow type of a column: by its type, else by its values."""
    if described.type_code in _ARROW:
        return _ARROW[described.type_code]
    if described.type_code == _NUMERIC and described.precision is not None:
        return pa.decimal128(described.precision, described.scale or 0)
    found = pa.array([value for part in parts for value in part]).type
    return pa.string() if pa.types.is_null(found) else found
