"""The whole way with landing zone and lake in a bucket."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.ingestion import forget, ingest, loading, plan, replay, replaying
from creator_tiers.ingestion.landing import open_landing
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake import Lake, open_lake
from creator_tiers.lake.opening import copies
from creator_tiers.lake.store import LoadChangedError
from creator_tiers.settings import Settings, load_settings
from creator_tiers.stores import open_store
from tests.ingestion.landings import HEADER, contents, drop, ingest_all, manifests, rows, video, videos
from tests.stores.conftest import settings_of

pytestmark = pytest.mark.contract

NAME = "planted.name"


@pytest.fixture(autouse=True)
def without_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (loading, replaying):
        monkeypatch.setattr(module, "validate_rows", lambda *_: Validated([], {}))


def everything(settings: Settings) -> str:
    """Every byte of the lake and of its copies on this machine, Parquet unpacked, and every name."""
    store = open_store(str(settings.lake_url), settings)
    folder = settings.home / "all"
    found = {one.name: folder / one.name for one in store.entries()}
    store.download(found)
    texts = list(found)
    for path in [*found.values(), *copies(settings).rglob("*")]:
        if path.suffix == ".parquet":
            texts.append(str(pq.read_table(path, partitioning=None).to_pylist()))
        elif path.is_file():
            texts.append(path.read_text(encoding="utf-8"))
        texts.append(path.name)
    return "\n".join(texts).lower()


def test_read_once_with_its_sidecar_and_again_when_it_changes(remote: Settings) -> None:
    drop(remote, "youtube/a/Table data.csv", videos(1, 2))
    drop(remote, "youtube/a/Table data.csv.meta.yaml", "observed_at: 2026-05-09\n")
    drop(remote, "youtube/b/export.csv", videos(3))
    for skipped in (".hidden/x.csv", "youtube/a/x.csv.part", "youtube/a/.x.csv", "youtube/folder/"):
        open_store(str(remote.landing_url), remote).write(skipped, b"x")

    [batch] = plan(remote)
    assert batch["paths"] == ["youtube/a/Table data.csv", "youtube/b/export.csv"]
    assert ingest(remote, batch)["rows_accepted"] == 3
    assert ingest(remote, batch)["files"] == 0
    assert plan(remote) == []
    found = manifests(remote)["youtube/a/Table data.csv"]
    assert (found.observed_from, str(found.observed_at)) == ("sidecar", "2026-05-09 23:59:59+00:00")

    drop(remote, "youtube/a/Table data.csv.meta.yaml", "observed_at: 2026-05-10\n")
    [batch] = plan(remote)
    assert batch["paths"] == ["youtube/a/Table data.csv"]
    ingest(remote, batch)
    assert len(manifests(remote)) == 2
    assert len(rows(remote)) == 5


def test_file_that_changes_while_it_is_read_waits(remote: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(remote, "youtube/a/a.csv", videos(1))
    drop(remote, "youtube/b/b.csv", videos(3))
    [batch] = plan(remote)
    real = loading.read_export

    def read(connection: Any, member: Any, context: Any, *rest: Any, **named: Any) -> Any:
        if context.path.endswith("a.csv"):
            drop(remote, "youtube/a/a.csv", videos(1, 2))
        return real(connection, member, context, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(loading, "read_export", read)
        with pytest.raises(TransientError, match="still being written"):
            ingest(remote, batch)
    assert [Path(one).name for one in manifests(remote)] == ["b.csv"]
    ingest_all(remote)
    assert len(rows(remote)) == 3


def test_nothing_is_left_in_the_scratch_folder(remote: Settings) -> None:
    drop(remote, "youtube/a/a.csv", videos(1))
    [found] = open_landing(remote).find()
    scratch = remote.home / "scratch"
    scratch.mkdir(parents=True)
    with found.fetched(scratch) as here:
        assert here.file.read_text() == videos(1)
    assert list(scratch.iterdir()) == []


def test_another_machine_reads_what_this_one_wrote(remote: Settings, prefix: str, tmp_path: Path) -> None:
    drop(remote, "youtube/a/a.csv", videos(1, 2))
    ingest_all(remote)

    other = settings_of(prefix, tmp_path / "other")

    assert contents(other) == contents(remote)
    assert plan(other) == []


def test_replay_replaces_and_leaves_nothing_behind(remote: Settings) -> None:
    drop(remote, "youtube/a/a.csv", videos(1) + "no id,T,,1,1\n")
    ingest_all(remote)
    assert replay(remote)["unchanged"] == 1
    (remote.home / "thresholds.yaml").write_text("youtube_studio_table: {stop_share: 0.1, stop_rows: 1}\n")

    assert replay(remote)["replaced"] == 1

    lake = open_lake(remote)
    [one] = lake.manifests()
    assert (one.revision, one.status) == (1, "refused")
    parquet = [entry.name for entry in lake.store.entries() if entry.name.endswith(".parquet")]
    assert parquet == [f"rejected_rows/r1/{one.token}/{one.load_key}.parquet"]
    assert [path.name for path in copies(remote).rglob("*.parquet")] == [Path(parquet[0]).name]


def fill(settings: Settings) -> None:
    drop(settings, f"youtube/{NAME}/a.csv", videos(1) + "no id,T,,1,1\n")
    drop(settings, "youtube/other/b.csv", videos(2))
    drop(
        settings,
        "creators/instagram_2026-05-01.csv",
        f"username,followers\nsome.one,12K\n{NAME},9K\n{NAME},many\n",
    )


def forget_both(settings: Settings) -> None:
    for platform in ("instagram", "youtube"):
        forget(settings, f"{platform}:{NAME}")


def test_forgotten_is_really_gone(remote: Settings, prefix: str, tmp_path: Path) -> None:
    fill(remote)
    ingest_all(remote)
    other = settings_of(prefix, tmp_path / "other")
    contents(other)
    assert NAME in everything(remote)
    orphan = open_lake(remote)
    [first, *_] = orphan.manifests()
    orphan.put(
        dataclasses.replace(first, token="left"), "post_observations", lambda path: path.write_bytes(b"x")
    )

    forget_both(remote)

    assert NAME not in everything(remote)
    assert not [one for one in orphan.store.entries() if "/left/" in one.name]
    assert len(rows(remote)) == 1
    open_lake(other).manifests()
    assert NAME not in everything(other)
    assert plan(remote) == []


@pytest.mark.parametrize("moment", ["before it validates", "before its first commit", "after its commits"])
def test_forgotten_on_another_machine_while_this_one_reads(
    remote: Settings, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    other = settings_of(prefix, tmp_path / "other")
    fill(remote)
    done: list[bool] = []

    def once(*_: Any) -> None:
        if not done:
            done.append(True)
            forget_both(other)

    with monkeypatch.context() as patch:
        if moment == "before it validates":
            patch.setattr(loading, "validate_rows", lambda *_: once() or Validated([], {}))
        else:
            real, commits = Lake.commit, []

            def commit(lake: Lake, manifest: Any) -> Any:
                if moment == "before its first commit":
                    once()
                counts = real(lake, manifest)
                commits.append(1)
                if len(commits) == 2:
                    once()
                return counts

            patch.setattr(Lake, "commit", commit)
        with pytest.raises(TransientError, match="forgotten meanwhile"):
            ingest_all(remote)
    ingest_all(remote)

    assert done
    lake = open_lake(remote)
    assert all(map(lake.is_whole, lake.manifests()))
    assert NAME not in everything(remote)
    assert len(rows(remote)) == 1
    assert len(rows(remote, "follower_observations")) == 1


def test_first_commit_counts_and_the_other_goes(remote: Settings, prefix: str, tmp_path: Path) -> None:
    drop(remote, "youtube/a/a.csv", videos(1))
    [batch] = plan(remote)
    late = {**batch, "stamp": "2031-01-01T00:00:00.000000Z"}
    real = Lake.commit
    other = settings_of(prefix, tmp_path / "other")

    def commit(lake: Lake, manifest: Any) -> Any:
        if lake.root == copies(remote):
            ingest(other, late)
        return real(lake, manifest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lake, "commit", commit)
        ingest(remote, batch)

    lake = open_lake(remote)
    [one] = lake.manifests()
    assert one.loaded_at.year == 2031
    assert {row["loaded_at"].year for row in rows(remote)} == {2031}
    assert len([entry for entry in lake.store.entries() if entry.name.endswith(".parquet")]) == 1


def test_two_revisions_at_once_are_told(remote: Settings) -> None:
    drop(remote, "youtube/a/a.csv", videos(1))
    ingest_all(remote)
    lake = open_lake(remote)
    [known] = lake.manifests()
    [mine, theirs] = [dataclasses.replace(known, revision=1, token=token) for token in ("mine", "theirs")]
    for one in (mine, theirs):
        lake.put(
            one,
            "post_observations",
            lambda path: path.write_bytes(lake.file(known, "post_observations").read_bytes()),
        )
    lake.commit(known.with_path("another/path.csv"))
    lake.replace(theirs, known)

    with pytest.raises(LoadChangedError, match="made again meanwhile"):
        lake.replace(mine, known)

    [now] = lake.manifests()
    assert (now.token, len(now.paths)) == ("theirs", 2)
    assert lake.is_whole(now)
    assert not lake.is_whole(mine)


def test_a_lake_keeps_to_one_hash_key(remote: Settings, prefix: str, tmp_path: Path) -> None:
    plan(remote)
    other = dataclasses.replace(settings_of(prefix, tmp_path / "other"), hash_key=None)

    with pytest.raises(ContractError, match="another hash key") as told:
        plan(other)
    assert (other.home / "hash.key").read_text() not in str(told.value)
    begun = json.loads(open_store(str(remote.lake_url), remote).read("lake.json") or b"")
    assert str(remote.hash_key) not in str(begun)


def test_no_secret_is_logged(remote: Settings, caplog: pytest.LogCaptureFixture) -> None:
    from tests.stores.server import SECRET

    with caplog.at_level(logging.INFO):
        drop(remote, "youtube/a/a.csv", HEADER + video(1))
        ingest_all(remote)
        replay(remote)
    assert SECRET not in caplog.text
    assert SECRET not in everything(remote)
    assert SECRET not in repr(load_settings())
