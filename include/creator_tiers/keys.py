"""The key that personal data is hashed with: configured, or made once and kept in the home. It is never logged."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from creator_tiers.settings import Settings

NAME = "hash.key"


def hash_key(settings: Settings) -> bytes:
    """The key: `CREATOR_TIERS_HASH_KEY`, else the one in the home, which is made when it is not there yet.

    With another key the same customer looks like another one, so a home keeps its key for good.

    Raises:
        OSError: the home cannot be written.
    """
    if settings.hash_key is not None:
        return settings.hash_key.encode("utf-8")
    path = settings.home / NAME
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    """Put a new key where nobody else has put one meanwhile; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
