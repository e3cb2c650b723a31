"""The published copy: equal to its source whatever changed, never seen half-way, and never changed under a reader."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pytest

from creator_tiers.warehouse import file_copy
from creator_tiers.warehouse.file_copy import PIECE, publish_copy

pytestmark = pytest.mark.contract

COUNT = "SELECT count(*) AS n, sum(a) AS a, min(s) AS s FROM t"
HOLD = (
    "import sys; f = open(sys.argv[1], 'rb'); print('open', flush=True)\n"
    "sys.stdin.read(); sys.stdout.buffer.write(f.read())"
)
KILLED = """
import os, signal, sys
from pathlib import Path
from creator_tiers.warehouse import file_copy

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

source, copy, where = sys.argv[1:]
if where == "while writing":
    real, writes = file_copy._write, []
    def write(file, content, place):
        writes.append(place)
        real(file, content[: len(content) // 2] if len(writes) == 2 else content, place)
        if len(writes) == 2:
            die()
    file_copy._write = write
elif where == "before renaming":
    Path.replace = die
elif where == "after renaming":
    real = Path.replace
    Path.replace = lambda *given: (real(*given), die())
else:
    setattr(os, where, die)
with open(source, "rb") as file:
    file_copy.publish_copy(file, Path(copy), keep_former=True)
"""


class Files:
    """A source and its copy in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "w.bin"
        self.copy = folder / "published.bin"
        self.former = folder / "published.bin.former"
        self.path.write_bytes(np.random.default_rng(1).bytes(10 * PIECE + 123))
        self.source: BinaryIO = self.path.open("rb")

    def change(self, number: int, place: int) -> None:
        with self.path.open("r+b") as file:
            file.seek(place)
            file.write(np.random.default_rng(number).bytes(1000))

    def publish(self, *, keep_former: bool = True) -> None:
        publish_copy(self.source, self.copy, keep_former=keep_former)
        assert self.copy.read_bytes() == self.path.read_bytes()

    def inode(self) -> int:
        return self.copy.stat().st_ino

    def names(self) -> list[str]:
        return sorted(path.name for path in self.copy.parent.iterdir())


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path)
    with made.source:
        yield made


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The places of the pieces that are written, until now."""
    places: list[int] = []
    real = file_copy._write

    def write(file: int, content: memoryview, place: int) -> None:
        places.append(place)
        real(file, content, place)

    monkeypatch.setattr(file_copy, "_write", write)
    return places


def test_two_files_change_places_and_only_what_differs_is_written(files: Files, written: list[int]) -> None:
    seen = []
    for number in range(5):
        files.change(number, number * PIECE + 5)
        files.publish()
        seen.append(files.inode())
    assert seen == [seen[0], seen[1], seen[0], seen[1], seen[0]]
    assert written == [piece * PIECE for piece in (1, 2, 2, 3, 3, 4)]
    assert files.names() == ["published.bin", "published.bin.former", "w.bin"]


def test_the_same_words_in_another_order_are_a_change(files: Files, tmp_path: Path) -> None:
    """DuckDB's checksum of a block, which stands at its start, is the same for both."""
    with duckdb.connect(str(tmp_path / "made.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT hash(range) AS a FROM range(100_000)")
    content = bytearray((tmp_path / "made.duckdb").read_bytes())
    (tmp_path / "made.duckdb").unlink()
    files.path.write_bytes(content)
    files.publish()
    files.publish()
    for place in range(3 * 4096 + 64 * 1024, len(content), 256 * 1024):  # in the midst of each block
        one, other = bytes(content[place : place + 8]), bytes(content[place + 8 : place + 16])
        content[place : place + 16] = other + one
    assert content != files.path.read_bytes()
    files.path.write_bytes(content)
    files.publish()
    with duckdb.connect(str(files.copy), read_only=True) as reader:
        assert reader.execute("SELECT count(a) FROM t").fetchall() == [(100_000,)]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 3 * PIECE + 1, 25 * PIECE])
def test_a_source_of_another_size(files: Files, size: int) -> None:
    files.publish()
    files.publish()
    first = files.inode()
    os.truncate(files.path, size)
    files.publish()
    files.change(1, size)
    files.publish()
    assert files.inode() == first


def test_a_database_that_is_changed_at_random(tmp_path: Path) -> None:
    path, copy = tmp_path / "w.duckdb", tmp_path / "published.duckdb"
    chance = np.random.default_rng(20261130)
    statements = [
        "INSERT INTO t SELECT range, random(), 'x' || range FROM range({n})",
        "DELETE FROM t WHERE a % 7 = {k}",
        "UPDATE t SET b = random() WHERE a % 5 = {k}",
        "CREATE OR REPLACE TABLE t AS FROM t ORDER BY hash(a + {n})",
        "CREATE OR REPLACE TABLE u AS FROM range({n})",
        "DELETE FROM t WHERE a > {n}",
    ]
    inodes = set()
    with duckdb.connect(str(path), config={"threads": 1}) as connection, path.open("rb") as source:
        connection.execute("CREATE TABLE t (a BIGINT, b DOUBLE, s VARCHAR)")
        for _ in range(30):
            for _ in range(chance.integers(1, 5)):
                statement = statements[chance.integers(len(statements))]
                connection.execute(statement.format(n=chance.integers(60_000), k=chance.integers(5)))
            connection.execute("CHECKPOINT")
            publish_copy(source, copy, keep_former=True)
            inodes.add(copy.stat().st_ino)
            assert copy.read_bytes() == path.read_bytes()
            with duckdb.connect(str(copy), read_only=True) as reader:
                assert reader.execute(COUNT).fetchall() == connection.execute(COUNT).fetchall()
    assert len(inodes) == 2


def test_a_reader_keeps_the_file_that_it_opened(files: Files) -> None:
    files.publish()
    with files.copy.open("rb") as own:
        before = own.read()
        reading = [sys.executable, "-c", HOLD, str(files.copy)]
        with subprocess.Popen(reading, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"open\n"
            for number in range(4):
                files.change(number, number * PIECE)
                files.publish()
                own.seek(0)
                assert own.read() == before
            found, _ = other.communicate(b"", timeout=60)
    assert found == before
    at_work = files.inode()
    files.publish()
    files.publish()
    assert files.inode() == at_work, "with the readers gone the two files change places again"


def _no_lease(*_: object, **__: object) -> int:
    raise OSError(errno.EINVAL, "no leases here")


def _another_name(files: Files, _: pytest.MonkeyPatch) -> None:
    os.link(files.former, files.former.with_name("another"))


def _the_copys_name(files: Files, _: pytest.MonkeyPatch) -> None:
    files.former.unlink()
    os.link(files.copy, files.former)


def _a_symlink(files: Files, _: pytest.MonkeyPatch) -> None:
    files.former.rename(files.former.with_name("target"))
    files.former.symlink_to(files.former.with_name("target"))


def _leases_refused(_: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "fcntl", _no_lease)


def _leases_unknown(_: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(fcntl, "F_SETLEASE")


def _another_machines_disk(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = files.copy.with_name("mounts")
    here = str(files.copy.parent.resolve()).replace("e", "\\145")
    mounts.write_text(
        f"1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:9 / {here} rw,relatime shared:1 - nfs4 host:/x rw\n"
    )
    monkeypatch.setattr(file_copy, "_MOUNTS", mounts)


def _mounts_unknown(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_copy, "_MOUNTS", files.copy.with_name("none"))


def _a_failing_disk(_: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_copy, "_write_changes", _no_lease)


@pytest.mark.parametrize(
    "spoil",
    [
        _another_name,
        _the_copys_name,
        _a_symlink,
        _leases_refused,
        _leases_unknown,
        _another_machines_disk,
        _mounts_unknown,
        _a_failing_disk,
    ],
)
def test_what_is_not_certain_gets_a_whole_copy(
    files: Files, written: list[int], monkeypatch: pytest.MonkeyPatch, spoil
) -> None:
    files.publish()
    files.change(1, 3)
    files.publish()
    spoil(files, monkeypatch)
    files.change(2, PIECE)
    before = files.copy.read_bytes()
    with files.copy.open("rb") as reader:
        files.publish()
        assert reader.read() == before
    assert written == []
    assert "published.bin.unfinished" not in files.names()


def test_without_hard_links_there_is_no_former_file(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _no_lease)
    files.publish()
    files.publish()
    assert files.names() == ["published.bin", "w.bin"]


def test_nothing_former_stays_unless_it_may(files: Files) -> None:
    files.publish()
    files.publish()
    files.change(1, 3)
    files.publish(keep_former=False)
    assert files.names() == ["published.bin", "w.bin"]


def test_a_disk_without_room_leaves_the_copy_as_it_was(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.publish()
    files.publish()
    before = files.copy.read_bytes()
    files.change(1, 3)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        publish_copy(files.source, files.copy, keep_former=True)
    assert files.copy.read_bytes() == before
    assert files.names() == ["published.bin", "w.bin"]


@pytest.mark.kill
@pytest.mark.parametrize(
    "where",
    ["preadv", "while writing", "ftruncate", "fsync", "link", "before renaming", "after renaming"],
)
def test_a_killed_publication_is_never_trusted(files: Files, where: str) -> None:
    files.publish()
    files.change(1, 3)
    files.publish()
    before = files.copy.read_bytes()
    for number in range(2, 5):
        files.change(number, 2 * number * PIECE)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(files.path), str(files.copy), where], timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert files.copy.read_bytes() == (files.path.read_bytes() if where == "after renaming" else before)
    for number in range(5, 8):
        files.change(number, number * PIECE)
        files.publish()
    assert files.names() == ["published.bin", "published.bin.former", "w.bin"]
