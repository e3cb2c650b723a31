"""What lies in the landing zone, and which of it is an export file at all."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from creator_tiers.exports.context import SIDECAR, is_skipped

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file in the landing zone.

    Attributes:
        path: relative to `landing/`, with `/`.
        file: where it is on disk.
        size: bytes.
        state: a key that changes when the file, its sidecar or its place do.
    """

    path: str
    file: Path
    size: int
    state: str

    def has_changed(self) -> bool:
        """Whether the file or its sidecar is another by now, or gone."""
        try:
            return _state(self.path, self.file, self.file.stat()) != self.state
        except OSError:
            return True


def find_files(landing: Path) -> Iterator[LandingFile]:
    """Every export file below a folder, in the order of the paths.

    Links that lead out of the folder, dangling links, pipes and sockets are skipped with a warning.
    """
    root = landing.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not is_skipped(name) and (found := describe(Path(folder) / name, root)) is not None:
                yield found


def describe(file: Path, root: Path) -> LandingFile | None:
    """A file below `root`; None, with a warning, for what cannot be an export."""
    path = file.relative_to(root).as_posix()
    try:
        target = file.resolve(strict=True)
        status = target.stat()
    except (OSError, RuntimeError) as error:
        log.warning("%s is skipped: %s", path, error)
        return None
    if not stat.S_ISREG(status.st_mode):
        log.warning("%s is skipped: it is no regular file", path)
        return None
    if not target.is_relative_to(root):
        log.warning("%s is skipped: the link leads out of the landing zone", path)
        return None
    return LandingFile(path, file, status.st_size, _state(path, file, status))


def _state(path: str, file: Path, status: os.stat_result) -> str:
    sidecar = file.with_name(file.name + SIDECAR)
    beside = sidecar.stat() if sidecar.is_file() else None
    parts = [
        path,
        status.st_size,
        status.st_mtime_ns,
        beside and beside.st_size,
        beside and beside.st_mtime_ns,
    ]
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()[:40]
