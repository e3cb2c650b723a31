"""A file's bytes, read once: their hash and their encoding."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

CHUNK = 1 << 20
HEAD = 16


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one pass over the bytes tells.

    Attributes:
        file_id: sha256, hexadecimal.
        size: bytes.
        encoding: `utf-8`, `utf-16`, `utf-16-le` or `utf-16-be` (without a mark of order), `cp1252`, or None where none
            of them fits.
        bad_byte: offset (from 0) of the first byte that is not UTF-8; None where all are.
        nul_at: offset (from 0) of the first NUL byte of a file that is not UTF-16; None where there is none.
    """

    file_id: str
    size: int
    encoding: str | None
    bad_byte: int | None
    nul_at: int | None = None


def fingerprint(path: Path) -> Fingerprint:
    """Hash a file and find its encoding.

    A file that breaks UTF-8 is code page 1252 only when it has no BOM, holds no multi-byte UTF-8 sequence before the
    break and does not end inside one: text that was UTF-8 so far is damaged, not in another encoding.
    """
    digest = hashlib.sha256()
    size = 0
    head = b""
    nul_at: int | None = None
    watch = _Utf8Watch()
    for chunk in _chunks(path):
        head = head or chunk[:HEAD]
        digest.update(chunk)
        if nul_at is None and (found := chunk.find(b"\0")) >= 0:
            nul_at = size + found
        watch.feed(chunk, size)
        size += len(chunk)
    watch.finish(size)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Fingerprint(digest.hexdigest(), size, "utf-16", None)
    if (unmarked := _unmarked_utf16(head)) and _decodes(path, unmarked):
        return Fingerprint(digest.hexdigest(), size, unmarked, None)
    encoding: str | None = "utf-8"
    if watch.bad_byte is not None:
        damaged = watch.is_multibyte or watch.is_truncated
        plain = not damaged and not head.startswith(codecs.BOM_UTF8) and nul_at is None
        encoding = "cp1252" if plain and _decodes(path, "cp1252") else None
    return Fingerprint(digest.hexdigest(), size, encoding, watch.bad_byte, nul_at)


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 that begins with plain letters but without a mark of order: every second byte is NUL."""
    if len(head) < HEAD:
        return None
    first, second = head[::2], head[1::2]
    if not any(second) and all(first):
        return "utf-16-le"
    return "utf-16-be" if not any(first) and all(second) else None


class _Utf8Watch:
    """Finds the first byte that breaks UTF-8, chunk by chunk."""

    def __init__(self) -> None:
        self.bad_byte: int | None = None
        self.is_multibyte = False
        self.is_truncated = False
        self._tail = b""

    def feed(self, chunk: bytes, offset: int) -> None:
        if self.bad_byte is not None or (not self._tail and chunk.isascii()):
            return
        data = self._tail + chunk
        start = offset - len(self._tail)
        whole = _whole_characters(data)
        if _is_utf8(data[:whole]):  # many times as fast as decoding
            self.is_multibyte = self.is_multibyte or not data[:whole].isascii()
            self._tail = data[whole:]
            return
        try:
            data.decode()
        except UnicodeDecodeError as error:
            self.bad_byte = start + error.start
            self.is_multibyte = self.is_multibyte or not data[: error.start].isascii()

    def finish(self, size: int) -> None:
        if self.bad_byte is None and self._tail:
            self.bad_byte = size - len(self._tail)
            self.is_truncated = True


def _whole_characters(data: bytes) -> int:
    """How many bytes stand before a last character that is cut off; all of them where none is."""
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] >= 0xC0:  # a character begins
            try:
                _, used = codecs.utf_8_decode(data[-back:], "strict", False)
            except UnicodeDecodeError:
                break
            return len(data) - back + used
    return len(data)


def _is_utf8(data: bytes) -> bool:
    ends = pa.py_buffer(np.array([0, len(data)], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True
