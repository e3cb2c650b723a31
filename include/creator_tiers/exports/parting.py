"""A large file's records are parted while they are typed: most are accepted at once, the others wait for their fate."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.exports.shelf import ROW_GROUP, ShelvedFile, in_order, shelved_file

WAITING = "typed"
"""The workbench's table of the records whose fate is not settled."""


class Parted:
    """The accepted rows of a large file on their way to disk, written once.

    Attributes:
        settled: how many rows were accepted as they came.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Nothing is there yet.

        Args:
            connection: the workbench.
            name: what the accepted rows are named once all of them are written.
        """
        self.settled = 0
        self._connection = connection
        self._name = name
        self._stack = ExitStack()
        self._accepted: ShelvedFile | None = None

    def __enter__(self) -> Parted:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def part(self, select: str) -> None:
        """Accept what can be accepted as it comes; the rest becomes the table `typed`.

        Args:
            select: every record, in the order of the file: the dataset's columns, `is_ignored`, `fault`, and
                `is_repeated`, whether its key is there again.
        """
        *columns, ignored, fault, _ = (
            self._connection.execute(f"SELECT * FROM ({select}) LIMIT 0").to_arrow_table().schema
        )
        schema, undecided = pa.schema(columns), pa.schema([*columns, ignored, fault])
        self._accepted = self._stack.enter_context(shelved_file(self._connection, self._name, schema))
        with shelved_file(self._connection, WAITING, undecided) as waiting, in_order(self._connection):
            # Until its last row is read the stream has the connection for itself.
            for batch in self._connection.execute(select).to_arrow_reader(ROW_GROUP):
                is_fine = pc.and_not(pc.is_null(batch["fault"]), batch["is_ignored"])
                is_settled = pc.and_not(is_fine, batch["is_repeated"])
                accepted = batch.select(schema.names).filter(is_settled)
                self._accepted.write(accepted)
                self.settled += accepted.num_rows
                if accepted.num_rows < batch.num_rows:
                    waiting.write(batch.select(undecided.names).filter(pc.invert(is_settled)))

    def finish(self, select: str) -> None:
        """Write what is accepted in the end after the others; the rows have their name from now on.

        Args:
            select: these rows, with the columns of the dataset.
        """
        if self._accepted is None:
            raise ValueError("nothing was parted")
        with in_order(self._connection):
            for batch in self._connection.execute(select).to_arrow_reader(ROW_GROUP):
                self._accepted.write(batch)
        self._stack.close()
