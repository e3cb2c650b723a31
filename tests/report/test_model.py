"""The model: golden JSON and text, the headline of every verdict, what changed, data health."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from creator_tiers.comparison.outcome import ALIKE
from creator_tiers.report import ReportModel, build_model, headline
from creator_tiers.report.plain import render_text
from creator_tiers.report.render import render_json
from creator_tiers.report.sentences import Fact, sentence
from creator_tiers.report.wording import (
    FORBIDDEN,
    VERDICTS,
    needed_note,
    needed_text,
)
from tests.report.planted import (
    CLAIMS,
    COMPARISON,
    FILES,
    GOLDEN,
    WEEK,
    claim,
    comparison_rows,
    file_rows,
    nothing,
    planted,
    table,
)

pytestmark = pytest.mark.unit

C1 = ("C1", "instagram", "ratio", 1.38)


def model_with_claim(verdict: str, **values: Any) -> ReportModel:
    return build_model(planted(claims=table([claim(*C1, verdict, **values)], CLAIMS)))


def test_json_is_the_golden_one() -> None:
    assert render_json(build_model(planted())) == (GOLDEN / "report.json").read_text(encoding="utf-8")


def test_json_has_every_field_of_every_record() -> None:
    model = build_model(planted())
    assert model.to_json() == asdict(model)


def test_text_is_the_golden_one() -> None:
    assert render_text(build_model(planted())) == (GOLDEN / "report.txt").read_text(encoding="utf-8")


def test_the_engine_is_named_but_changes_nothing_else() -> None:
    duckdb, other = build_model(planted()), build_model(planted(engine="postgresql"))
    assert duckdb.run_id == other.run_id
    assert replace(duckdb, engine="postgresql") == other


def test_the_last_bits_of_a_number_change_nothing() -> None:
    rows = comparison_rows()
    rows[0]["estimate"] *= 1 + 1e-14
    assert build_model(planted(comparison=table(rows, COMPARISON))) == build_model(planted())


def test_another_number_is_another_run() -> None:
    rows = comparison_rows()
    rows[0]["estimate"] *= 1.001
    assert build_model(planted(comparison=table(rows, COMPARISON))).run_id != build_model(planted()).run_id


SAID = {
    "supported": "Supported: on Instagram, micro creators are associated with a 38% higher engagement rate per "
    "follower than mega creators (ratio 1.38, 95% interval 1.15 to 1.66; 41 micro and 12 mega creators).",
    "direction_only": "Direction only: on Instagram, micro creators are associated with an engagement rate per "
    "follower 2.50 times that of mega creators (ratio 2.50, 95% interval 2.08 to 3.00; 41 micro and 12 mega "
    "creators). The claimed 1.38 is not the size seen here.",
    "no_material_difference": "No material difference: on Instagram, micro creators and mega creators have materially "
    "the same engagement rate per follower, within the margin of 0.80 to 1.25 (ratio 1.00, 95% interval 0.91 to "
    "1.10; 41 micro and 12 mega creators).",
    "contradicted": "Contradicted: on Instagram, micro creators are associated with a 20% lower engagement rate per "
    "follower than mega creators (ratio 0.80, 95% interval 0.73 to 0.88; 41 micro and 12 mega creators).",
    "not_enough_evidence": "Not enough evidence: on Instagram, the data cannot tell yet whether micro creators have a "
    "higher engagement rate per follower than mega creators (ratio 1.20, 95% interval 0.60 to 2.40; 41 micro and 12 "
    "mega creators). Needed to settle it: 12 more mega creators; more micro will not help.",
    "not_testable": "Not testable: on Instagram, micro creators and mega creators cannot be compared yet. Missing: "
    "follower counts of the accounts.",
}
ALL_ALIKE = (
    "Not enough evidence: on Instagram, 41 micro and 12 mega creators can be compared, but those of each tier are all "
    "alike, which leaves nothing to judge a ratio by."
)
TOO_FEW = (
    "Not enough evidence: on Instagram, 4 micro and 2 mega creators can be compared, and a ratio needs at least 3 of "
    "each. Needed to settle it: 1 more micro and 3 more mega creators."
)


@pytest.mark.parametrize(
    ("verdict", "values", "said"),
    [
        ("supported", {"ratio": 1.38}, SAID["supported"]),
        ("direction_only", {"ratio": 2.5}, SAID["direction_only"]),
        ("no_material_difference", {"ratio": 1.0, "spread": 1.1}, SAID["no_material_difference"]),
        ("contradicted", {"ratio": 0.8, "spread": 1.1}, SAID["contradicted"]),
        (
            "not_enough_evidence",
            {"ratio": 1.2, "spread": 2, "needed_more": "12 mega; more micro will not help"},
            SAID["not_enough_evidence"],
        ),
        ("not_enough_evidence", {"creators_a": 4, "creators_b": 2}, TOO_FEW),
        ("not_enough_evidence", {}, ALL_ALIKE),
        ("not_testable", {"needed_more": "follower counts of the accounts"}, SAID["not_testable"]),
    ],
)
def test_headline_of_each_verdict(verdict: str, values: dict[str, Any], said: str) -> None:
    model = model_with_claim(verdict, **values)
    assert headline(model) == said
    assert model.headline.symbol == VERDICTS[verdict].symbol
    assert not FORBIDDEN.search(said)


def test_a_headline_says_what_a_weekly_verdict_needs() -> None:
    more = {"needed_more": "12 mega", "needed_more_weekly": "30 mega", "is_fragile": True}
    fragile = "Fragile: other reasonable ways to compute the ratio disagree on which tier is ahead."
    assert model_with_claim("supported", ratio=1.3, is_fragile=True).headline.notes[1] == fragile
    model = model_with_claim("not_enough_evidence", ratio=1.3, **more)
    assert model.headline.notes[:2] == (
        "Looked at every week, the interval that carries the verdict is 1.02 to 1.66.",
        "For a verdict that holds at every weekly look: 30 more mega creators.",
    )


def test_equality_that_is_supported_is_no_difference_in_words() -> None:
    rows = [claim("C2", "tiktok", "equivalence", 1.0, "supported", ratio=1.02, spread=1.1)]
    said = headline(build_model(planted(claims=table(rows, CLAIMS))))
    assert said.startswith("Supported: on TikTok, micro creators and mega creators have materially the same")


def test_equality_that_is_not_shown_is_not_told_as_a_difference() -> None:
    rows = [claim("C2", "tiktok", "equivalence", 1.0, "not_enough_evidence", ratio=1.02, spread=1.3)]
    said = headline(build_model(planted(claims=table(rows, CLAIMS))))
    assert said.startswith(
        "Not enough evidence: on TikTok, the data cannot tell yet whether micro creators and mega creators have "
        "materially the same engagement rate per view, within the margin of 0.80 to 1.25 (ratio 1.02,"
    )


def test_without_instagram_another_claim_makes_the_headline() -> None:
    rows = [
        claim(*C1, "not_testable", creators_a=0, creators_b=0),
        claim("C2", "tiktok", "equivalence", 1.0, "supported", ratio=1.02),
    ]
    model = build_model(planted(claims=table(rows, CLAIMS)))
    assert model.headline.claim_id == "C2"


def test_a_definition_makes_no_headline() -> None:
    rows = [
        claim("C0", "instagram", "direction", 1.0, "not_testable", needed_more="nothing: it is a definition")
    ]
    rows[0] |= {"metric": "creators", "kind_group": None}
    made = build_model(planted(claims=table(rows, CLAIMS), comparison=None)).headline
    assert (made.claim_id, made.verdict) == (None, "not_testable")
    assert made.sentence.startswith(
        "Nothing to compare yet: no creator of a known tier has settled posts with"
    )


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.44, "44% above the level of all other creators"),
        (0.8, "20% below the level of all other creators"),
        (2.5, "at 2.50 times the level of all other creators"),
    ],
)
def test_without_posts_a_claim_over_all_campaigns_makes_the_headline(ratio: float, said: str) -> None:
    row = claim("C4", "all", "bound", 1.2, "direction_only" if ratio > 1 else "contradicted", ratio=ratio)
    row |= {"metric": "cvr_reach", "tier_a": "small", "tier_b": "rest"}
    whole = headline(build_model(planted(claims=table([row], CLAIMS), comparison=None)))
    start = "over all, small creators (nano and micro) are associated with net orders per account reached"
    assert f"{start} {said} (ratio" in whole


def test_without_claims_a_pair_makes_the_headline() -> None:
    model = build_model(planted(claims=table([], CLAIMS)))
    assert headline(model).startswith(
        "Micro higher: on Instagram, micro creators are associated with a 38% higher"
    )


def test_every_verdict_can_be_said_without_a_number() -> None:
    for verdict in VERDICTS:
        said = sentence(
            Fact("on X", "er_views_settled", "nano", "mid", verdict, None, None, None, None, None, 0, 0)
        )
        assert said.endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12 mega", "12 more mega creators"),
        ("7 micro, 92 mega", "7 more micro and 92 more mega creators"),
        ("12 mega; more micro will not help", "12 more mega creators; more micro will not help"),
        ("5 campaigns", "5 more campaigns"),
        ("1 platform", "1 more platform"),
        ("follower counts of the accounts", "follower counts of the accounts"),
        (None, ""),
    ],
)
def test_needed_creators_in_words(text: str | None, said: str) -> None:
    assert needed_text(text) == said


INPUTS = {
    "placements with orders_net": "placements with net orders",
    "placements with starts_on": "placements with a first day",
    "placements with tier": "placements with a tier",
    "posts with engagements_core_settled and followers_at_post": "posts with engagements and followers at posting",
    "3 placements with cost_loaded and orders_net": "3 placements with loaded cost and net orders",
    "tiktok posts of the kind video": "TikTok videos that have settled",
    "youtube posts of the kind short": "YouTube Shorts that have settled",
}


def test_missing_inputs_in_words() -> None:
    missing = "posts with engagements_core_settled and reach_settled"
    assert needed_note("not_testable", missing) == "missing: posts with engagements and reach"
    assert [needed_note("not_testable", one) for one in INPUTS] == [
        f"missing: {said}" for said in INPUTS.values()
    ]
    assert needed_note("not_enough_evidence", ALIKE) == "needs creators that differ from each other"
    assert (
        needed_note("not_enough_evidence", "43 nano, 2 mid; more micro will not help")
        == "needs +43 nano, +2 mid"
    )


def test_nothing_changed_is_one_line() -> None:
    rows = comparison_rows()
    for row in rows:
        row |= {"estimate": row["estimate"] and row["estimate"] * 1.04}
    assert build_model(planted(previous=table(rows, COMPARISON))).changes == (
        "Nothing changed: the same verdicts and creators, and no micro / mega ratio moved by 5% or more.",
    )


def test_a_week_without_a_report_before_may_be_the_first_or_not() -> None:
    assert build_model(planted(previous=None)).changes == ("The week before has no report to compare with.",)


def test_a_claimed_size_that_fits_no_more_is_a_change_in_other_words() -> None:
    rows = comparison_rows()
    key = next(row for row in rows if (row["tier_a"], row["tier_b"]) == ("micro", "mega"))
    key |= {"verdict": "supported" if key["verdict"] != "supported" else "direction_only"}
    words = {"supported": "supported", "direction_only": "direction only"}
    now = next(verdict for verdict in words if verdict != key["verdict"])
    assert build_model(planted(previous=table(rows, COMPARISON))).changes == (
        f"Instagram feed posts: “{words[key['verdict']]}” became “{words[now]}”.",
    )


def test_changes_are_three_lines_at_most_the_verdict_first() -> None:
    rows = comparison_rows()
    for row in rows:
        row |= {"creators_b": row["creators_b"] - 2}
        if row["platform"] == "tiktok":
            row |= {"verdict": "not_enough_evidence", "estimate": 1.3}
    changes = build_model(planted(previous=table(rows, COMPARISON))).changes
    assert changes == (
        "TikTok videos: “not enough evidence” became “no material difference”.",
        "TikTok videos: the micro / mega ratio moved from 1.30 to 1.02.",
        "And 4 smaller changes; comparison.csv of both weeks has them.",
    )


def test_health_counts_files_and_rows_by_fate_as_of_the_week() -> None:
    health = build_model(planted()).health
    assert {c.name: c.n for c in health.files_by_status} == {
        "loaded": 3, "partial": 1, "ignored": 1, "refused": 1, "failed": 0,
    }  # fmt: skip
    fates = {c.name: c.n for c in health.rows_by_fate}
    assert fates == {"loaded": 845, "duplicate": 20, "rejected": 7, "ignored": 33}
    assert health.rows_read == sum(fates.values()) == 905
    assert [(age.platform, age.oldest, age.age_days) for age in health.ages] == [
        ("instagram", "2026-11-12T06:00:00Z", 1.8),
        ("tiktok", "2026-10-02T23:59:59Z", 44.0),
        ("youtube", "2026-11-15T23:59:59Z", 0.0),
    ]
    assert [(file.path, file.status) for file in health.troubled] == [
        ("notes.pdf", "refused"),
        ("instagram/oatmood/2026-11-14.csv", "partial"),
    ]


def test_files_whose_rows_do_not_add_up_are_named() -> None:
    rows = file_rows()
    rows[0]["rows_loaded"] -= 1
    health = build_model(planted(files=table(rows, FILES))).health
    assert (health.unbalanced_files, health.unbalanced) == (1, (rows[0]["path"],))


def test_a_clean_zone_gives_a_readable_report() -> None:
    model = build_model(nothing())
    assert not [pair for pair in model.comparison if pair.estimate is not None]
    assert headline(model).startswith("Nothing to compare yet")
    assert "there is nothing to show" in render_text(model)


def test_a_model_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        build_model(planted(as_of=WEEK.ends_at.replace(tzinfo=None)))


def test_the_json_is_plain() -> None:
    model = build_model(planted())
    assert json.loads(render_json(model)) == json.loads(json.dumps(model.to_json()))
