"""The one small interface to a folder and to an object store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from creator_tiers.errors import ContractError, TransientError


class StoreDownError(TransientError):
    """A store that does not answer, or not now; the message names its URL and the remedy."""


class StoreRefusedError(ContractError):
    """A store that refuses, or that is not there; the message names its URL and the remedy, never a credential."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object.

    Attributes:
        name: relative to the store, with `/`.
        size: bytes.
        tag: changes when the bytes do.
        modified_at: UTC.
    """

    name: str
    size: int
    tag: str
    modified_at: datetime


class Store(Protocol):
    """Bytes under names. Every write is whole or not at all, and whoever reads or lists after it sees it.

    Raises of every method: StoreDownError, StoreRefusedError.
    """

    @property
    def where(self) -> str:
        """The folder or URL, as a message may show it."""

    def entries(self, folder: str = "") -> list[Entry]:
        """Everything below a folder (at any depth), by name; nothing where there is no such folder."""

    def siblings(self, folder: str) -> list[Entry]:
        """The objects that lie directly in a folder."""

    def entry(self, name: str) -> Entry | None:
        """One object, as it is now; None where there is none."""

    def read(self, name: str) -> bytes | None:
        """The bytes; None where there are none."""

    def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of those names that are there."""

    def write(self, name: str, content: bytes) -> None:
        """Write, whatever was there."""

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """Write some."""

    def write_if(self, name: str, content: bytes, tag: str | None) -> bool:
        """Write only if the object still has this tag (None: if there is none); whether it was written."""

    def delete(self, names: Iterable[str]) -> None:
        """Delete those that are there."""

    def upload(self, source: Path, name: str) -> None:
        """Write a file's bytes; the file stays."""

    def download(self, targets: Mapping[str, Path]) -> None:
        """Write objects to files, each whole or not at all.

        Raises:
            FileNotFoundError: one of them is not there.
        """


def change(store: Store, name: str, decide: Callable[[bytes | None], bytes | None]) -> None:
    """Change one object so that nobody else's change of it gets lost.

    Args:
        store: where.
        name: which.
        decide: from the bytes (None where there are none) to the new ones, None to leave it as it is. It is asked again
            when somebody else was quicker.

    Raises:
        StoreDownError: others change it all the time.
    """
    for _ in range(1000):
        found = store.entry(name)
        before = store.read(name) if found else None
        if (found is None) != (before is None):
            continue
        after = decide(before)
        if after is None or after == before or store.write_if(name, after, found.tag if found else None):
            return
    raise StoreDownError(f"{store.where}/{name} is changed by others all the time; try again later")
