"""The quarantine read again: what reads differently is replaced, as if it had been read so from the beginning."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from creator_tiers.errors import TransientError
from creator_tiers.exports import export, headers, typing_rows
from creator_tiers.exports.fingerprint import fingerprint
from creator_tiers.exports.fragments import Fault
from creator_tiers.ingestion import ingest, loading, plan, replay, replaying
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake import Lake
from creator_tiers.lake.manifests import load_key
from creator_tiers.settings import Settings, load_settings
from tests.ingestion.landings import HEADER, contents, drop, ingest_all, manifests, rows, video, videos
from tests.ingestion.test_loading import zipped

pytestmark = pytest.mark.contract

CHANNEL = "youtube/channel"
FOREIGN = HEADER.replace("Content,", "Inhaltskennung,")
UNLUCKY = 13


class Rules:
    """Yesterday no row with 13 views was taken, and nobody knew what an Inhaltskennung is; today both are mended."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._faults = typing_rows.RowTyper._own_faults
        self._families = headers._families

    def of_yesterday(self) -> None:
        def faults(typer: Any) -> list[Fault]:
            return [*self._faults(typer), Fault("unlucky", "views", f"v.views = {UNLUCKY}")]

        self._patch.setattr(typing_rows.RowTyper, "_own_faults", faults)
        self._patch.setattr(headers, "_families", self._families)

    def of_today(self) -> None:
        known = {
            family: names | ({"inhaltskennung": names["content"]} if "content" in names else {})
            for family, names in self._families().items()
        }
        self._patch.setattr(typing_rows.RowTyper, "_own_faults", self._faults)
        self._patch.setattr(headers, "_families", lambda: known)

    def know(self, column: str, name: str) -> None:
        """Somebody adds a name of a column to headers.yaml."""
        known = {
            family: names | ({column: names[name]} if name in names else {})
            for family, names in self._families().items()
        }
        self._patch.setattr(headers, "_families", lambda: known)


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Rules:
    """Great Expectations takes seconds to import, and is not what these tests are about."""
    for module in (loading, replaying):
        monkeypatch.setattr(module, "validate_rows", lambda *_: Validated([], {}))
    found = Rules(monkeypatch)
    found.of_yesterday()
    return found


def fill(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1) + video(2, UNLUCKY) + "no id,T,,1,1\n")
    drop(settings, f"{CHANNEL}/good.csv", videos(8, 9))
    drop(settings, f"{CHANNEL}/foreign.csv", FOREIGN + video(3))
    drop(
        settings,
        f"{CHANNEL}/z.zip",
        zipped({"1.csv": videos(4).encode(), "2.csv": (HEADER + video(5, UNLUCKY)).encode()}),
    )
    drop(settings, "instagram/c/foreign.csv", "sku,price\n1,2\n")


def clean_load(settings: Settings, home: Path) -> dict[str, Any]:
    """What today's rules make of the landing zone, read for the first time."""
    clean = load_settings({"CREATOR_TIERS_HOME": str(home)})
    shutil.copytree(settings.landing, clean.landing)
    ingest_all(clean)
    return contents(clean)


def standing(found: dict[str, Any]) -> dict[str, Any]:
    """The lake's contents without the refusals that are settled."""
    for load in found.values():
        refused = load.pop("rejected_rows", [])
        if left := [row for row in refused if row["resolved_at"] is None]:
            load["rejected_rows"] = left
    return found


def state(settings: Settings) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in settings.lake.rglob("*") if path.is_file()}


def test_the_lake_is_as_if_loaded_by_todays_rules(settings: Settings, tmp_path: Path, rules: Rules) -> None:
    fill(settings)
    ingest_all(settings)
    received = {one.loaded_at for one in manifests(settings).values()}
    assert {row["rule"] for row in rows(settings, "rejected_rows")} >= {"unlucky", "unknown_format"}

    rules.of_today()
    answer = replay(settings)

    assert standing(contents(settings)) == clean_load(settings, tmp_path / "clean")
    assert {one.loaded_at for one in manifests(settings).values()} == received
    assert {row["loaded_at"] for row in rows(settings)} == {one.replace(tzinfo=None) for one in received}
    assert {one["path"]: one["state"] for one in answer["answers"]} == {
        f"{CHANNEL}/a.csv": "replaced",
        f"{CHANNEL}/foreign.csv": "replaced",
        f"{CHANNEL}/z.zip/2.csv": "replaced",
        "instagram/c/foreign.csv": "unchanged",
    }
    assert (answer["rows_accepted"], answer["rows_resolved"]) == (3, 3)


def test_what_is_settled_stays_in_the_quarantine_with_its_time(settings: Settings, rules: Rules) -> None:
    fill(settings)
    ingest_all(settings)
    rules.of_today()
    before = datetime.now(UTC).replace(tzinfo=None)
    replay(settings, file="channel/a.csv")

    refused = {row["row_number"]: row for row in rows(settings, "rejected_rows") if row["raw"]}
    assert refused[3]["resolved_at"] >= before
    assert refused[3]["raw"] == video(2, UNLUCKY).strip()
    assert refused[4]["resolved_at"] is None
    assert manifests(settings)[f"{CHANNEL}/a.csv"].rows_rejected == 1


@pytest.mark.parametrize("times", [1, 2])
def test_replay_of_nothing_new_changes_nothing(settings: Settings, rules: Rules, times: int) -> None:
    fill(settings)
    ingest_all(settings)
    if times == 2:
        rules.of_today()
        replay(settings)
    before = state(settings)

    answer = replay(settings)

    assert {one["state"] for one in answer["answers"]} == {"unchanged"}
    assert (answer["replaced"], answer["rows_accepted"], answer["rows_resolved"]) == (0, 0, 0)
    assert {path: at for path, at in state(settings).items() if path.name != ".replacing"} == {
        path: at for path, at in before.items() if path.name != ".replacing"
    }
    assert plan(settings) == []


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({"rule": "unlucky"}, {"a.csv", "2.csv"}),
        ({"rule": "missing_column", "file": "youtube/"}, {"foreign.csv"}),
        ({"file": "z.zip"}, {"2.csv"}),
        ({"rule": "never_heard_of"}, set()),
    ],
)
def test_only_what_was_asked_for(
    settings: Settings, rules: Rules, asked: dict[str, str], paths: set[str]
) -> None:
    fill(settings)
    ingest_all(settings)
    rules.of_today()

    answer = replay(settings, **asked)

    assert {one["path"].rsplit("/")[-1] for one in answer["answers"] if one["state"] == "replaced"} == paths


def test_file_by_its_hash(settings: Settings, rules: Rules) -> None:
    fill(settings)
    ingest_all(settings)
    rules.of_today()
    file_id = manifests(settings)[f"{CHANNEL}/a.csv"].file_id

    assert [one["path"] for one in replay(settings, file=file_id[:12])["answers"]] == [f"{CHANNEL}/a.csv"]


@pytest.mark.parametrize("other", [None, "x"])
def test_bytes_that_are_gone_are_told(settings: Settings, rules: Rules, other: str | None) -> None:
    fill(settings)
    ingest_all(settings)
    file = settings.landing / CHANNEL / "a.csv"
    file.unlink()
    if other:
        drop(settings, f"{CHANNEL}/a.csv", videos(7))
    before = contents(settings)
    rules.of_today()

    [answer] = replay(settings, file=f"{CHANNEL}/a.csv")["answers"]

    assert answer["state"] == "missing"
    assert "put the file back" in answer["message"]
    assert contents(settings) == before


@pytest.mark.usefixtures("rules")
def test_file_whose_account_is_told_now_becomes_another_load(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "youtube/lost.csv", videos(1))
    ingest_all(settings)
    [refused] = manifests(settings).values()
    drop(settings, "youtube/lost.csv.meta.yaml", "account: channel\n")

    answer = replay(settings)

    assert (answer["replaced"], answer["rows_accepted"], answer["rows_resolved"]) == (1, 1, 1)
    [found] = manifests(settings).values()
    assert found.load_key != refused.load_key
    assert (found.loaded_at, found.status, found.account_handle) == (refused.loaded_at, "loaded", "channel")
    assert standing(contents(settings)) == clean_load(settings, tmp_path / "clean")
    assert [row["load_key"] for row in rows(settings, "rejected_rows")] == [found.load_key]


@pytest.mark.parametrize("point", ["before the manifest", "after the manifest", "before the old load goes"])
def test_killed_and_asked_again(
    settings: Settings, tmp_path: Path, rules: Rules, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    fill(settings)
    drop(settings, "youtube/lost.csv", videos(21))
    ingest_all(settings)
    drop(settings, "youtube/lost.csv.meta.yaml", "account: channel\n")
    rules.of_today()
    name = {"before the manifest": "replace", "after the manifest": "remove_superseded"}.get(point, "remove")
    with monkeypatch.context() as patch:
        patch.setattr(Lake, name, die)
        with pytest.raises(Killed):
            replay(settings)
    replay(settings)

    assert standing(contents(settings)) == clean_load(settings, tmp_path / "clean")
    resolved = [row for row in rows(settings, "rejected_rows") if row["resolved_at"] is not None]
    assert len(resolved) == 4


def test_ingestion_that_adds_a_path_keeps_the_newer_revision(settings: Settings, rules: Rules) -> None:
    fill(settings)
    ingest_all(settings)
    stale = manifests(settings)[f"{CHANNEL}/a.csv"]
    rules.of_today()
    replay(settings)

    Lake(settings.lake).commit(stale.with_path(f"{CHANNEL}/0.csv"))

    found = manifests(settings)[f"{CHANNEL}/0.csv"]
    assert (found.revision, found.rows_accepted) == (1, 2)
    assert found.paths == (f"{CHANNEL}/0.csv", f"{CHANNEL}/a.csv")


def test_growing_file_waits(settings: Settings, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(settings)
    ingest_all(settings)
    rules.of_today()
    file = settings.landing / CHANNEL / "a.csv"
    real = loading.read_export

    def read(*arguments: Any, **named: Any) -> Any:
        found = real(*arguments, **named)
        os.utime(file, (1, 1))
        return found

    monkeypatch.setattr(loading, "read_export", read)
    [answer] = replay(settings, file=f"{CHANNEL}/a.csv")["answers"]
    assert (answer["state"], answer["message"]) == ("waiting", "it is still being written")


@pytest.mark.usefixtures("rules")
def test_second_reading_that_breaks_the_contract_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    [batch] = plan(settings)
    file_id = fingerprint(settings.landing / CHANNEL / "a.csv").file_id
    guilty = {load_key(file_id, ["youtube", "channel", None]): "kind in [...]"}
    for module in (loading, replaying):
        monkeypatch.setattr(module, "validate_rows", lambda *_: Validated([], guilty))
    ingest(settings, batch)
    before = contents(settings)

    assert replay(settings)["unchanged"] == 1
    assert contents(settings) == before


def test_a_file_without_refusals_is_read_again_when_it_is_named(settings: Settings, rules: Rules) -> None:
    renamed = HEADER.replace(",Views,", ",Aufrufe neu,")
    drop(settings, f"{CHANNEL}/renamed.csv", renamed + video(1))
    ingest_all(settings)
    assert [row["views"] for row in rows(settings)] == [None]
    assert replay(settings)["files"] == 0
    assert replay(settings, file="renamed.csv")["unchanged"] == 1
    assert "file_id" not in get_contextvars(), "later lines of the log are not about the file"
    rules.know("aufrufe neu", "views")
    assert replay(settings, file="renamed.csv")["replaced"] == 1
    assert [row["views"] for row in rows(settings)] == [10]


@pytest.mark.usefixtures("rules")
def test_a_file_that_we_failed_on_is_left_to_the_next_ingestion(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = export.recognise

    def recognise(path: Path, encoding: str) -> Any:
        if path.name == "broken.csv":
            raise RuntimeError("a fault of ours")
        return real(path, encoding)

    drop(settings, f"{CHANNEL}/broken.csv", videos(1))
    drop(settings, f"{CHANNEL}/good.csv", videos(2))
    monkeypatch.setattr(export, "recognise", recognise)
    with pytest.raises(TransientError):
        ingest_all(settings)

    answer = replay(settings, file=CHANNEL)

    assert [one["path"] for one in answer["answers"]] == [f"{CHANNEL}/good.csv"]
    assert manifests(settings)[f"{CHANNEL}/broken.csv"].status == "failed"
