"""What lies in the landing zone, and which of it is an export file at all."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from creator_tiers.errors import TransientError
from creator_tiers.exports.context import is_skipped, valid_text
from creator_tiers.exports.sidecars import SIDECAR
from creator_tiers.settings import Settings

log = logging.getLogger(__name__)


class LandingZone(Protocol):
    """Where exports are dropped."""

    def find(self) -> Iterator[LandingFile]:
        """Every export file."""

    def closed(self) -> list[str]:
        """Folders that cannot be opened, whose files nobody finds."""

    def describe(self, path: str) -> LandingFile | None:
        """The export file at a path; None, with a warning, where there is none."""

    def state(self, file: LandingFile) -> str | None:
        """A key that changes when the file, its sidecar or its place do; None where it is gone."""

    def fetched(self, file: LandingFile, scratch: Path) -> AbstractContextManager[LandingFile]:
        """The same, its bytes and its sidecar on this machine's disk.

        Raises:
            TransientError: it changes meanwhile.
        """


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file in the landing zone.

    Attributes:
        path: relative to `landing/`, with `/`.
        file: where it is on disk, once it is fetched.
        size: bytes.
        state: a key that changes when the file, its sidecar or its place do.
        arrived_at: when its bytes were last put there, UTC.
        zone: where it lies.
    """

    path: str
    file: Path
    size: int
    state: str
    arrived_at: datetime
    zone: LandingZone = field(repr=False, compare=False)

    def has_changed(self) -> bool:
        """Whether the file or its sidecar is another by now, or gone."""
        return self.zone.state(self) != self.state

    def fetched(self, scratch: Path) -> AbstractContextManager[LandingFile]:
        """The same, its bytes and its sidecar on this machine's disk.

        Raises:
            TransientError: it changes meanwhile.
        """
        return self.zone.fetched(self, scratch)


def open_landing(settings: Settings) -> LandingZone:
    """The landing zone in use; a folder is made when it is not there."""
    if settings.landing_url is None:
        settings.landing.mkdir(parents=True, exist_ok=True)
        return Folder(settings.landing)
    from creator_tiers.ingestion.landing_store import StoreZone
    from creator_tiers.stores import open_store

    return StoreZone(open_store(settings.landing_url, settings))


class Folder:
    """A folder where exports are dropped.

    Links that lead out of the folder, dangling links, pipes and sockets are skipped with a warning.
    """

    def __init__(self, landing: Path) -> None:
        self._root = landing.resolve()

    def find(self) -> Iterator[LandingFile]:
        """Every export file below the folder, in the order of the paths.

        Raises:
            TransientError: the landing zone itself cannot be opened, which is no reason to call it empty.
        """
        for folder, folders, names in os.walk(self._root, onerror=self._tell):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not is_skipped(name) and (found := self._describe(Path(folder) / name)) is not None:
                    yield found

    def closed(self) -> list[str]:
        """Folders below that cannot be opened, relative to `landing/`."""
        found: list[str] = []
        for _, folders, _ in os.walk(self._root, onerror=lambda error: found.append(self._relative(error))):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
        return found

    def _relative(self, error: OSError) -> str:
        return valid_text(Path(error.filename).relative_to(self._root).as_posix())

    def _tell(self, error: OSError) -> None:
        if Path(error.filename) == self._root:
            raise TransientError(f"the landing zone {error.filename} cannot be opened: {error.strerror}")
        log.warning(
            "the folder %s is skipped: it cannot be opened: %s", self._relative(error), error.strerror
        )

    def describe(self, path: str) -> LandingFile | None:
        """A file of the folder; None, with a warning, for what cannot be an export."""
        return self._describe(self._root / path)

    def state(self, file: LandingFile) -> str | None:
        """A key of the file as it is now; None where it is gone."""
        try:
            return _state(file.path, file.file, file.file.stat())
        except OSError:
            return None

    def fetched(self, file: LandingFile, scratch: Path) -> AbstractContextManager[LandingFile]:  # noqa: ARG002
        """The file itself."""
        return nullcontext(file)

    def _describe(self, file: Path) -> LandingFile | None:
        path = file.relative_to(self._root).as_posix()
        try:
            target = file.resolve(strict=True)
            status = target.stat()
        except (OSError, RuntimeError) as error:
            log.warning("%s is skipped: %s", path, error)
            return None
        if not stat.S_ISREG(status.st_mode):
            log.warning("%s is skipped: it is no regular file", path)
            return None
        if not target.is_relative_to(self._root):
            log.warning("%s is skipped: the link leads out of the landing zone", path)
            return None
        arrived_at = datetime.fromtimestamp(status.st_ctime, UTC)  # copies keep times of modification
        return LandingFile(path, file, status.st_size, _state(path, file, status), arrived_at, self)


def state_of(path: str, *parts: object) -> str:
    """The key of a file in a state."""
    text = "\0".join(map(str, [path, *parts]))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]


def _state(path: str, file: Path, status: os.stat_result) -> str:
    beside = _status_of(file.with_name(file.name + SIDECAR))
    return state_of(
        path,
        status.st_size,
        status.st_mtime_ns,
        beside and beside.st_size,
        beside and beside.st_mtime_ns,
    )


def _status_of(sidecar: Path) -> os.stat_result | None:
    """A sidecar's status; None where there is none, and where a name that long cannot be."""
    try:
        status = sidecar.stat()
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
