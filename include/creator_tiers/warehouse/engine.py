"""The interface that every warehouse engine offers. Small on purpose: what a build and its readers need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Protocol, Self

import pyarrow as pa

from creator_tiers.tables import Table

NOTHING: Mapping[str, object] = MappingProxyType({})
"""No parameters."""


class Reader(Protocol):
    """Reads a warehouse and cannot change it."""

    @property
    def engine(self) -> str:
        """The engine's name: `duckdb`, `postgresql`, `spark`."""

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """The rows of a query in the project's dialect (portable DuckDB SQL), its `$name` values bound.

        Times come as `timestamp[us]` without a zone, UTC. Parameters that the query does not name are ignored.

        Raises:
            WarehouseError: the query fails, or names a parameter that is not given.
        """

    def query(self, sql: str) -> pa.Table:
        """The rows of somebody's own query, in the engine's own dialect, without parameters.

        Raises:
            WarehouseError: the query fails, or tries to write.
        """

    def close(self) -> None:
        """Give the connection back. Closing twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Warehouse(Reader, Protocol):
    """Writes a warehouse. One at a time."""

    def transaction(self) -> AbstractContextManager[None]:
        """All writes inside it, or none of them when an error leaves it.

        Raises:
            WarehouseBusyError: another writer got in the way.
        """

    def exists(self, table: Table) -> bool:
        """Whether the table has been created."""

    def create(self, table: Table) -> None:
        """Create the table, empty, with its meanings as comments.

        Raises:
            WarehouseError: it exists.
        """

    def drop(self, table: Table) -> None:
        """Remove the table if it exists."""

    def stage_files(self, table: Table, files: Iterable[Path]) -> None:
        """Create the table from the rows of these Parquet files, `load_key` being each file's name without ending.

        Columns that a file lacks are NULL. The engine may read the files in place, so they must stay until the table
        is dropped.

        Raises:
            WarehouseError: a column has another type than described.
        """

    def load_rows(self, table: Table, rows: pa.Table, only: Mapping[str, object] = NOTHING) -> None:
        """Replace the table's rows by these; with `only`, the rows whose columns have these values.

        Raises:
            WarehouseError: the rows do not fit the description.
        """

    def run(self, table: Table, parameters: Mapping[str, object] = NOTHING) -> None:
        """Run the table's model and write its rows as the description's `write` says.

        The model may read the table that it replaces.

        Raises:
            WarehouseError: the model fails or the table has none.
        """

    def allow_memory(self) -> None:
        """Let what is run from now on take this engine's share of the machine's memory: it looks at long histories."""

    def publish(self, *, keep_former: bool = True) -> None:
        """Let readers see what has been committed, at once and whole. Readers at work keep what they have.

        Args:
            keep_former: whether what readers saw until now may stay somewhere. It must not where rows were taken out.
        """

    def write_anew(self) -> None:
        """Let nothing stay on disk that was deleted and published, where the files are this process's own to clear."""
