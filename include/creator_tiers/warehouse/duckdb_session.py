"""DuckDB's connections: how one is opened, what is run on it, and its errors as the warehouse's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import WarehouseBusyError, WarehouseError
from creator_tiers.warehouse.frames import bindable


def connect(
    path: Path | None, *, read_only: bool, config: Mapping[str, str | int]
) -> duckdb.DuckDBPyConnection:
    """Open a file; a warehouse in memory where there is none.

    Raises:
        WarehouseBusyError: another process writes to it.
        WarehouseError: it cannot be opened.
    """
    try:
        return duckdb.connect(str(path or ":memory:"), read_only=read_only, config=dict(config))
    except duckdb.IOException as error:
        if "Could not set lock" not in str(error):
            raise WarehouseError(f"{path} cannot be opened: {error}") from error
        raise WarehouseBusyError(
            f"{path} is in use by another process, and DuckDB lets one at a time write. Try again when it has "
            f"finished; to read meanwhile open published.duckdb. DuckDB says: {error}"
        ) from error
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be opened: {error}") from error


def execute(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]
) -> duckdb.DuckDBPyConnection:
    """Run statements, with the values of those parameters that they name (`$name`).

    Raises:
        WarehouseError: a value is missing, or DuckDB refuses.
    """
    with _translated_errors():
        statements = duckdb.extract_statements(sql) if parameters else []
        named = set().union(*(statement.named_parameters for statement in statements))
        missing = sorted(named - set(parameters))
        if missing:
            raise WarehouseError(f"no value is given for ${', $'.join(missing)}")
        return connection.execute(sql, {name: bindable(parameters[name]) for name in named} or None)


def read(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> pa.Table:
    """The rows of a query; see `Reader.read`."""
    result = execute(connection, sql, parameters)
    with _translated_errors():
        return result.to_arrow_table()


def query(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """The rows of a user's query; see `Reader.query`."""
    with _translated_errors():
        kinds = [statement.type for statement in duckdb.extract_statements(sql)]
    if len(kinds) != 1 or kinds[0] not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise WarehouseError("this is not one query: write a single SELECT, DESCRIBE, SHOW or EXPLAIN")
    return read(connection, sql, NOTHING)


@contextlib.contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except duckdb.TransactionException as error:
        raise WarehouseBusyError(f"another writer of this process got in the way: {error}") from error
    except duckdb.Error as error:
        raise WarehouseError(str(error)) from error
