from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creator_tiers.comparison.intervals import compare_rates_sequential
from creator_tiers.samples import Effects, EffectsError, write_samples
from creator_tiers.weeks import Week
from tests.samples import reading
from tests.samples.conftest import Written

pytestmark = pytest.mark.unit
AS_OF = datetime(2026, 11, 9, tzinfo=UTC)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_samples(tmp_path / name, creators=3, weeks=12)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_another_seed_gives_other_files(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_samples(tmp_path / str(seed), creators=1, weeks=6, seed=seed)
    assert contents(tmp_path / "1") != contents(tmp_path / "2")


def test_writing_again_touches_nothing_and_leaves_strangers_alone(tmp_path: Path) -> None:
    write_samples(tmp_path, creators=1, weeks=6)
    (tmp_path / "tiktok/mine.csv").write_text("mine")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write_samples(tmp_path, creators=1, weeks=6)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("creators", [1, 2, 3])
@pytest.mark.parametrize("weeks", [1, 2, 9])
def test_small_sets_are_whole(tmp_path: Path, creators: int, weeks: int) -> None:
    summary = write_samples(tmp_path, creators=creators, weeks=weeks, seed=3)
    assert summary.exports > 0
    assert reading.posts(tmp_path)
    assert summary.accounts == dict.fromkeys(("instagram", "tiktok", "youtube"), 5 * creators)


def test_other_weeks_and_zones_stay_before_the_end(tmp_path: Path) -> None:
    until = Week.parse("2026-W02", "Europe/Berlin")
    write_samples(tmp_path, creators=2, weeks=8, until=until)
    seen = reading.posts(tmp_path)
    assert max(one.observed for one in seen) < until.ends_at
    assert min(one.published for one in seen) >= until.shift(-8).ends_at.replace(hour=0)
    assert all(one.published < one.observed for one in seen)


def test_more_accounts_than_names(tmp_path: Path) -> None:
    write_samples(tmp_path, creators=195, weeks=1)
    assert len(reading.followers(tmp_path)) == 3 * 975


@pytest.mark.parametrize("wrong", [{"creators": 0}, {"weeks": 0}])
def test_nothing_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        write_samples(tmp_path, **wrong)


def test_the_truth_is_written_beside_the_landing_zone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        write_samples(tmp_path / "landing", creators=1, weeks=1, truth_path=tmp_path / "landing/truth.json")
    summary = write_samples(tmp_path / "landing", creators=1, weeks=1, truth_path=tmp_path / "truth.json")
    facts = json.loads((tmp_path / "truth.json").read_text())
    assert facts["until"] == "2026-W45"
    assert len(facts["truth"]) == len(summary.truth) == 4 * 10


def test_progress_counts_up_to_the_end(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    summary = write_samples(tmp_path, creators=1, weeks=3, progress=lambda *call: calls.append(call))
    assert [done for done, _ in calls] == list(range(1, summary.exports + summary.sidecars + 1))
    assert {total for _, total in calls} == {summary.exports + summary.sidecars}


def test_the_default_set_is_small(default: Written) -> None:
    assert default.summary.exports <= 300
    assert default.summary.size <= 30_000_000
    assert default.summary.exports + default.summary.sidecars == len(contents(default.folder))


def test_the_drawn_truth_is_the_planted_one(default: Written) -> None:
    for platform, group, a, b in (
        ("instagram", "feed", "micro", "mega"),
        ("instagram", "feed", "nano", "micro"),
        ("tiktok", "video", "micro", "mega"),
        ("youtube", "video", "micro", "mega"),
        ("youtube", "short", "micro", "mega"),
    ):
        truth = default.summary.ratio(platform, group, a, b)
        assert truth.drawn == pytest.approx(truth.planted, rel=1e-6)
    with pytest.raises(KeyError):
        default.summary.ratio("instagram", "feed", "mega", "micro")


def test_the_files_hold_what_was_planted_and_enough_to_find_it(default: Written) -> None:
    rates = reading.creator_rates(default.folder, AS_OF)
    for group, planted in (
        (("instagram", "feed"), 1.38),
        (("tiktok", "video"), 1.0),
        (("youtube", "video"), 0.5),
        (("youtube", "short"), 0.625),
    ):
        micro, mega = rates[(*group, "micro")], rates[(*group, "mega")]
        truth = default.summary.ratio(*group, "micro", "mega")
        assert reading.ratio(micro, mega) == pytest.approx(planted, rel=0.01)
        assert (len(micro), len(mega)) == (truth.creators_a, truth.creators_b)
    feed = [list(rates["instagram", "feed", tier].values()) for tier in ("micro", "mega")]
    assert len(feed[0]) >= 60
    assert len(feed[1]) >= 25
    _, low, high = compare_rates_sequential(*feed)
    assert 1 < low < 1.38 < high
    video = [list(rates["tiktok", "video", tier].values()) for tier in ("micro", "mega")]
    _, low, high = compare_rates_sequential(*video)
    assert 0.8 < low < high < 1.25
    tube = [list(rates["youtube", "video", tier].values()) for tier in ("mega", "micro")]
    _, low, _ = compare_rates_sequential(*tube)
    assert low > 1.25


def test_planted_effects_of_a_file_are_found(tmp_path: Path) -> None:
    path = tmp_path / "effects.yaml"
    path.write_text(
        "instagram: {feed: {ratios: {micro/mega: 0.6}}}\n"
        "tiktok: {video: {ratios: {micro/mega: 1.9}}}\n"
        "youtube: {video: {ratios: {mega/micro: 1.0}, creator_sd: 0.2}}\n"
    )
    write_samples(tmp_path / "landing", creators=12, weeks=14, effects=Effects.from_file(path))
    rates = reading.creator_rates(tmp_path / "landing", AS_OF)
    for group, planted in (
        (("instagram", "feed"), 0.6),
        (("tiktok", "video"), 1.9),
        (("youtube", "video"), 1.0),
    ):
        found = reading.ratio(rates[(*group, "micro")], rates[(*group, "mega")])
        assert found == pytest.approx(planted, rel=0.03)


def test_an_effects_error_is_a_value_error() -> None:
    assert issubclass(EffectsError, ValueError)
