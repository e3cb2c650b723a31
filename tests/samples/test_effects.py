from __future__ import annotations

from pathlib import Path

import pytest

from creator_tiers.samples.effects import Effects, EffectsError, levels_from_ratios

pytestmark = pytest.mark.unit


def test_the_defaults_are_the_article() -> None:
    groups = Effects().groups
    assert groups["instagram", "feed"].ratio("micro", "mega") == pytest.approx(1.38)
    assert groups["tiktok", "video"].ratio("micro", "mega") == 1.0
    assert groups["youtube", "video"].ratio("mega", "micro") == pytest.approx(2.0)


def test_unnamed_tiers_lie_on_a_line_through_the_named() -> None:
    levels = levels_from_ratios({"micro/mega": 8.0})
    assert levels == pytest.approx({"nano": 16.0, "micro": 8.0, "mid": 4.0, "macro": 2.0, "mega": 1.0})
    bent = levels_from_ratios({"mega/micro": 2.0, "macro/mega": 4.0})
    assert bent["micro"] == pytest.approx(0.5)
    assert bent["mid"] == pytest.approx(2**0.5)
    assert bent["macro"] == pytest.approx(4.0)


def test_a_file_overrides_only_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "effects.yaml"
    path.write_text("instagram:\n  feed: {ratios: {micro/mega: 0.7}, creator_sd: 0.2}\n")
    effects = Effects.from_file(path)
    feed = effects.groups["instagram", "feed"]
    assert feed.ratio("micro", "mega") == pytest.approx(0.7)
    assert feed.creator_sd == 0.2
    assert feed.post_sd == Effects().groups["instagram", "feed"].post_sd
    assert effects.groups["tiktok", "video"] == Effects().groups["tiktok", "video"]


def test_an_empty_file_is_the_article(tmp_path: Path) -> None:
    path = tmp_path / "effects.yaml"
    path.write_text("")
    assert Effects.from_file(path) == Effects()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("instagram: {story: {}}", "instagram.story"),
        ("instagram: 3", "expected a mapping"),
        ("instagram: {feed: {ratio: {}}}", "unknown keys"),
        ("instagram: {feed: {ratios: {micro/macro: 1.2}}}", "pair of a tier with mega"),
        ("instagram: {feed: {ratios: {giant/mega: 1.2}}}", "pair of a tier with mega"),
        ("instagram: {feed: {ratios: {micro/mega: 0}}}", "above 0"),
        ("instagram: {feed: {ratios: {micro/mega: many}}}", "above 0"),
        ("instagram: {feed: {ratios: {micro/mega: .nan}}}", "above 0"),
        ("instagram: {feed: {ratios: {micro/mega: 1.2, mega/micro: 2}}}", "given twice"),
        ("instagram: {feed: {creator_sd: -1}}", "0 or more"),
        ("instagram: {feed: {base_rate: true}}", "above 0"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "effects.yaml"
    path.write_text(text)
    with pytest.raises(EffectsError, match=says) as error:
        Effects.from_file(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EffectsError, match=r"nowhere\.yaml"):
        Effects.from_file(tmp_path / "nowhere.yaml")
