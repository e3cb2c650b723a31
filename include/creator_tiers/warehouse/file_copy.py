"""A copy of a file for its readers, of which only what has changed is written.

Beside the copy lies its former state, `<copy>.former`. To publish is to bring that file up to date, out of sight, and
to let the two change places. A reader who still has the former file open must never see it change: then, and wherever
that cannot be told for certain, a whole copy is written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
from pathlib import Path
from typing import BinaryIO

PIECE = 128 * 1024
"""Bytes that are compared at a time: few enough to stay in a processor's cache."""

LOCAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
"""File systems of this machine's own: its kernel knows every reader of a file."""

_MOUNTS = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def publish_copy(source: BinaryIO, copy: Path, *, keep_former: bool) -> None:
    """Put a copy of a file in place, in one step, after it is safe on disk.

    Args:
        source: the file; nobody writes to it meanwhile. It stays open.
        copy: where readers look. One publishes at a time.
        keep_former: whether what stands there now may stay beside it, for the next time.

    Raises:
        OSError: the copy cannot be written; what stood there stands there still.
    """
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    former = copy.with_name(f"{copy.name}.former")
    try:
        if not _update_former(source, former, unfinished, copy):
            _copy_whole(source, unfinished)
        if keep_former:
            # A crash from here to the next line leaves two names of one file, which is not taken for a former one.
            with contextlib.suppress(OSError):
                os.link(copy, former, follow_symlinks=False)
        unfinished.replace(copy)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(copy.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _update_former(source: BinaryIO, former: Path, unfinished: Path, copy: Path) -> bool:
    """Make the former file the unfinished copy, equal to the source and safe on disk; whether that could be done.

    Whatever happens, the former file is gone from its place, and what a killed run left unfinished is gone too.
    """
    unfinished.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        former.rename(unfinished)
        file = os.open(unfinished, os.O_RDWR | os.O_NOFOLLOW)
        try:
            if _is_local(copy.parent) and _is_apart(file, copy) and _is_unread(file):
                _write_changes(source.fileno(), file)
                os.fsync(file)
                return True
        finally:
            os.close(file)
    unfinished.unlink(missing_ok=True)
    return False


def _copy_whole(source: BinaryIO, unfinished: Path) -> None:
    source.seek(0)
    with unfinished.open("wb") as file:
        shutil.copyfileobj(source, file, 16 * 1024 * 1024)
        file.flush()
        os.fsync(file.fileno())


def _write_changes(source: int, copy: int) -> None:
    """Make the copy equal to the source, byte for byte, by writing the pieces that differ.

    The bytes themselves are compared. DuckDB's checksum of a block would spare the reading, but it is the same for
    equal words in another order: rows of a small table that come out in another order may leave it as it was.
    """
    new, old, place = bytearray(PIECE), bytearray(PIECE), 0
    while size := _read(source, new, place):
        # Whole bytearrays are compared by memcmp; views of them would be byte by byte.
        is_known = _read(copy, old, place) >= size
        if not (is_known and (new == old if size == PIECE else new[:size] == old[:size])):
            _write(copy, memoryview(new)[:size], place)
        place += size
    os.ftruncate(copy, place)


def _read(file: int, piece: bytearray, place: int) -> int:
    """Fill the piece from the file; fewer bytes only at its end."""
    filled, view = 0, memoryview(piece)
    while filled < len(piece) and (size := os.preadv(file, [view[filled:]], place + filled)):
        filled += size
    return filled


def _write(file: int, content: memoryview, place: int) -> None:
    written = 0
    while written < len(content):
        written += os.pwrite(file, content[written:], place + written)


def _is_apart(file: int, copy: Path) -> bool:
    """Whether it is a file of its own under one name, not another name of the copy."""
    facts = os.fstat(file)
    is_other = not copy.exists() or not os.path.samestat(facts, copy.stat())
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and is_other


def _is_unread(file: int) -> bool:
    """Whether nobody else on this machine has the file open: only then the kernel grants a write lease of it.

    The lease is given back at once. Nobody comes to the file by its name any more.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return False
    return True


def _is_local(folder: Path) -> bool:
    """Whether the folder's file system is one of `LOCAL`. Elsewhere another machine may read the file unseen."""
    kinds: dict[Path, str] = {}
    for line in _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        mount, _, described = line.partition(" - ")
        place = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), mount.split(" ")[4])
        kinds[Path(place)] = described.split(" ")[0]
    whole = folder.resolve()
    return next((kinds[one] for one in (whole, *whole.parents) if one in kinds), "") in LOCAL
