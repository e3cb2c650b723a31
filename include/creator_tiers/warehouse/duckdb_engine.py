"""DuckDB: one file, one writing process, a published copy for everybody who reads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import duckdb
import pyarrow as pa

from creator_tiers.tables import Table
from creator_tiers.warehouse.closing import ClosedAtEnd
from creator_tiers.warehouse.duckdb_session import connect, execute, query, read
from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import NothingPublishedError, WarehouseError
from creator_tiers.warehouse.file_copy import publish_copy
from creator_tiers.warehouse.frames import conform
from creator_tiers.warehouse.gaps import has_gaps
from creator_tiers.warehouse.memory import LEAST_MB, fair_share
from creator_tiers.warehouse.statements import (
    SQL_TYPES,
    comments,
    create_table,
    delete_where,
    delete_window,
    in_order,
    insert,
    literal,
    model,
    quoted,
)

LOCKED_DOWN = {"enable_external_access": "false", "lock_configuration": "true"}
"""A reader can neither reach a file but its own nor talk itself into it."""

WRITING: Mapping[str, str | int] = {
    "preserve_insertion_order": "false",
    "enable_external_file_cache": "false",
    "memory_limit": f"{LEAST_MB}MB",
    "threads": min(os.cpu_count() or 1, 4),
    "max_vacuum_tasks": 0,
}
"""A build spills into `<file>.tmp` beyond this memory, until `allow_memory` raises it; threads share it. Of vacuum
tasks see `gaps.py`."""

NO_LIMITS: Mapping[str, str] = {}

_ALIASES = {"TEXT": "VARCHAR", "DECIMAL(18, 4)": "DECIMAL(18,4)", "DECIMAL(20, 10)": "DECIMAL(20,10)"}


class DuckDBReader(ClosedAtEnd):
    """Reads a DuckDB file that nobody writes to, and nothing else on this machine."""

    engine = "duckdb"

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise NothingPublishedError(
                f"{path} does not exist: nothing has been built in this home yet; `make run` builds and publishes it"
            )
        self._connection = connect(path, read_only=True, config=LOCKED_DOWN)

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """See `Reader.read`."""
        return read(self._connection, sql, parameters)

    def query(self, sql: str) -> pa.Table:
        """See `Reader.query`."""
        return query(self._connection, sql)

    def close(self) -> None:
        """See `Reader.close`."""
        self._connection.close()


class DuckDBWarehouse(ClosedAtEnd):
    """Writes a DuckDB file; `publish` puts a copy of it where readers look.

    Args:
        path: the file, created when absent; None for a warehouse in memory, which cannot be published.
        published: where the copy goes.
        limits: other limits than `WRITING` has, by name.
    """

    engine = "duckdb"

    def __init__(
        self, path: Path | None, published: Path | None = None, limits: Mapping[str, str] = NO_LIMITS
    ) -> None:
        self._path = path
        self._published = published
        self._copied: BinaryIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._has_own_limit = "memory_limit" in limits
        self._connection = connect(path, read_only=False, config={**WRITING, **limits})

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """See `Reader.read`."""
        return read(self._connection, sql, parameters)

    def query(self, sql: str) -> pa.Table:
        """See `Reader.query`."""
        return query(self._connection, sql)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Warehouse.transaction`."""
        self._run("BEGIN TRANSACTION")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise

    def exists(self, table: Table) -> bool:
        """See `Warehouse.exists`."""
        found = self.read(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = $layer AND table_name = $name",
            {"layer": table.layer, "name": table.name},
        )
        return bool(found.num_rows)

    def create(self, table: Table) -> None:
        """See `Warehouse.create`."""
        self._run(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
        self._run(create_table(table))
        for comment in comments(table):
            self._run(comment)

    def drop(self, table: Table) -> None:
        """See `Warehouse.drop`."""
        kind = self.read(
            "SELECT table_type FROM information_schema.tables WHERE table_schema = $layer AND table_name = $name",
            {"layer": table.layer, "name": table.name},
        ).to_pydict()["table_type"]
        if kind:
            self._run(f"DROP {'VIEW' if kind == ['VIEW'] else 'TABLE'} {table.full_name}")

    def stage_files(self, table: Table, files: Iterable[Path]) -> None:
        """See `Warehouse.stage_files`. The files are read in place, each query taking the columns that it needs."""
        paths = [_exact(path) for path in files]
        if not paths:
            self.create(table)
            return
        source = (
            f"read_parquet([{', '.join(map(literal, paths))}], union_by_name = true, filename = true, "
            "hive_partitioning = false)"
        )
        self._run(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
        found = self.read(f"DESCRIBE SELECT * FROM {source}").to_pydict()
        types = dict(zip(found["column_name"], found["column_type"], strict=True))
        chosen = []
        for column in table.columns:
            expected = _ALIASES.get(SQL_TYPES[column.type], SQL_TYPES[column.type])
            if column.name == "load_key":
                chosen.append("parse_filename(filename, true) AS load_key")
            elif column.name not in types:
                chosen.append(f"CAST(NULL AS {expected}) AS {column.name}")
            elif types[column.name] != expected:
                raise WarehouseError(
                    f"{table.full_name}.{column.name} is {expected}, but the lake's Parquet says "
                    f"{types[column.name]}: {paths[0]}{' and others' if len(paths) > 1 else ''}"
                )
            else:
                chosen.append(column.name)
        self._run(f"CREATE VIEW {table.full_name} AS SELECT {', '.join(chosen)} FROM {source}")

    def load_rows(self, table: Table, rows: pa.Table, only: Mapping[str, object] = NOTHING) -> None:
        """See `Warehouse.load_rows`."""
        fitting = conform(rows, table)
        self._run(delete_where(table, only), only)
        self._connection.register("rows_to_load", fitting)
        try:
            self._run(insert(table, "SELECT * FROM rows_to_load"))
        finally:
            self._connection.unregister("rows_to_load")

    def run(self, table: Table, parameters: Mapping[str, object] = NOTHING) -> None:
        """See `Warehouse.run`."""
        try:
            self._run_model(table, parameters)
        except WarehouseError as error:
            raise WarehouseError(f"include/sql/{table.layer}/{table.name}.sql: {error}") from error

    def allow_memory(self) -> None:
        """See `Warehouse.allow_memory`. A limit that was asked for stands."""
        if not self._has_own_limit:
            self._run(f"SET memory_limit = '{fair_share()}MB'")

    def publish(self, *, keep_former: bool = True) -> None:
        """See `Warehouse.publish`. The copy takes the place of the last one in one step, after it is safe on disk."""
        if self._path is None or self._published is None:
            raise WarehouseError("a warehouse in memory has no file to publish")
        self._run(f"SET max_vacuum_tasks = {100 if has_gaps(self) else 0}")
        self._run("CHECKPOINT")
        # Closing any handle of a file drops this process's lock on it, so this one stays open until the end.
        self._copied = self._copied or self._path.open("rb")
        publish_copy(self._copied, self._published, keep_former=keep_former)

    def write_anew(self) -> None:
        """See `Warehouse.write_anew`. The file is written again without the pages that deleted rows have left in it."""
        if self._path is None or self._published is None:
            raise WarehouseError("a warehouse in memory has no file to write anew")
        new = self._path.with_name(f"{self._path.name}.anew")
        new.unlink(missing_ok=True)
        [name] = self.read("SELECT current_database() AS name").to_pydict()["name"]
        self._run("CHECKPOINT")
        self._run("SET preserve_insertion_order = true")
        self._run(f"ATTACH {literal(str(new))} AS written_anew")
        self._run(f"COPY FROM DATABASE {quoted(name)} TO written_anew")
        self._run("DETACH written_anew")
        # Nobody gets this file's lock before the other one has its name: see `publish`.
        self._copied = self._copied or self._path.open("rb")
        with new.open("rb") as file:
            os.fsync(file.fileno())
            publish_copy(file, self._published, keep_former=False)
        new.replace(self._path)

    def close(self) -> None:
        """See `Reader.close`."""
        self._connection.close()
        if self._copied is not None:
            self._copied.close()
            self._copied = None

    def _run_model(self, table: Table, parameters: Mapping[str, object]) -> None:
        mode, window = (table.write.mode, table.write.window) if table.write else ("replace_all", None)
        if mode == "replace_all":
            self._run(delete_where(table, ()))
        if mode == "replace_keys" and not self._has_rows(table.full_name):
            self._run(insert(table, in_order(table, model(table))), parameters)
            return
        if mode != "replace_keys" or (window is not None and not self._has_rows(window)):
            self._run(insert(table, model(table)), parameters)
            return
        self._run(f"CREATE TEMPORARY TABLE replacement AS\n{model(table)}", parameters)
        self._run(delete_window(table))
        self._run(insert(table, "SELECT * FROM replacement"))
        self._run("DROP TABLE temp.replacement")

    def _has_rows(self, name: str) -> bool:
        """An empty table or window has nothing to replace: half the work when everything is built the first time."""
        return bool(self.read(f"SELECT 1 FROM {name} LIMIT 1").num_rows)

    def _run(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> None:
        execute(self._connection, sql, parameters)


def _exact(path: Path) -> str:
    """The path as a pattern that only it matches: homes may have brackets in their names."""
    return str(path).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
