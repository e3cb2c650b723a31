"""The register as it ships, and what it refuses."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from creator_tiers.comparison import ClaimError, load_claims
from creator_tiers.comparison.claims import REGISTER, expectation_of
from creator_tiers.comparison.verdicts import HIGHER, Expectation, Expects

SHIPPED = yaml.safe_load(REGISTER.read_text(encoding="utf-8"))
C1_ROW = ("instagram", "feed", "er_followers_settled")


@pytest.mark.unit
def test_the_shipped_claims_say_what_the_article_says() -> None:
    found = {
        claim.claim_id: (
            claim.metric,
            claim.tier_a,
            claim.tier_b,
            claim.expectation.kind,
            claim.claimed_value,
        )
        for claim in load_claims()
    }

    assert found == {
        "C0": ("creators", "micro", "mega", "direction", 1.0),
        "C1": ("er_followers_settled", "micro", "mega", "ratio", 1.38),
        "C2": ("er_views_settled", "micro", "mega", "equivalence", 1.0),
        "C3": ("er_views_settled", "mega", "micro", "bound", 1.25),
        "C4": ("cvr_reach", "small", "rest", "bound", 1.20),
        "C5": ("orders_net_total", "micro", "mega", "direction", 1.0),
        "C6": ("fee_per_post", "rest", "small", "direction", 1.0),
        "C7": ("branded_share", "rest", "small", "direction", 1.0),
        "C8": ("er_reach_branded_own", "small", "small", "not_below", 0.8),
        "C9": ("cvr_reach_fit", "fit", "unfit", "direction", 1.0),
        "C10": ("hours_per_creator", "small", "rest", "direction", 1.0),
        "C11": ("rebooked_180d", "small", "rest", "direction", 1.0),
        "C12": ("reach_per_cost", "rest", "small", "direction", 1.0),
        "C13": ("micro_placement_share", "micro", "micro", "direction", 1.0),
    }
    assert [scope.scope for claim in load_claims() for scope in claim.scopes] == [
        "instagram",
        "tiktok",
        "youtube",
        "youtube:short",
    ]


@pytest.mark.unit
def test_every_claim_says_how_it_is_judged() -> None:
    for claim in load_claims():
        assert claim.unit
        assert claim.window
        assert claim.test
        assert all(sentence.endswith(".") for sentence in claim.sentences.values())


@pytest.mark.unit
def test_a_row_takes_its_size_from_the_claim_in_the_same_direction_only() -> None:
    claims = load_claims()

    assert expectation_of(claims, *C1_ROW, ("micro", "mega")) == Expectation(Expects.RATIO, 1.38)
    assert expectation_of(claims, *C1_ROW, ("micro", "macro")) == HIGHER
    assert expectation_of(claims, "instagram", "feed", "er_reach_settled", ("micro", "mega")) == HIGHER
    assert expectation_of(claims, "youtube", "video", "er_views_settled", ("micro", "mega")) == HIGHER
    assert expectation_of(claims, "tiktok", "video", "er_views_settled", ("micro", "mega")) == HIGHER


@pytest.mark.unit
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "engagement_rate"}, "C1: metric is 'engagement_rate'"),
        ({"tier_a": "huge"}, "C1: tier_a is 'huge'"),
        ({"tier_a": "mega"}, "the same tier"),
        ({"claimed": {"kind": "ratio"}}, "a value goes with ratio"),
        ({"claimed": {"kind": "ratio", "value": "1.38"}}, "has to be a number above 1"),
        ({"claimed": {"kind": "ratio", "value": 0.7}}, "has to be a number above 1"),
        ({"claimed": {"kind": "ratio", "value": True}}, "has to be a number above 1"),
        ({"claimed": {"kind": "equivalence", "value": 1.1}}, "and only there"),
        ({"claimed": {"kind": "maybe"}}, "claimed.kind is 'maybe'"),
        ({"claimed": 1.38}, "takes `kind` and `value`"),
        ({"scopes": []}, "`scopes` has to be a list"),
        ({"scopes": [{"scope": "x", "platform": "x", "kind_group": "story"}]}, "kind_group is 'story'"),
        ({"scopes": [{"scope": "x"}]}, "a scope takes"),
        ({"sentences": {"supported": "Yes."}}, "`sentences` needs one for each"),
        ({"colour": "red"}, "unknown keys: colour"),
        ({"id": "C2"}, "C2 occur twice"),
        ({"judge": "oracle"}, "C1: judge is 'oracle'"),
        ({"judge": "ratios"}, "missing or unknown keys: measures"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, change: dict, message: str) -> None:
    register = copy.deepcopy(SHIPPED)
    next(one for one in register["claims"] if one["id"] == "C1").update(change)
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(register), encoding="utf-8")

    with pytest.raises(ClaimError, match=message):
        load_claims(path)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"margin": [0.9, 1.1]}, "`margin`"),
        ({"floors": {"shown": 2, "verdict": 5}}, "`floors`"),
    ],
)
def test_the_register_cannot_print_another_margin_than_the_verdicts_use(
    tmp_path: Path, change: dict, message: str
) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({**SHIPPED, **change}), encoding="utf-8")

    with pytest.raises(ClaimError, match=message):
        load_claims(path)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measures": []}, "`measures` has to be a list"),
        ({"measures": [{"metric": "x"}]}, "a measure takes"),
        ({"claimed": {"kind": "not_below", "value": 0.7}}, "goes with the margin"),
    ],
)
def test_a_wrong_measure_is_named(tmp_path: Path, change: dict, message: str) -> None:
    register = copy.deepcopy(SHIPPED)
    next(one for one in register["claims"] if one["id"] == "C4").update(change)
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(register), encoding="utf-8")

    with pytest.raises(ClaimError, match=message):
        load_claims(path)


@pytest.mark.unit
@pytest.mark.parametrize("content", ["claims: []", "[]", "claims: [C1]", "claims: [{id: C9}]", "a: [", ""])
def test_a_file_that_is_no_register_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ClaimError):
        load_claims(path)
