"""The lake's promise: a load counts whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creator_tiers.lake import Lake, Manifest
from creator_tiers.lake.manifests import format_time, load_key, parse_time
from creator_tiers.lake.store import replace_atomically, write_atomically
from creator_tiers.stores import LocalStore

pytestmark = pytest.mark.unit

MANIFEST = Manifest(
    load_key="k1",
    file_id="f1",
    paths=("b.csv",),
    source_format="youtube_studio_table",
    platform="youtube",
    account_handle="é",
    observed_at=datetime(2026, 5, 9, 12, tzinfo=UTC),
    observed_from="modified_at",
    rows_read=1,
    rows_accepted=1,
    rows_duplicate=0,
    rows_rejected=0,
    rows_ignored=0,
    status="loaded",
    message=None,
    loaded_at=datetime(2026, 5, 10, tzinfo=UTC),
    datasets=("post_observations",),
    validation=({"suite": "x"},),
)


def test_manifest_is_read_back(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.commit(MANIFEST)

    assert lake.manifest("k1") == MANIFEST
    assert lake.manifests() == [MANIFEST]
    assert lake.manifest("k2") is None
    lake.withdraw("k1")
    lake.withdraw("k1")
    assert lake.manifests() == []


def test_a_load_that_is_withdrawn_while_loads_are_listed(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.commit(MANIFEST)
    gone = tmp_path / "manifests" / "gone.json"
    gone.symlink_to(tmp_path / "nowhere")  # it is listed, and not there when it is read

    assert lake.manifests() == [MANIFEST]


def test_copies_that_another_process_clears_away_meanwhile(tmp_path: Path) -> None:
    class Cleared(LocalStore):
        def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
            for copy in (tmp_path / "copies" / "manifests").glob("*.json"):
                copy.unlink()
            return super().read_many(names)

    store = Cleared(tmp_path / "store")
    lake = Lake(tmp_path / "copies", store)
    lake.commit(MANIFEST)
    assert lake.manifests() == [MANIFEST]
    lake.commit(replace(MANIFEST, load_key="k2"))

    assert [one.load_key for one in lake.manifests()] == ["k1", "k2"]


def test_order_of_loads(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    later = replace(MANIFEST, load_key="a", loaded_at=datetime(2026, 5, 11, tzinfo=UTC))
    greater = replace(MANIFEST, load_key="b", file_id="f2")
    for one in (later, greater, MANIFEST):
        lake.commit(one)

    assert lake.manifests() == [MANIFEST, greater, later]


def test_rows_without_a_manifest_do_not_count(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write_atomically(lake.dataset_path("post_observations", "orphan"), "x")
    lake.commit(MANIFEST)

    assert lake.dataset_files("post_observations", lake.manifests()) == [
        tmp_path / "post_observations" / "k1.parquet"
    ]
    assert lake.dataset_files("rejected_rows", lake.manifests()) == []


def test_a_broken_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, "old")

    def half(partial: Path) -> None:
        partial.write_text("ha")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace_atomically(path, half)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_paths_told_at_once_are_all_kept(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    threads = [
        threading.Thread(target=lake.commit, args=(replace(MANIFEST, paths=(f"{n:02d}.csv",)),))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [one] = lake.manifests()
    assert one.paths == tuple(f"{n:02d}.csv" for n in range(20))


def test_identity_is_bytes_and_what_is_stated() -> None:
    keys = {
        load_key("f", parts) for parts in (["a", None], [None, "a"], ["a", "b"], ["b", "a"], ["ab", None])
    }

    assert len(keys) == 5
    assert all(len(key) == 40 for key in keys)


@pytest.mark.parametrize("instant", [datetime(2026, 5, 9, 12, 0, 0, 123456, tzinfo=UTC), None])
def test_times_are_read_back(instant: datetime | None) -> None:
    assert parse_time(format_time(instant)) == instant


@pytest.mark.parametrize("text", ["{}", '{"load_key": "x"}', "[]", "not json"])
def test_what_is_no_manifest_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Manifest.from_json(text)
