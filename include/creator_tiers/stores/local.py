"""A folder as a store: files written under a temporary name, renamed when whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from creator_tiers.stores.store import Entry

PARTIAL = ".partial"


class LocalStore:
    """A folder. Hidden files in it are not objects."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.root)

    def entries(self, folder: str = "") -> list[Entry]:
        """Everything below a folder, by name."""
        return sorted(self._walk(self.root / folder), key=lambda one: one.name)

    def siblings(self, folder: str) -> list[Entry]:
        """The objects that lie directly in a folder."""
        prefix = f"{folder}/" if folder else ""
        return [one for one in self.entries(folder) if "/" not in one.name[len(prefix) :]]

    def entry(self, name: str) -> Entry | None:
        """One object; None where there is none."""
        try:
            return self._entry(self.root / name)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self, name: str) -> bytes | None:
        """The bytes; None where there are none."""
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of those names that are there."""
        return {name: content for name in names if (content := self.read(name)) is not None}

    def write(self, name: str, content: bytes) -> None:
        """Write, whatever was there."""
        replace_atomically(self.root / name, lambda partial: _fill(partial, content))

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """Write some."""
        for name, content in contents.items():
            self.write(name, content)

    def write_if(self, name: str, content: bytes, tag: str | None) -> bool:
        """Write only if the object still has this tag; whether it was written."""
        with self._one_at_a_time():
            found = self.entry(name)
            if (found.tag if found else None) != tag:
                return False
            self.write(name, content)
        return True

    def delete(self, names: Iterable[str]) -> None:
        """Delete those that are there."""
        for name in names:
            (self.root / name).unlink(missing_ok=True)

    def upload(self, source: Path, name: str) -> None:
        """Write a file's bytes."""
        replace_atomically(self.root / name, partial(shutil.copyfile, source))

    def download(self, targets: Mapping[str, Path]) -> None:
        """Write objects to files."""
        for name, target in targets.items():
            source = self.root / name
            replace_atomically(target, partial(shutil.copyfile, source))

    def _walk(self, folder: Path) -> Iterator[Entry]:
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if not name.startswith("."):
                    with contextlib.suppress(FileNotFoundError):
                        yield self._entry(Path(place) / name)

    def _entry(self, path: Path) -> Entry:
        status = path.stat()
        tag = f"{status.st_mtime_ns:x}-{status.st_ino:x}-{status.st_size:x}"
        modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
        return Entry(path.relative_to(self.root).as_posix(), status.st_size, tag, modified_at)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Keep other processes' and threads' changes out, on this machine."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that it is there whole or not at all, also after a crash."""
    replace_atomically(path, lambda partial: _fill(partial, text.encode("utf-8")))


def replace_atomically(path: Path, write: Callable[[Path], object]) -> None:
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


def _fill(path: Path, content: bytes) -> None:
    path.write_bytes(content)
