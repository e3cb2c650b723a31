"""A large file's records are parted while they are typed: most are accepted at once, the others wait for their fate."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from creator_tiers.exports.shelf import ROW_GROUP, in_order, keep_rows, shelved_file

WAITING = "typed"
"""The workbench's table of the records whose fate is not settled, and of those that they are compared with."""
ASIDE = "aside"
"""The workbench's records that are read again or refused, as they are written: few of many, and each is looked for more
than once."""
FEW = 10
"""Refused records are few when so many times as many are accepted: more are not copied for the sake of one look."""
MARKS = ("is_ignored", "fault", "is_unread", "key_hash")
"""What is known of a record beside the dataset's columns: `is_unread`, a cell could not be read the plain way."""

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Parting:
    """SQL over `raw` that types the records of a large file.

    Attributes:
        names: the dataset's columns.
        keys: the hash of each record's key.
        rows: every record, in the order of the file, with those of the columns that differ, and `MARKS`.
        constants: one row of the others.
    """

    names: tuple[str, ...]
    keys: str
    rows: str
    constants: str


class Parted:
    """The accepted rows of a large file on their way to disk, written once.

    A row is accepted at once when nothing is wrong with it and its key is there once. That is asked of hashes: of two
    keys with one hash both rows wait, as repeated ones do.

    Attributes:
        settled: how many rows were accepted as they came and need no comparison.
        has_aside: whether `ASIDE` has every record that is refused for itself.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, parting: Parting) -> None:
        """Nothing is there yet.

        Args:
            connection: the workbench, with the records in `raw`.
            name: what the accepted rows are named once all of them are written.
            parting: the SQL that types the records.
        """
        self.settled = 0
        self.has_aside = False
        self._connection = connection
        self._name = name
        self._parting = parting
        self._last = 0
        self._repeated = _repeated(connection, parting.keys)
        self._unread: list[Numbers] = []
        self._unread_hashes: list[Hashes] = []
        self._faulty: list[Numbers] = []
        self._stack, self._waiting_stack = ExitStack(), ExitStack()
        self._stack.push(self._waiting_stack)

    def __enter__(self) -> Parted:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def has_unread(self) -> bool:
        """Whether records wait since a cell could not be read the plain way."""
        return bool(self._unread)

    def part(self, most_unread: float) -> bool:
        """Accept what can be accepted as it comes, put the rest aside.

        Args:
            most_unread: when more of the records than this share have a cell that cannot be read the plain way, it is
                given up. 1: they are not put aside, since nothing will read them later.

        Returns:
            Whether all of it was parted.
        """
        self._open()
        taken = unread = 0
        with in_order(self._connection):
            # Until its last row is read the stream has the connection for itself.
            for batch in self._connection.execute(self._parting.rows).to_arrow_reader(ROW_GROUP):
                is_late = _mask(batch["is_unread"]) & (most_unread < 1)
                self._part(batch, is_late)
                taken, unread = taken + batch.num_rows, unread + int(is_late.sum())
                if unread > most_unread * taken:
                    return False
        return True

    def keep_aside(self) -> None:
        """Keep the records that were put aside unread, and those that are refused if they are few, as `ASIDE`."""
        faulty = _joined(self._faulty, np.int64)
        is_few = faulty.size * FEW <= self.settled
        numbers = _joined([*self._unread, *([faulty] if is_few else [])], np.int64)
        if not numbers.size:
            return
        with _registered(self._connection, "chosen", pa.table({"row_number": numbers})):
            select = "SELECT raw.* FROM raw SEMI JOIN chosen USING (row_number) ORDER BY row_number"
            keep_rows(self._connection, ASIDE, select, on_disk=True)
        self.has_aside = is_few

    def late(self) -> Generator[tuple[Numbers, Hashes]]:
        """Let the records that were put aside unread be all that `raw` has, so many at a time as memory may hold.

        Yields:
            Their numbers, and the hashes of their keys as they seemed.
        """
        numbers, hashes = _joined(self._unread, np.int64), _joined(self._unread_hashes, np.uint64)
        for first in range(0, len(numbers), ROW_GROUP):
            chosen = slice(first, first + ROW_GROUP)
            with _records_as_raw(self._connection, numbers[chosen]):
                yield numbers[chosen], hashes[chosen]

    def settle(self, parting: Parting) -> bool:
        """Type the records that were put aside unread. From now on the table `typed` is there.

        Args:
            parting: reads thoroughly. What was read the plain way is read as before.

        Returns:
            False where the key of such a record is another one than it seemed.
        """
        with closing(self.late()) as late:
            for _, hashes in late:
                with in_order(self._connection):
                    rows = self._connection.execute(parting.rows).to_arrow_table()
                [typed] = rows.combine_chunks().to_batches()
                if (typed["key_hash"].to_numpy() != hashes).any():
                    return False
                self._wait(typed)
        self._waiting_stack.close()
        return True

    def finish(self, select: str) -> None:
        """Write what is accepted in the end after the others; the rows have their name from now on.

        Args:
            select: these rows, with the columns of the dataset.
        """
        with in_order(self._connection):
            for batch in self._connection.execute(select).to_arrow_reader(ROW_GROUP):
                self._accepted.write(batch.cast(self._rows))
        self._stack.close()

    def _open(self) -> None:
        schema = (
            self._connection.execute(f"SELECT * FROM ({self._parting.rows}) LIMIT 0").to_arrow_table().schema
        )
        self._constants = self._connection.execute(self._parting.constants).to_arrow_table()
        self._rows = pa.schema(
            [
                schema.field(name)
                if name in schema.names
                else pa.field(name, _repeat(self._constants[name], 0).type)
                for name in self._parting.names
            ]
        )
        undecided = [schema.field("is_ignored"), schema.field("fault")]
        self._accepted = self._stack.enter_context(shelved_file(self._connection, self._name, self._rows))
        self._waiting = self._waiting_stack.enter_context(
            shelved_file(self._connection, WAITING, pa.schema([*self._rows, *undecided]))
        )

    def _part(self, typed: pa.RecordBatch, is_late: Mask) -> None:
        if not typed.num_rows:
            return
        numbers, hashes = typed["row_number"].to_numpy(), typed["key_hash"].to_numpy()
        if not (self._last < numbers[0] and (numbers[:-1] < numbers[1:]).all()):
            raise RuntimeError("the workbench did not keep the order of the records")
        self._last = int(numbers[-1])
        is_faulty = _mask(typed["fault"].is_valid())
        is_accepted = ~is_faulty & ~_mask(typed["is_ignored"]) & ~is_late & ~_is_in(hashes, self._repeated)
        self.settled += int(is_accepted.sum())
        if is_accepted.all():
            self._accepted.write(self._whole(typed))
            return
        self._accepted.write(self._whole(typed.filter(pa.array(is_accepted))))
        self._wait(typed.filter(pa.array(~is_accepted & ~is_late)))
        self._faulty.append(numbers[is_faulty & ~is_late])
        if is_late.any():
            self._unread.append(numbers[is_late])
            self._unread_hashes.append(hashes[is_late])

    def _wait(self, typed: pa.RecordBatch) -> None:
        if typed.num_rows:
            self._waiting.write(self._whole(typed, "is_ignored", "fault"))

    def _whole(self, typed: pa.RecordBatch, *marks: str) -> pa.RecordBatch:
        """Rows with the columns of the dataset, and some of `MARKS`."""
        names = [*self._parting.names, *marks]
        return pa.RecordBatch.from_arrays(
            [
                typed[name] if name in typed.schema.names else _repeat(self._constants[name], typed.num_rows)
                for name in names
            ],
            names,
        )


def _repeat(value: pa.ChunkedArray, rows: int) -> pa.Array:
    """The one value of a column so many times; a text by way of a dictionary, which is written at once."""
    repeated = pa.repeat(value[0], rows)
    if not pa.types.is_string(repeated.type) or not value[0].is_valid:
        return repeated
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), value.combine_chunks())


def _repeated(connection: duckdb.DuckDBPyConnection, keys: str) -> Hashes:
    """The hashes that are there more than once, in rising order."""
    [records] = connection.execute("SELECT count(*) FROM raw").fetchone() or (0,)
    hashes, taken = np.empty(records, np.uint64), 0
    for batch in connection.execute(keys).to_arrow_reader(ROW_GROUP):
        hashes[taken : taken + batch.num_rows] = batch.column(0).to_numpy()
        taken += batch.num_rows
    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])


def _is_in(hashes: Hashes, ordered: Hashes) -> Mask:
    """Which of the hashes are among ordered ones."""
    if not ordered.size:
        return np.zeros(len(hashes), np.bool_)
    nearest = ordered[np.minimum(np.searchsorted(ordered, hashes), ordered.size - 1)]
    return np.asarray(nearest == hashes)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    connection.register(name, rows)
    try:
        yield
    finally:
        connection.unregister(name)


@contextmanager
def _records_as_raw(connection: duckdb.DuckDBPyConnection, numbers: Numbers) -> Iterator[None]:
    """Let some records of `ASIDE` be all that `raw` has, also for the views on it. Their numbers rise."""
    with _registered(connection, "chosen", pa.table({"row_number": numbers})):
        records = connection.execute(
            f"SELECT {ASIDE}.* FROM {ASIDE} SEMI JOIN chosen USING (row_number)"
            f" WHERE row_number BETWEEN {numbers[0]} AND {numbers[-1]} ORDER BY row_number"
        ).to_arrow_table()
    with _registered(connection, "raw", records):
        yield


def _joined(parts: Sequence[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *parts])


def _mask(flags: pa.BooleanArray) -> Mask:
    return np.asarray(flags.to_numpy(zero_copy_only=False), np.bool_)
