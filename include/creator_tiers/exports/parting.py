"""A large file's records are parted while they are typed: most are accepted at once, the others wait for their fate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from creator_tiers.exports.seen import Hashes, Mask, SeenHashes, first_of_each, isin
from creator_tiers.exports.shelf import ROW_GROUP, in_order, shelved_file

WAITING = "typed"
"""The workbench's table of the records whose fate is not settled, and of those that they are compared with."""
MARKS = ("is_ignored", "fault", "is_unread", "key_hash")
"""What is known of a record beside the dataset's columns: `is_unread`, a cell could not be read the plain way."""


Numbers = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Known:
    """The keys of some records by hash, and the records' numbers as far as they are above `first`."""

    hashes: Hashes
    first: int
    above: npt.NDArray[np.uint32]

    def only(self, mask: Mask) -> _Known:
        return _Known(self.hashes[mask], self.first, self.above[mask])

    def numbers(self) -> Numbers:
        return self.above.astype(np.int64) + self.first


class Parted:
    """The accepted rows of a large file on their way to disk, written once.

    A row is accepted at once when nothing is wrong with it and its key was not there before. That is asked of hashes,
    which now and then take a new key for a known one: the row waits then like one that is repeated.

    Attributes:
        settled: how many rows were accepted as they came and need no comparison.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, expected: int) -> None:
        """Nothing is there yet.

        Args:
            connection: the workbench, with the records in `raw`.
            name: what the accepted rows are named once all of them are written.
            expected: about how many records there are.
        """
        self.settled = 0
        self._connection = connection
        self._name = name
        self._seen = SeenHashes(expected)
        self._last = 0
        self._known: list[_Known] = []
        self._repeated: list[Hashes] = []
        self._unread: list[Numbers] = []
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

    def part(self, select: str, most_unread: float) -> bool:
        """Accept what can be accepted as it comes, put the rest aside.

        Args:
            select: SQL over `raw`: every record, in the order of the file, with the dataset's columns and `MARKS`.
            most_unread: when more of the records than this share have a cell that cannot be read the plain way, it is
                given up. 1: they are not put aside, since nothing will read them later.

        Returns:
            Whether all of it was parted.
        """
        self._open(select)
        taken = unread = 0
        with in_order(self._connection):
            # Until its last row is read the stream has the connection for itself.
            for batch in self._connection.execute(select).to_arrow_reader(ROW_GROUP):
                is_late = _mask(batch["is_unread"]) & (most_unread < 1)
                self._part(batch, is_late)
                taken, unread = taken + batch.num_rows, unread + int(is_late.sum())
                if unread > most_unread * taken:
                    return False
        return True

    def settle(self, select: str) -> bool:
        """Type the records that were put aside unread, and lay the accepted rows whose key is repeated beside those
        that repeat it, as further records of the table `typed`. From now on that is there.

        Args:
            select: SQL over `raw` as in `part`, reading thoroughly. What was read the plain way is read as before.

        Returns:
            False where one of the accepted rows is not the first with its key, since a record before it was read
            late: it was accepted too soon.
        """
        late = []
        for typed in self._typed_again(_all_numbers(self._unread), select):
            self._wait(typed, is_settled=False)
            late.append(_known(typed, _is_fine(typed)))
        wanted = np.unique(_all_hashes([*self._repeated, *(known.hashes for known in late)]))
        if wanted.size:
            seen = SeenHashes(wanted.size)
            seen.add(wanted)
            firsts = _joined([known.only(isin(known.hashes, wanted, seen)) for known in self._known])
            if _is_overtaken(firsts, _joined(late)):
                return False
            for typed in self._typed_again(firsts[1], select):
                self._wait(typed, is_settled=True)
            self.settled -= len(firsts[1])
        self._waiting_stack.close()
        return True

    def finish(self, select: str) -> None:
        """Write what is accepted in the end after the others; the rows have their name from now on.

        Args:
            select: these rows, with the columns of the dataset.
        """
        with in_order(self._connection):
            for batch in self._connection.execute(select).to_arrow_reader(ROW_GROUP):
                self._accepted.write(batch)
        self._stack.close()

    def _open(self, select: str) -> None:
        schema = self._connection.execute(f"SELECT * FROM ({select}) LIMIT 0").to_arrow_table().schema
        rows = [field for field in schema if field.name not in MARKS]
        undecided = [schema.field("is_ignored"), schema.field("fault"), pa.field("is_settled", pa.bool_())]
        self._names = [field.name for field in rows]
        self._accepted = self._stack.enter_context(
            shelved_file(self._connection, self._name, pa.schema(rows))
        )
        self._waiting = self._waiting_stack.enter_context(
            shelved_file(self._connection, WAITING, pa.schema([*rows, *undecided]))
        )

    def _part(self, typed: pa.RecordBatch, is_late: Mask) -> None:
        if not typed.num_rows:
            return
        numbers, hashes = typed["row_number"].to_numpy(), typed["key_hash"].to_numpy()
        if not (self._last < numbers[0] and (numbers[:-1] < numbers[1:]).all()):
            raise RuntimeError("the workbench did not keep the order of the records")
        self._last = int(numbers[-1])
        is_fine = _is_fine(typed) & ~is_late
        is_new = is_fine & ~self._seen.has(hashes)
        is_new[is_new] = first_of_each(hashes[is_new])
        self._seen.add(hashes[is_fine])
        self._known.append(_known(typed, is_new))
        accepted = typed.select(self._names)
        if is_new.all():
            self._accepted.write(accepted)
            self.settled += typed.num_rows
            return
        self._accepted.write(accepted.filter(pa.array(is_new)))
        self.settled += int(is_new.sum())
        self._repeated.append(hashes[is_fine & ~is_new])
        self._wait(typed.filter(pa.array(~is_new & ~is_late)), is_settled=False)
        if is_late.any():
            self._unread.append(numbers[is_late])

    def _wait(self, typed: pa.RecordBatch, *, is_settled: bool) -> None:
        if typed.num_rows:
            flags = pa.repeat(pa.scalar(is_settled), typed.num_rows)
            columns = [*(typed[name] for name in (*self._names, "is_ignored", "fault")), flags]
            names = [*self._names, "is_ignored", "fault", "is_settled"]
            self._waiting.write(pa.RecordBatch.from_arrays(columns, names))

    def _typed_again(self, numbers: Numbers, select: str) -> Iterator[pa.RecordBatch]:
        """Some records of `raw` typed once more, by their numbers in rising order."""
        for first in range(0, len(numbers), ROW_GROUP):
            chosen = numbers[first : first + ROW_GROUP]
            with _records_as_raw(self._connection, chosen), in_order(self._connection):
                typed = self._connection.execute(select).to_arrow_table()
            yield from typed.combine_chunks().to_batches()


@contextmanager
def _records_as_raw(connection: duckdb.DuckDBPyConnection, numbers: Numbers) -> Iterator[None]:
    """Let some records be all that `raw` has, also for the views on it."""
    connection.register("chosen", pa.table({"row_number": numbers}))
    try:
        records = connection.execute(
            "SELECT raw.* FROM raw SEMI JOIN chosen USING (row_number)"
            f" WHERE row_number BETWEEN {numbers[0]} AND {numbers[-1]}"
        ).to_arrow_table()
        connection.register("raw", records)
        try:
            yield
        finally:
            connection.unregister("raw")
    finally:
        connection.unregister("chosen")


def _known(typed: pa.RecordBatch, mask: Mask) -> _Known:
    numbers = typed["row_number"].to_numpy()[mask]
    first = int(numbers.min()) if numbers.size else 0
    return _Known(typed["key_hash"].to_numpy()[mask], first, (numbers - first).astype(np.uint32))


def _joined(parts: Sequence[_Known]) -> tuple[Hashes, Numbers]:
    """All hashes with all numbers."""
    return _all_hashes([part.hashes for part in parts]), _all_numbers([part.numbers() for part in parts])


def _all_hashes(parts: Sequence[Hashes]) -> Hashes:
    return np.concatenate([np.empty(0, np.uint64), *parts])


def _all_numbers(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _is_overtaken(firsts: tuple[Hashes, Numbers], late: tuple[Hashes, Numbers]) -> bool:
    """Whether some late record has the hash of a first one and comes before it."""
    hashes, numbers = firsts
    if not hashes.size:
        return False
    order = np.argsort(hashes)
    places = np.minimum(np.searchsorted(hashes, late[0], sorter=order), hashes.size - 1)
    met = order[places]
    return bool(((hashes[met] == late[0]) & (late[1] < numbers[met])).any())


def _is_fine(typed: pa.RecordBatch) -> Mask:
    return _mask(typed["fault"].is_null()) & ~_mask(typed["is_ignored"])


def _mask(flags: pa.BooleanArray) -> Mask:
    return np.asarray(flags.to_numpy(zero_copy_only=False), np.bool_)
