"""The table of a week: grain, floors, verdicts by hand, branded apart, claims."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from creator_tiers.comparison import (
    COMPARISON_SCHEMA,
    PAIRS,
    compare_rates,
    compare_rates_sequential,
    compare_tiers,
    creator_rates,
    judge_claims,
)
from creator_tiers.weeks import Week
from tests.comparison.frames import posts_of, spread, two_tiers

WEEK = Week.parse("2026-W46")
CONTRACT = [
    *("week_start", "platform", "kind_group", "metric", "tier_a", "tier_b", "estimate", "ci_low", "ci_high"),
    *(
        "verdict_low",
        "verdict_high",
        "creators_a",
        "creators_b",
        "posts_a",
        "posts_b",
        "verdict",
        "needed_more",
    ),
    *("is_fragile", "method"),
]
CLAIM_CONTRACT = [
    *(
        "week_start",
        "claim_id",
        "scope",
        "metric",
        "estimate",
        "ci_low",
        "ci_high",
        "claimed_value",
        "verdict",
    ),
    *("needed_more", "is_fragile", "as_of"),
]


def compared(records: list[dict[str, Any]]) -> pa.Table:
    return compare_tiers(posts_of(records), WEEK, "article")


def row(records: list[dict[str, Any]], metric: str = "er_followers_settled", **keys: str) -> dict[str, Any]:
    wanted = {"metric": metric, "tier_a": "micro", "tier_b": "mega", **keys}
    found = [one for one in compared(records).to_pylist() if wanted.items() <= one.items()]
    assert len(found) == 1
    return found[0]


def claim(records: list[dict[str, Any]], scope: str) -> dict[str, Any]:
    rows = judge_claims(compared(records), WEEK).to_pylist()
    return next(one for one in rows if one["scope"] == scope and one["claim_id"] in ("C1", "C2", "C3"))


@pytest.mark.unit
def test_the_grain_and_the_columns() -> None:
    table = compared(two_tiers(spread(0.04, 6), spread(0.03, 6)))

    assert table.column_names[: len(CONTRACT)] == CONTRACT
    assert table.schema == COMPARISON_SCHEMA
    everything = [one for one in table.to_pylist() if one["subset"] == "all"]
    assert len(everything) == 3 * 11
    assert {(one["tier_a"], one["tier_b"]) for one in everything} == set(PAIRS)
    keys = [
        (one["platform"], one["kind_group"], one["metric"], one["tier_a"], one["tier_b"])
        for one in table.to_pylist()
    ]
    assert len(keys) == len(set(keys))
    assert set(table["week_start"].to_pylist()) == {dt.date(2026, 11, 9)}
    assert set(table["as_of"].to_pylist()) == {dt.datetime(2026, 11, 16)}


@pytest.mark.unit
def test_a_row_is_what_the_two_public_functions_say_of_the_creator_rates() -> None:
    records = two_tiers([0.05, 0.02, 0.08, 0.04, 0.03, 0.06], [0.01, 0.03, 0.02, 0.04, 0.015])
    table = creator_rates(posts_of(records), "er_followers_settled").to_pylist()
    a, b = ([one["rate"] for one in table if one["tier"] == tier] for tier in ("micro", "mega"))
    found = row(records)

    assert (found["estimate"], found["ci_low"], found["ci_high"]) == pytest.approx(compare_rates(a, b))
    assert (found["estimate"], found["verdict_low"], found["verdict_high"]) == pytest.approx(
        compare_rates_sequential(a, b)
    )
    assert (found["creators_a"], found["creators_b"]) == (6, 5)
    test = stats.ttest_ind(np.log(a), np.log(b), equal_var=False).confidence_interval()
    assert np.log([found["ci_low"], found["ci_high"]]) == pytest.approx([test.low, test.high])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("ratio", "n", "verdict"),
    [
        (1.38, 40, "supported"),
        (2.00, 40, "direction_only"),
        (1.00, 40, "no_material_difference"),
        (0.60, 40, "contradicted"),
        (1.38, 4, "not_enough_evidence"),
    ],
)
def test_c1_by_hand(ratio: float, n: int, verdict: str) -> None:
    # 40 creators with logs 0.02 apart: sd 0.23, error 0.052; the verdict's interval reaches 3.3 errors, x/÷ 1.19.
    records = two_tiers(spread(0.03 * ratio, n, 0.02), spread(0.03, n, 0.02))

    found, judged = row(records), claim(records, "instagram")
    assert (found["verdict"], judged["verdict"]) == (verdict, verdict)
    assert (found["needed_more"] is not None) == (verdict == "not_enough_evidence")
    assert judged["claimed_value"] == 1.38
    assert judged["sentence"]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("ratio", "in_table", "judged"),
    [
        (1.0, "no_material_difference", "supported"),
        (2.0, "direction_only", "contradicted"),
        (0.5, "contradicted", "contradicted"),
        (1.25, "direction_only", "not_enough_evidence"),
    ],
)
def test_c2_is_equivalence(ratio: float, in_table: str, judged: str) -> None:
    common = {"platform": "tiktok", "kind_group": "video"}
    records = two_tiers(spread(0.03 * ratio, 40, 0.02), spread(0.03, 40, 0.02), **common)

    assert row(records, "er_views_settled")["verdict"] == in_table
    assert claim(records, "tiktok")["verdict"] == judged


@pytest.mark.unit
@pytest.mark.parametrize(
    ("ratio", "in_table", "judged"),
    [
        (2.0, "contradicted", "supported"),
        (1.35, "contradicted", "direction_only"),
        (1.0, "no_material_difference", "no_material_difference"),
        (0.5, "direction_only", "contradicted"),
    ],
)
def test_c3_is_mega_over_micro(ratio: float, in_table: str, judged: str) -> None:
    common = {"platform": "youtube", "kind_group": "video"}
    records = two_tiers(spread(0.03, 40, 0.02), spread(0.03 * ratio, 40, 0.02), **common)
    found, one = row(records, "er_views_settled"), claim(records, "youtube")

    assert (found["verdict"], one["verdict"]) == (in_table, judged)
    assert one["estimate"] == pytest.approx(1 / found["estimate"])
    assert (one["ci_low"], one["verdict_high"]) == pytest.approx(
        (1 / found["ci_high"], 1 / found["verdict_low"])
    )
    assert (one["tier_a"], one["tier_b"]) == ("mega", "micro")
    assert claim(records, "youtube:short")["verdict"] == "not_testable"


@pytest.mark.unit
@pytest.mark.parametrize(("n", "shown"), [(2, False), (3, True), (4, True)])
def test_the_floors(n: int, shown: bool) -> None:
    found = row(two_tiers(spread(0.30, 40), spread(0.01, n)))

    assert found["verdict"] == "not_enough_evidence"
    assert [found[name] is not None for name in ("estimate", "ci_low", "ci_high")] == [shown] * 3
    assert found["verdict_low"] is None
    assert "mega" in found["needed_more"]
    assert (found["creators_a"], found["creators_b"], found["posts_b"]) == (40, n, n)


@pytest.mark.unit
def test_five_creators_can_carry_a_verdict() -> None:
    assert row(two_tiers(spread(0.30, 40), spread(0.01, 5)))["verdict"] == "direction_only"


@pytest.mark.unit
def test_equal_values_are_no_evidence() -> None:
    found = row(two_tiers([0.05] * 10, [0.02] * 10))

    assert (found["verdict"], found["estimate"], found["ci_low"]) == ("not_enough_evidence", None, None)


@pytest.mark.unit
def test_all_zeros_are_no_evidence() -> None:
    assert row(two_tiers([0.0] * 10, [0.0] * 10))["verdict"] == "not_enough_evidence"


@pytest.mark.unit
def test_without_any_engagement_followers_alone_make_no_ratio() -> None:
    records = [
        one | {"followers_at_post": followers + number}
        for tier, followers in (("micro", 12_000), ("mega", 3_000_000))
        for number, one in enumerate(two_tiers([0.0] * 10, [], (tier, "mid")))
    ]
    found = row(records)

    assert (found["verdict"], found["estimate"], found["verdict_low"]) == ("not_enough_evidence", None, None)
    assert (found["creators_a"], found["creators_b"], found["needed_more"], found["sd_a"]) == (
        10,
        10,
        None,
        None,
    )


@pytest.mark.unit
def test_an_absent_tier_asks_for_it() -> None:
    found = row(two_tiers(spread(0.03, 40, 0.02), []))

    assert (found["verdict"], found["creators_b"], found["estimate"]) == ("not_enough_evidence", 0, None)
    assert found["needed_more"].endswith("mega; more micro will not help")


@pytest.mark.unit
def test_a_missing_input_is_named() -> None:
    records = two_tiers(spread(0.03, 6), spread(0.03, 6), views_settled=None)
    found = row(records, "er_views_settled")
    assert (found["verdict"], found["estimate"]) == ("not_testable", None)
    assert found["needed_more"] == "posts with engagements_core_settled and views_settled"

    untiered = [{**one, "tier": None, "followers_at_post": None} for one in records]
    assert row(untiered, "er_reach_settled")["needed_more"] == "follower counts of the accounts"
    assert claim(untiered, "instagram")["verdict"] == "not_testable"
    assert claim(records, "tiktok")["needed_more"] == "tiktok posts of the kind video"


@pytest.mark.unit
def test_small_against_rest_pools_creators_not_tiers() -> None:
    records = two_tiers(spread(0.04, 5), spread(0.03, 5), ("nano", "mid"))
    records += two_tiers(spread(0.04, 5), spread(0.03, 5), ("micro", "macro"))
    records += [{**one, "creator_key": "nano0"} for one in two_tiers([0.04], [], ("micro", "mega"))]
    found = row(records, tier_a="small", tier_b="rest")

    assert (found["creators_a"], found["creators_b"], found["posts_a"]) == (10, 10, 11)


@pytest.mark.unit
def test_branded_and_own_are_metrics_of_their_own() -> None:
    records = two_tiers(spread(0.04, 6), spread(0.03, 6), is_branded=True)
    records += two_tiers(spread(0.08, 6), spread(0.03, 6))
    ratios = [row(records, f"er_followers_settled{tail}")["estimate"] for tail in ("", "_branded", "_own")]

    assert ratios == pytest.approx([(8 / 3 * 4 / 3) ** 0.5, 4 / 3, 8 / 3], rel=1e-3)
    sized = two_tiers(spread(0.03 * 1.38, 40, 0.02), spread(0.03, 40, 0.02))
    assert row(sized)["verdict"] == "supported"
    assert (
        row(sized, "er_followers_settled_own")["verdict"] == "direction_only"
    )  # the claim is about all posts
    own_only = compared(two_tiers(spread(0.08, 6), spread(0.03, 6)))
    assert set(own_only["subset"].to_pylist()) == {"all", "own"}


@pytest.mark.unit
def test_disagreement_on_the_winner_is_fragile() -> None:
    """One huge micro: geometric means and medians put mega ahead, sums and means of ratios micro."""
    records = two_tiers([0.02, 0.021, 0.019, 0.02, 0.02, 0.9], [0.05, 0.052, 0.048, 0.05, 0.049, 0.051])
    found = row(records)

    assert found["is_fragile"] is True
    assert found["estimate"] < 1 < found["mean_of_ratios"]
    assert found["ratio_of_sums"] == pytest.approx(1.0 / 0.3, rel=1e-2)
    assert found["ratio_of_medians"] == pytest.approx(0.02 / 0.05, rel=1e-2)
    assert row(two_tiers(spread(0.04, 6), spread(0.03, 6)))["is_fragile"] is False


@pytest.mark.unit
def test_the_same_posts_in_another_order_give_the_same_bytes() -> None:
    rng = np.random.default_rng(3)
    records = two_tiers(list(rng.uniform(0.01, 0.1, 40)), list(rng.uniform(0.01, 0.1, 15)))
    table = posts_of(records)
    shuffled = table.take(pa.array(rng.permutation(table.num_rows)))

    assert compare_tiers(table, WEEK, "article").equals(compare_tiers(shuffled, WEEK, "article"))


@pytest.mark.unit
def test_no_posts_no_rows_and_no_claim_is_testable() -> None:
    table = compared([])

    assert table.num_rows == 0
    assert set(judge_claims(table, WEEK)["verdict"].to_pylist()) == {"not_testable"}


@pytest.mark.unit
def test_claims_have_the_contracts_columns() -> None:
    assert judge_claims(compared([]), WEEK).column_names[: len(CLAIM_CONTRACT)] == CLAIM_CONTRACT


counts = st.one_of(st.none(), st.integers(-5, 10**12))
records_of_anything = st.lists(
    st.fixed_dictionaries(
        {
            "creator_key": st.one_of(st.none(), st.sampled_from("abcdefgh")),
            "platform": st.sampled_from(["instagram", "tiktok", None]),
            "kind_group": st.sampled_from(["feed", "video", "story", None]),
            "tier": st.sampled_from(["nano", "micro", "mega", None]),
            "is_branded": st.one_of(st.none(), st.booleans()),
            "followers_at_post": counts,
            "engagements_core_settled": counts,
            "reach_settled": counts,
            "views_settled": counts,
        }
    ),
    max_size=40,
)


@pytest.mark.property
@given(records_of_anything)
def test_whatever_the_posts_nothing_raises_and_the_table_is_consistent(records: list[dict[str, Any]]) -> None:
    table = compared(records)
    judge_claims(table, WEEK)
    for one in table.to_pylist():
        small = min(one["creators_a"], one["creators_b"])
        if small < 3:
            assert one["estimate"] is None
        if small < 5:
            assert one["verdict"] in ("not_enough_evidence", "not_testable")
        if one["verdict"] == "no_material_difference":
            assert one["verdict_low"] > 0.80
            assert one["verdict_high"] < 1.25
        if one["verdict_low"] is not None:
            assert (
                one["verdict_low"]
                <= one["ci_low"]
                <= one["estimate"]
                <= one["ci_high"]
                <= one["verdict_high"]
            )
