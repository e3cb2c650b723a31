"""A prefix of an object store, through fsspec: s3fs for `s3://`, whatever fsspec has for other URLs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from creator_tiers.stores.faults import code_of, told
from creator_tiers.stores.store import Entry

TOGETHER = 100
"""Requests at once."""

PART_BYTES = 8 << 20
"""What is held of a file in memory, some parts of it at once."""

_LOST = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409", "NoSuchKey", "404")
"""Codes of a conditional write that somebody else was quicker than."""


class ObjectStore:
    """A bucket's prefix.

    On S3 and what speaks its protocol, writes are conditional by `If-None-Match` and `If-Match`, so that any number of
    machines may write. Elsewhere `write_if` looks and then writes: one writer at a time.
    """

    def __init__(self, url: str, filesystem: Any, credentials: str = "the environment") -> None:
        """Make one.

        Args:
            url: `s3://bucket/prefix`.
            filesystem: an fsspec filesystem without caches of its own.
            credentials: where its credentials are from, as words.
        """
        self._url = url.rstrip("/")
        self._root = str(filesystem._strip_protocol(self._url))
        self._fs = filesystem
        self._credentials = credentials
        self._is_s3 = url.startswith(("s3://", "s3a://"))

    @property
    def where(self) -> str:
        """The URL."""
        return self._url

    def entries(self, folder: str = "") -> list[Entry]:
        """Everything below a folder, by name."""
        with self._told():
            try:
                found = self._fs.find(self._full(folder), detail=True)
            except FileNotFoundError:
                return []
        return self._sorted(found.values(), folder)

    def siblings(self, folder: str) -> list[Entry]:
        """The objects that lie directly in a folder."""
        with self._told():
            try:
                found = self._fs.ls(self._full(folder), detail=True)
            except FileNotFoundError:
                return []
        return self._sorted(found, folder)

    def entry(self, name: str) -> Entry | None:
        """One object; None where there is none."""
        with self._told():
            try:
                info = self._fs.info(self._full(name))
            except FileNotFoundError:
                return None
        return self._entry(info) if info["type"] == "file" else None

    def read(self, name: str) -> bytes | None:
        """The bytes; None where there are none."""
        with self._told():
            try:
                return bytes(self._fs.cat_file(self._full(name)))
            except FileNotFoundError:
                return None

    def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """The bytes of those names that are there."""
        found: dict[str, bytes] = {}
        for group in _groups(list(names)):
            with self._told():
                answers = self._fs.cat([self._full(name) for name in group], on_error="return")
            for name in group:
                answer = answers[self._full(name)]
                if isinstance(answer, Exception):
                    with self._told():
                        if not isinstance(answer, FileNotFoundError):
                            raise answer
                else:
                    found[name] = bytes(answer)
        return found

    def write(self, name: str, content: bytes) -> None:
        """Write, whatever was there."""
        with self._told():
            self._fs.pipe_file(self._full(name), content)

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """Write some."""
        for group in _groups(list(contents)):
            with self._told():
                self._fs.pipe({self._full(name): contents[name] for name in group})

    def write_if(self, name: str, content: bytes, tag: str | None) -> bool:
        """Write only if the object still has this tag; whether it was written."""
        if not self._is_s3:
            found = self.entry(name)
            if (found.tag if found else None) != tag:
                return False
            self.write(name, content)
            return True
        bucket, _, key = self._full(name).partition("/")
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        with self._told():
            try:
                self._fs.call_s3("put_object", Bucket=bucket, Key=key, Body=content, **condition)
            except OSError as error:
                if code_of(error) not in _LOST:
                    raise
                return False
        return True

    def delete(self, names: Iterable[str]) -> None:
        """Delete those that are there."""
        for group in _groups(list(names)):
            with self._told():
                if self._is_s3:
                    self._fs.rm([self._full(name) for name in group])
                    continue
                for name in group:
                    if self._fs.exists(self._full(name)):
                        self._fs.rm_file(self._full(name))

    def upload(self, source: Path, name: str) -> None:
        """Write a file's bytes."""
        with self._told():
            if self._is_s3:
                self._fs.put_file(str(source), self._full(name), chunksize=PART_BYTES, max_concurrency=4)
            else:
                self._fs.put_file(str(source), self._full(name))

    def download(self, targets: Mapping[str, Path]) -> None:
        """Write objects to files."""
        for group in _groups(list(targets)):
            partials = {name: _partial(targets[name]) for name in group}
            try:
                for partial in partials.values():
                    partial.parent.mkdir(parents=True, exist_ok=True)
                with self._told():
                    self._fs.get(
                        [self._full(name) for name in group], [str(one) for one in partials.values()]
                    )
                for name, partial in partials.items():
                    partial.replace(targets[name])
            finally:
                for partial in partials.values():
                    partial.unlink(missing_ok=True)

    def _told(self) -> AbstractContextManager[None]:
        return told(self._url, self._credentials)

    def _full(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def _sorted(self, found: Iterable[Mapping[str, Any]], folder: str) -> list[Entry]:
        prefix = f"{self._full(folder)}/"
        files = [info for info in found if info["type"] == "file" and info["name"].startswith(prefix)]
        entries = [self._entry(info) for info in files if not info["name"].endswith("/")]
        return sorted(entries, key=lambda one: one.name)

    def _entry(self, info: Mapping[str, Any]) -> Entry:
        at = info.get("LastModified") or info.get("created") or info.get("mtime") or 0
        modified_at = at if isinstance(at, datetime) else datetime.fromtimestamp(float(at), UTC)
        tag = info.get("ETag") or info.get("etag") or self._fs.checksum(info["name"])
        name = info["name"][len(self._root) + 1 :]
        return Entry(name, int(info["size"]), str(tag), modified_at.astimezone(UTC))


def _groups(names: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), TOGETHER):
        yield names[first : first + TOGETHER]


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name[-80:]}.{os.getpid()}.{threading.get_ident()}.partial")
