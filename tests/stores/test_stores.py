"""What every store promises: a folder, S3, and whatever else fsspec has."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from creator_tiers.settings import load_settings
from creator_tiers.stores import LocalStore, Store, open_store
from creator_tiers.stores.objects import ObjectStore
from creator_tiers.stores.store import change

pytestmark = pytest.mark.contract


@pytest.fixture(params=["folder", "s3", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return LocalStore(tmp_path / "store")
    if request.param == "s3":
        return open_store(request.getfixturevalue("prefix"), load_settings({}))
    return ObjectStore(f"memory://{uuid.uuid4().hex}/x", fsspec.filesystem("memory"))


def names(store: Store, folder: str = "") -> list[str]:
    return [one.name for one in store.entries(folder)]


def test_empty(store: Store) -> None:
    assert (store.entries(), store.siblings("a"), store.entry("a/b"), store.read("a/b")) == (
        [],
        [],
        None,
        None,
    )
    assert store.read_many(["a", "b"]) == {}
    store.delete(["a/b"])
    store.delete([])
    store.write_many({})


def test_written_is_read_and_listed(store: Store) -> None:
    store.write("a/b/c.json", b"one")
    store.write_many({"a/d é [1]*?#%.csv": b"", "ab/x": b"22"})

    assert names(store) == sorted(["a/b/c.json", "a/d é [1]*?#%.csv", "ab/x"])
    assert names(store, "a") == ["a/b/c.json", "a/d é [1]*?#%.csv"]
    assert [one.name for one in store.siblings("a")] == ["a/d é [1]*?#%.csv"]
    assert store.read_many(["a/b/c.json", "none", "ab/x"]) == {"a/b/c.json": b"one", "ab/x": b"22"}
    found = store.entry("a/b/c.json")
    assert found is not None
    assert (found.size, store.entries("a/b")) == (3, [found])
    assert abs(datetime.now(UTC) - found.modified_at) < timedelta(minutes=5)
    store.write("a/b/c.json", b"two")
    assert store.read("a/b/c.json") == b"two"
    assert store.entry("a/b/c.json") != found
    store.delete(["a/b/c.json", "none"])
    assert names(store) == ["a/d é [1]*?#%.csv", "ab/x"]


def test_files_go_up_and_down_whole(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"0123456789abcdef" * (5 << 20 >> 2))  # 20 MB: several parts
    store.upload(source, "x/y.parquet")
    store.write("z [1].csv", b"z")

    targets = {"x/y.parquet": tmp_path / "down" / "y", "z [1].csv": tmp_path / "down" / "z"}
    store.download(targets)

    assert source.is_file()
    assert targets["x/y.parquet"].read_bytes() == source.read_bytes()
    assert targets["z [1].csv"].read_bytes() == b"z"
    with pytest.raises(FileNotFoundError):
        store.download({"none": tmp_path / "down" / "none"})
    assert {path.name for path in (tmp_path / "down").iterdir()} == {"y", "z"}


def test_conditional_writes(store: Store) -> None:
    assert store.write_if("a", b"1", None)
    assert not store.write_if("a", b"2", None)
    before = store.entry("a")
    assert before is not None
    assert store.write_if("a", b"22", before.tag)
    assert not store.write_if("a", b"333", before.tag)
    assert not store.write_if("b", b"1", before.tag)
    assert store.read("a") == b"22"
    assert store.read("b") is None


def test_nobodys_change_is_lost(store: Store) -> None:
    if isinstance(store, ObjectStore) and store.where.startswith("memory"):
        pytest.skip("conditional writes are a promise of folders and S3 only")
    threads = [threading.Thread(target=change, args=(store, "sum", _add(n))) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((store.read("sum") or b"").split()) == sorted(str(n).encode() for n in range(12))


def _add(number: int) -> Callable[[bytes | None], bytes]:
    return lambda content: (content or b"") + b" %d" % number
