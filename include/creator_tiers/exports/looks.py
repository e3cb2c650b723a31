"""What the bytes of a column's cells have in common. It spares most columns of most files the thorough reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

DIGITS = 18
"""So many digits are a BIGINT, whichever they are."""
SHORT = 12
"""So many digits are less than a trillion, beyond which nothing is counted."""


@dataclass(slots=True)
class Look:
    """What holds for every cell of a column seen so far.

    Attributes:
        is_tidy: a cell that is not empty begins and ends in visible ASCII, so that nothing is trimmed from it.
        is_count: a cell that is not empty is a whole number of up to 18 digits without a sign or a needless zero.
        is_short: a cell has no more than 12 bytes.
    """

    is_tidy: bool = True
    is_count: bool = True
    is_short: bool = True

    def see(self, cells: pa.Array) -> None:
        """Look at further cells: texts, none longer than an Arrow text can be."""
        if not self.is_tidy or not len(cells):  # of cells that are not tidy nothing else is asked
            return
        _, ends, content = cells.buffers()
        if content is None:
            return
        bounds = np.frombuffer(ends, np.int32)[cells.offset : cells.offset + len(cells) + 1]
        lengths = np.diff(bounds)
        is_filled = lengths > 0
        data = np.frombuffer(content, np.uint8)
        first, last = data[bounds[:-1][is_filled]], data[bounds[1:][is_filled] - 1]
        self.is_tidy = bool(_within(first, 33, 126) and _within(last, 33, 126))
        longest = int(lengths.max())
        self.is_short = self.is_short and longest <= SHORT
        self.is_count = bool(
            self.is_count
            and self.is_tidy
            and longest <= DIGITS
            and _within(data[bounds[0] : bounds[-1]], 48, 57)
            and not ((first == 48) & (lengths[is_filled] > 1)).any()
        )


UNSEEN = Look(is_tidy=False, is_count=False, is_short=False)
"""What is said of a column that nobody looked at."""


class Looks:
    """The looks of a file's columns, gathered while its records are read."""

    def __init__(self) -> None:
        self._columns: dict[int, Look] = {}

    def see(self, columns: Iterable[pa.Array]) -> None:
        """Look at further records: their cells, a column each, in the order of the header."""
        for position, cells in enumerate(columns):
            self._columns.setdefault(position, Look()).see(cells)

    def of(self, position: int | None) -> Look:
        """The look of a column; of no column and of one that was not seen nothing is known."""
        return UNSEEN if position is None else self._columns.get(position, UNSEEN)


def _within(codes: np.ndarray, least: int, greatest: int) -> bool:
    return bool((codes - np.uint8(least) <= greatest - least).all())
