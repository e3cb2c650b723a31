"""Which files a run reads, in which batches, and under which stamp."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_tiers.ingestion import ingest, loading, plan
from creator_tiers.ingestion.planning import MAX_BATCHES
from creator_tiers.ingestion.validating import Validated
from creator_tiers.settings import Settings
from tests.ingestion.landings import drop, ingest_all, manifests, videos

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def without_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))


def paths(batches: list[dict[str, object]]) -> list[object]:
    return [batch["paths"] for batch in batches]


def test_empty_landing_has_no_batch(settings: Settings) -> None:
    assert plan(settings) == []


def test_small_files_share_a_batch_and_a_large_one_has_its_own(settings: Settings) -> None:
    for name, size in (("a", 10), ("b", 10), ("c", 5000), ("d", 10)):
        drop(settings, f"youtube/x/{name}.csv", "x" * size)

    batches = plan(settings, batch_bytes=1000)

    assert paths(batches) == [
        ["youtube/x/a.csv", "youtube/x/b.csv"],
        ["youtube/x/c.csv"],
        ["youtube/x/d.csv"],
    ]
    assert batches[0]["label"] == "youtube: 2 files, 0.0 MB"
    assert str(batches[1]["label"]).startswith("youtube/x/c.csv, ")
    assert len({batch["stamp"] for batch in batches}) == 1
    assert len(plan(settings, batch_files=1)) == 4


def test_more_files_than_airflow_maps(settings: Settings) -> None:
    folder = settings.landing / "youtube" / "x"
    folder.mkdir(parents=True)
    for number in range(1100):
        (folder / f"{number:04d}.csv").touch()

    batches = plan(settings, batch_files=1)

    assert len(batches) <= MAX_BATCHES < 1024
    assert sum(len(batch["paths"]) for batch in batches) == 1100


def test_more_large_files_than_airflow_maps(settings: Settings) -> None:
    folder = settings.landing / "youtube" / "x"
    folder.mkdir(parents=True)
    for number in range(1100):
        (folder / f"{number:04d}.csv").write_bytes(b"xx")

    batches = plan(settings, batch_bytes=3)

    assert len(batches) <= MAX_BATCHES
    assert [path for batch in batches for path in batch["paths"]] == [
        f"youtube/x/{number:04d}.csv" for number in range(1100)
    ]


def test_a_killed_plan_keeps_its_stamp(settings: Settings) -> None:
    drop(settings, "youtube/x/a.csv", videos(1))
    drop(settings, "youtube/x/b.csv", videos(2))
    first, _ = plan(settings, batch_files=1)
    ingest(settings, first)

    [again] = plan(settings)

    assert (again["paths"], again["stamp"]) == (["youtube/x/b.csv"], first["stamp"])
    drop(settings, "youtube/x/c.csv", videos(3))
    old, new = plan(settings)
    assert (old["paths"], new["paths"]) == (["youtube/x/b.csv"], ["youtube/x/c.csv"])
    assert old["stamp"] == first["stamp"] < new["stamp"]


def test_no_load_is_older_than_one_that_is_there(settings: Settings) -> None:
    """What was left behind when later files were read counts as received later: who owns a row must not change."""
    drop(settings, "youtube/x/a.csv", videos(1))
    [late] = plan(settings)
    drop(settings, "youtube/x/b.csv", videos(2))
    [_, other] = plan(settings)
    ingest(settings, other)

    [again] = plan(settings)

    assert again["paths"] == late["paths"]
    assert again["stamp"] > other["stamp"]
    ingest(settings, again)
    assert [Path(path).name for path in manifests(settings)] == ["b.csv", "a.csv"]


def test_finished_and_orphaned_plans_are_removed(settings: Settings) -> None:
    file = drop(settings, "youtube/x/a.csv", videos(1))
    ingest_all(settings)
    drop(settings, "youtube/x/gone.csv", videos(2))
    plan(settings)
    (file.parent / "gone.csv").unlink()

    assert plan(settings) == []
    assert list((settings.lake / "plans").glob("*.json")) == []
