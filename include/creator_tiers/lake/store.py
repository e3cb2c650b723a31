"""Files of the lake: written under a temporary name, renamed when whole."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from creator_tiers.lake.manifests import Manifest

PARTIAL = ".partial"
ERASED = ".erased"
"""Ending of a file that an erasure is writing."""


class Lake:
    """The lake in one folder.

    `<dataset>/<load_key>.parquet` holds rows; they count only while `manifests/<load_key>.json` exists, which is
    written last. A load that is made again has its rows in `<dataset>/r<revision>/<load_key>.parquet`, until its
    manifest names that revision they do not count, and afterwards the old ones do not. `seen/<key>.json` remembers
    which landing files need no look any more.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def manifests(self) -> list[Manifest]:
        """Every load, in the order in which loads came: loaded_at, file_id, load_key."""
        found = [
            Manifest.from_json(path.read_text(encoding="utf-8"))
            for path in (self.root / "manifests").glob("*.json")
        ]
        return sorted(found, key=lambda one: (one.loaded_at, one.file_id, one.load_key))

    def manifest(self, load_key: str) -> Manifest | None:
        """One load; None where there is none."""
        try:
            return Manifest.from_json(self._manifest_path(load_key).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def commit(self, manifest: Manifest) -> None:
        """Make a load count, its Parquet files being in place; paths that were told before are kept.

        A load that was made again meanwhile stays as it is and only gains paths.
        """
        with self._one_at_a_time():
            known = self.manifest(manifest.load_key)
            if known is not None and known.revision > manifest.revision:
                known, manifest = manifest, known
            for path in known.paths if known else ():
                manifest = manifest.with_path(path)
            write_atomically(self._manifest_path(manifest.load_key), manifest.to_json())

    def replace(self, manifest: Manifest) -> None:
        """Make the next revision of a load count, its Parquet files being in place, and remove the older ones."""
        with self._one_at_a_time():
            write_atomically(self._manifest_path(manifest.load_key), manifest.to_json())
        self.remove_superseded(manifest)

    def remove_superseded(self, manifest: Manifest) -> None:
        """Remove the Parquet files that the load's manifest does not name (any more)."""
        named = set(self.dataset_files_of(manifest))
        folders = [path.name for path in self.root.iterdir() if path.is_dir()]
        for revision in range(manifest.revision + 2):
            for dataset in folders:
                path = self.dataset_path(dataset, manifest.load_key, revision)
                path.with_suffix(ERASED).unlink(missing_ok=True)
                if path not in named:
                    path.unlink(missing_ok=True)

    def withdraw(self, load_key: str) -> None:
        """Make a load not count any more: a failure that a later try replaces."""
        self._manifest_path(load_key).unlink(missing_ok=True)

    def remove(self, manifest: Manifest) -> None:
        """Take a load away: first it does not count any more, then its rows go."""
        self.withdraw(manifest.load_key)
        self.remove_superseded(dataclasses.replace(manifest, datasets=()))

    def dataset_path(self, dataset: str, load_key: str, revision: int = 0) -> Path:
        """Where a load's rows of a dataset are."""
        folder = self.root / dataset
        return (folder / f"r{revision}" if revision else folder) / f"{load_key}.parquet"

    def dataset_files_of(self, manifest: Manifest) -> list[Path]:
        """The Parquet files of a load."""
        return [
            self.dataset_path(dataset, manifest.load_key, manifest.revision) for dataset in manifest.datasets
        ]

    def dataset_files(self, dataset: str, manifests: Iterable[Manifest]) -> list[Path]:
        """The Parquet files of a dataset that belong to these loads, in their order."""
        return [
            self.dataset_path(dataset, manifest.load_key, manifest.revision)
            for manifest in manifests
            if dataset in manifest.datasets
        ]

    def seen(self) -> set[str]:
        """Keys of the landing files, in the state in which they were read."""
        return {path.stem for path in (self.root / "seen").glob("*.json")}

    def mark_seen(self, key: str, text: str) -> None:
        """Remember that a landing file in this state needs no look any more."""
        write_atomically(self.root / "seen" / f"{key}.json", text)

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Keep others who make loads again out, on this machine."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".replacing").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Keep other processes' and threads' commits out, on this machine."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _manifest_path(self, load_key: str) -> Path:
        return self.root / "manifests" / f"{load_key}.json"


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that it is there whole or not at all, also after a crash."""

    def write(partial: Path) -> None:
        partial.write_text(text, encoding="utf-8")

    replace_atomically(path, write)


def replace_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside `path`, flush it to disk, and rename it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{PARTIAL}")
    try:
        write(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
