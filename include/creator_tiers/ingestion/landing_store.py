"""A landing zone in an object store: listed there, read from a copy in the scratch folder."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from creator_tiers.errors import TransientError
from creator_tiers.exports.context import is_skipped, valid_text
from creator_tiers.exports.sidecars import SIDECAR
from creator_tiers.ingestion.landing import LandingFile, state_of
from creator_tiers.stores import Entry, Store

log = logging.getLogger(__name__)

LONGEST_NAME = 200
"""Bytes that the name of a copy may have; the end of a longer name, which says most, is kept."""


class StoreZone:
    """The objects below a prefix. One is read as a whole from a copy: at most one copy lies in the scratch folder."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folders: dict[str, dict[str, Entry]] = {}

    def find(self) -> Iterator[LandingFile]:
        """Every export file, in the order of the paths."""
        entries = {one.name: one for one in self._store.entries()}
        for name, entry in entries.items():
            if not _is_skipped(name):
                yield self._file(entry, entries.get(name + SIDECAR))

    def closed(self) -> list[str]:
        """None: a store has no folders."""
        return []

    def describe(self, path: str) -> LandingFile | None:
        """The export file at a path; None, with a warning, where there is none. A folder is listed once."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = {one.name: one for one in self._store.siblings(folder)}
        entry = self._folders[folder].get(path)
        if entry is None:
            log.warning("%s is skipped: it is not in the landing zone any more", valid_text(path))
            return None
        return self._file(entry, self._folders[folder].get(path + SIDECAR))

    def state(self, file: LandingFile) -> str | None:
        """A key of the object as it is now; None where it is gone."""
        entry = self._store.entry(file.path)
        return _state(entry, self._store.entry(file.path + SIDECAR)) if entry else None

    @contextmanager
    def fetched(self, file: LandingFile, scratch: Path) -> Iterator[LandingFile]:
        """The same, copied with its sidecar into a folder of its own, under its own name and time of modification."""
        entry = self._store.entry(file.path)
        sidecar = self._store.entry(file.path + SIDECAR)
        if entry is None or _state(entry, sidecar) != file.state:
            raise TransientError(f"{valid_text(file.path)} is still being written")
        with tempfile.TemporaryDirectory(prefix="landed-", dir=scratch) as folder:
            copy = Path(folder) / _local_name(file.path)
            targets = {file.path: copy}
            if sidecar is not None:
                targets[sidecar.name] = copy.with_name(copy.name + SIDECAR)
            try:
                self._store.download(targets)
            except FileNotFoundError:
                raise TransientError(f"{valid_text(file.path)} is still being written") from None
            os.utime(copy, (entry.modified_at.timestamp(),) * 2)
            yield replace(file, file=copy)

    def _file(self, entry: Entry, sidecar: Entry | None) -> LandingFile:
        return LandingFile(entry.name, Path(), entry.size, _state(entry, sidecar), entry.modified_at, self)


def _state(entry: Entry, sidecar: Entry | None) -> str:
    parts = [(one.size, one.tag, one.modified_at.isoformat()) for one in (entry, sidecar) if one]
    return state_of(entry.name, *parts)


def _is_skipped(name: str) -> bool:
    *folders, last = name.split("/")
    if not last or last in (".", "..") or "?versionId=" in name:
        log.warning("%s is skipped: a file cannot have this name", valid_text(name))
        return True
    return is_skipped(last) or any(folder.startswith(".") for folder in folders)


def _local_name(path: str) -> str:
    name = path.rpartition("/")[2].replace("\0", "_").encode()[-LONGEST_NAME:]
    return name.decode("utf-8", "ignore") or "export"
