"""A forgotten account is nowhere in the lake, stays out, and leaves a line that does not name it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.ingestion import forget, loading, plan, replay, replaying
from creator_tiers.ingestion.scratch import SCRATCH
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake import Lake
from creator_tiers.settings import Settings
from creator_tiers.stores.local import PARTIAL
from tests.ingestion.landings import HEADER, contents, drop, ingest_all, manifests, rows, video, videos

pytestmark = pytest.mark.contract

NAME = "planted.name"
LIST = f"username,followers\nsome.one,12K\n@{NAME.title()},9K\nother.one,many\n{NAME},many\n"
PLACEMENTS = f"campaign,platform,handle,fee\nSpring,instagram,{NAME},100\nSpring,instagram,some.one,50\n"


@pytest.fixture(autouse=True)
def without_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (loading, replaying):
        monkeypatch.setattr(module, "validate_rows", lambda *_: Validated([], {}))


def fill(settings: Settings) -> None:
    drop(settings, f"youtube/{NAME}/a.csv", videos(1) + "no id,T,,1,1\n")
    drop(settings, f"instagram/{NAME}/foreign.csv", f"sku,price\n{NAME},2\n")
    drop(settings, "youtube/other/b.csv", videos(2))
    drop(settings, "creators/instagram_2026-05-01.csv", LIST)
    drop(settings, "campaigns/placements.csv", PLACEMENTS)


def everything(settings: Settings) -> str:
    """Every byte of the lake as text, Parquet unpacked, and every name of a file."""
    texts = []
    for path in settings.lake.rglob("*"):
        texts.append(os.fspath(path))
        if path.suffix == ".parquet":
            texts.append(str(pq.read_table(path, partitioning=None).to_pylist()))
        elif path.is_file():
            texts.append(path.read_text(encoding="utf-8"))
    return "\n".join(texts).lower()


def forget_both(settings: Settings) -> list[dict[str, Any]]:
    return [forget(settings, f"{platform}:{NAME}") for platform in ("instagram", "youtube")]


def test_the_name_is_nowhere_in_the_lake(settings: Settings) -> None:
    fill(settings)
    ingest_all(settings)
    assert NAME in everything(settings)

    told = forget_both(settings)

    assert NAME not in everything(settings)
    assert [row["account_key"] for row in rows(settings, "follower_observations")] == ["instagram:some.one"]
    assert {row["post_key"] for row in rows(settings)} == {"youtube:VIDEO000002"}
    assert [row["placement_key"] for row in rows(settings, "placements")] == ["Spring:instagram:some.one"]
    assert told[0]["rows"]["follower_observations"] == 1
    assert told[1]["rows"] == {"post_observations": 1}
    assert told[1]["landing"] == [f"instagram/{NAME}/foreign.csv", f"youtube/{NAME}/a.csv"]


def test_counts_add_up_and_say_why(settings: Settings) -> None:
    fill(settings)
    ingest_all(settings)
    before = {one.load_key: one for one in manifests(settings).values()}
    forget_both(settings)

    for one in manifests(settings).values():
        fates = (one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored)
        assert one.rows_read == sum(fates) == before[one.load_key].rows_read
    found = manifests(settings)
    assert (found["youtube/forgotten/a.csv"].status, found["youtube/forgotten/a.csv"].datasets) == (
        "ignored",
        (),
    )
    shared = found["creators/instagram_2026-05-01.csv"]
    assert (shared.rows_accepted, shared.rows_rejected, shared.rows_ignored) == (1, 2, 1)
    assert "forgotten accounts are left out" in str(shared.message)
    assert found["youtube/other/b.csv"].revision == 0


def test_raw_text_of_others_stays(settings: Settings) -> None:
    fill(settings)
    ingest_all(settings)
    forget_both(settings)

    refused = {row["row_number"]: row["raw"] for row in rows(settings, "rejected_rows") if row["row_number"]}
    assert refused == {4: "other.one,many", 5: None}


@pytest.mark.parametrize("how", ["touched", "replayed", "elsewhere"])
def test_reading_again_does_not_bring_it_back(settings: Settings, how: str) -> None:
    fill(settings)
    ingest_all(settings)
    forget_both(settings)
    before = contents(settings)

    if how == "replayed":
        assert replay(settings)["replaced"] == 0
    elif how == "touched":
        for path in settings.landing.rglob("*.csv"):
            os.utime(path, (datetime(2026, 5, 9, 12, tzinfo=UTC).timestamp(), 1.8e9))
        ingest_all(settings)
    else:
        drop(settings, f"youtube/{NAME}/new.csv", videos(5))
        drop(settings, "creators/instagram_2026-05-08.csv", LIST)
        ingest_all(settings)
        assert len(rows(settings, "follower_observations")) == 2

    assert NAME not in everything(settings)
    found = contents(settings)
    assert {key: found[key] for key in before} == before
    assert plan(settings) == []


def test_a_first_reading_after_is_as_an_erasure(settings: Settings) -> None:
    """What is read after an account was forgotten is what an erasure leaves of what was read before."""
    fill(settings)
    ingest_all(settings)
    forget_both(settings)
    erased = contents(settings)

    for path in [*settings.lake.rglob("*.json"), *settings.lake.rglob("*.parquet")]:
        if path.parent.name != "forgotten":
            path.unlink()
    ingest_all(settings)

    assert contents(settings) == erased


def test_the_note_names_nobody_and_counts(settings: Settings) -> None:
    fill(settings)
    ingest_all(settings)
    told = forget(settings, f" YouTube:@{NAME.upper()} ")
    again = forget(settings, f"youtube:{NAME}")

    note = json.loads((settings.lake / "forgotten" / f"{told['account_hash']}.json").read_text())
    assert told["account_hash"] == again["account_hash"]
    assert [(one["loads"], one["rows"], one["refused_rows"]) for one in note["events"]] == [
        (1, {"post_observations": 1}, 1),
        (0, {}, 0),
    ]
    assert NAME not in json.dumps(note)


def test_what_a_killed_run_left_half_done_goes_too(settings: Settings) -> None:
    fill(settings)
    ingest_all(settings)
    scratch = settings.lake / f"{SCRATCH}killed"
    scratch.mkdir()
    (scratch / "lock").touch()
    (scratch / "k.refusals.txt").write_text(NAME, encoding="utf-8")
    half = settings.lake / "post_observations" / f".k.parquet.1.2{PARTIAL}"
    half.write_text(NAME, encoding="utf-8")

    forget_both(settings)

    assert NAME not in everything(settings)
    assert not scratch.exists()
    assert not half.exists()


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_killed_and_asked_again(settings: Settings, monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    class Killed(BaseException):
        pass

    fill(settings)
    ingest_all(settings)
    real, left = Lake.replace, [calls]

    def die(lake: Lake, *manifests: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        real(lake, *manifests)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "replace", die)
        with pytest.raises(Killed):
            forget_both(settings)
    forget_both(settings)

    assert NAME not in everything(settings)
    assert not list(Path(settings.lake).rglob("*.erased"))
    assert len(rows(settings, "follower_observations")) == 1


def test_run_that_was_reading_meanwhile_reads_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(settings)

    def validate(*_: Any) -> Any:
        forget_both(settings)
        return Validated([], {})

    with monkeypatch.context() as patch:
        patch.setattr(loading, "validate_rows", validate)
        with pytest.raises(TransientError, match="forgotten meanwhile"):
            ingest_all(settings)
    ingest_all(settings)

    assert NAME not in everything(settings)
    assert len(rows(settings)) == 1


@pytest.mark.parametrize("text", ["planted", "myspace:planted", "instagram:", "instagram:@"])
def test_what_is_no_account_is_told(settings: Settings, text: str) -> None:
    with pytest.raises(ContractError, match="is no account"):
        forget(settings, text)
    assert not settings.lake.exists()


def test_a_longer_name_is_another_one(settings: Settings) -> None:
    drop(settings, f"youtube/{NAME}2/a.csv", HEADER + video(1))
    ingest_all(settings)
    before = contents(settings)

    assert forget(settings, f"youtube:{NAME}")["loads"] == 0
    assert contents(settings) == before
