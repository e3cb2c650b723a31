"""What is made of a table of posts is made once, and goes when the table goes."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import pyarrow as pa

Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """What is made of a table, made once and kept while the table is in use."""

    def __init__(self, make: Callable[[pa.Table], Made]) -> None:
        """Remember what a function makes."""
        self._make = make
        self._known: list[tuple[weakref.ref[pa.Table], Made]] = []

    def __call__(self, table: pa.Table) -> Made:
        """What is made of this table."""
        for known, made in self._known:
            if known() is table:
                return made
        made = self._make(table)
        self._known.append((weakref.ref(table, self._forget), made))
        return made

    def _forget(self, gone: weakref.ref[pa.Table]) -> None:
        self._known = [entry for entry in self._known if entry[0] is not gone]

    def __iter__(self) -> Iterator[Made]:
        """All that is remembered."""
        return (made for _, made in self._known)
