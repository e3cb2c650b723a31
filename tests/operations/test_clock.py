"""A clock that is put back or jumps ahead: what was read later still counts as received later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from creator_tiers.ingestion import planning
from creator_tiers.lake import Lake
from creator_tiers.settings import Settings
from creator_tiers.warehouse.build import build, rebuild
from tests.ingestion.landings import HEADER, drop, ingest_all, video, videos
from tests.warehouse.contents import published

pytestmark = pytest.mark.contract

NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
SAID = "observed_at: 2026-05-09T12:00:00Z\n"

Set = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets the clock by which plans are made."""

    def to(moment: datetime) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return moment.astimezone(tz)

        monkeypatch.setattr(planning, "datetime", Clock)

    return to


def load(settings: Settings, path: str, content: str) -> datetime:
    """Read one more file; when it counts as received."""
    before = {one.load_key for one in Lake(settings.lake).manifests()}
    drop(settings, f"{path}.meta.yaml", SAID)
    drop(settings, path, content)
    ingest_all(settings)
    build(settings)
    [new] = [one for one in Lake(settings.lake).manifests() if one.load_key not in before]
    return new.loaded_at


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-400), timedelta(hours=1)])
def test_the_order_of_receipt_does_not_jump_with_the_clock(
    jump: timedelta, settings: Settings, clock: Set, caplog: pytest.LogCaptureFixture
) -> None:
    clock(NOON)
    first = load(settings, "youtube/a/1.csv", videos(1, 2))
    clock(NOON + jump)
    second = load(settings, "youtube/a/2.csv", HEADER + video(2) + video(3))
    clock(NOON + timedelta(minutes=1))
    third = load(settings, "youtube/a/3.csv", HEADER + video(3) + video(4))

    assert first < second < third
    assert "the clock was put back, or was ahead" in caplog.text
    files = {
        row["path"]: (row["rows_loaded"], row["rows_duplicate"])
        for row in published(settings)["ops.export_files"]
    }
    assert files == {
        "youtube/a/1.csv": (2, 0), "youtube/a/2.csv": (1, 1), "youtube/a/3.csv": (1, 1),
    }, "the file that was read first owns the row"  # fmt: skip
    before = published(settings)
    rebuild(settings)
    assert published(settings) == before, "a rebuild tells another story"


def test_what_was_observed_last_counts_whenever_it_was_received(settings: Settings, clock: Set) -> None:
    clock(NOON)
    load(settings, "youtube/a/1.csv", videos(1, views=10))
    clock(NOON - timedelta(hours=1))
    drop(settings, "youtube/a/2.csv.meta.yaml", "observed_at: 2026-05-09T18:00:00Z\n")
    drop(settings, "youtube/a/2.csv", videos(1, views=20))
    ingest_all(settings)
    build(settings)
    [post] = published(settings)["marts.creator_engagement"]
    assert post["views"] == 20
