"""Which hashes may have been there before: a Bloom filter, Burton H. Bloom, Communications of the ACM 13(7), 1970."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

LEAST_BITS, MOST_BITS = 1 << 16, 1 << 29
"""At most 64 MB: of 10 million hashes one in a thousand is taken for one that was there."""
BITS_PER_HASH = 32


class SeenHashes:
    """Hashes that were there. It may take a new hash for one that was there, never one that was there for a new one."""

    def __init__(self, expected: int) -> None:
        """Nothing was there yet.

        Args:
            expected: about how many hashes will come; with more of them more are taken for known ones.
        """
        bits = min(max(expected * BITS_PER_HASH, LEAST_BITS), MOST_BITS)
        self._bits = np.zeros((1 << (bits - 1).bit_length()) >> 3, np.uint8)

    def has(self, hashes: Hashes) -> Mask:
        """Which of them may have been there."""
        first, second = (self._bits[place] & bit > 0 for place, bit in self._places(hashes))
        return first & second

    def add(self, hashes: Hashes) -> None:
        """From now on they were there."""
        for place, bit in self._places(hashes):
            while place.size:  # of two bits of one byte an assignment keeps one
                self._bits[place] |= bit
                is_missing = self._bits[place] & bit == 0
                place, bit = place[is_missing], bit[is_missing]

    def _places(self, hashes: Hashes) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]]:
        """The byte and the bit in it, for each of two halves of a hash."""
        most = np.uint64(self._bits.size - 1)
        halves = (hashes, (hashes >> np.uint64(32)) | (hashes << np.uint64(32)))
        return [
            (
                ((half >> np.uint64(3)) & most).astype(np.int64),
                np.left_shift(np.uint8(1), (half & np.uint64(7)).astype(np.uint8)),
            )
            for half in halves
        ]


def first_of_each(hashes: Hashes) -> Mask:
    """Which of them are not there before in the same array."""
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.ones(len(hashes), np.bool_)
    is_first = np.zeros(len(hashes), np.bool_)
    is_first[np.unique(hashes, return_index=True)[1]] = True
    return is_first


def isin(hashes: Hashes, wanted: Hashes, seen: SeenHashes) -> Mask:
    """Which of them are among others: most that are not are known not to be at once.

    Args:
        hashes: they.
        wanted: the others, ordered.
        seen: the same as were seen.
    """
    found = seen.has(hashes)
    maybe = hashes[found]
    places = np.minimum(np.searchsorted(wanted, maybe), wanted.size - 1)
    found[found] = wanted[places] == maybe
    return found
