"""The claims about posts and campaigns on made-up frames: each verdict, each missing input, by hand."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from creator_tiers.comparison import ClaimInputs, compare_tiers, judge_claims, load_claims
from creator_tiers.comparison.branded import paired_interval, paired_logs
from creator_tiers.weeks import Week
from tests.comparison.frames import posts_of, spread, two_tiers

WEEK = Week.parse("2026-W46")
NOTHING = compare_tiers(posts_of([]), WEEK, "article")
STATISTICAL = {"supported", "direction_only", "no_material_difference", "contradicted"}


def judged(**inputs: pa.Table) -> list[dict[str, Any]]:
    return judge_claims(NOTHING, WEEK, inputs=ClaimInputs(**inputs)).to_pylist()


def one(
    rows: list[dict[str, Any]], claim_id: str, metric: str | None = None, scope: str = "all"
) -> dict[str, Any]:
    found = [row for row in rows if row["claim_id"] == claim_id and row["scope"] == scope]
    found = [row for row in found if metric in (None, row["metric"])]
    assert found
    return found[0]


def placement(campaign: str, who: str, tier: str, **more: Any) -> dict[str, Any]:
    return {
        "campaign_key": campaign,
        "account_key": f"instagram:{who}",
        "creator_key": who,
        "platform": "instagram",
        "tier": tier,
        "goal": "conversion",
        "starts_on": dt.date(2026, 5, 1),
        "ends_on": dt.date(2026, 6, 1),
        "is_closed": True,
        **more,
    }


def plan(ratio: float, n: int = 30, campaigns: int = 4, column: str = "orders_net", **more: Any) -> pa.Table:
    """Small creators' totals are `ratio` times the others', per 100,000 reach, with a spread of 0.2 on logs."""
    rows = []
    for number in range(campaigns):
        for tier, level in (("micro", 40 * ratio), ("macro", 40.0)):
            rows += [
                placement(
                    f"c{number}",
                    f"{tier}{number}-{index}",
                    tier,
                    reach=100_000,
                    contracted_posts=1,
                    **{column: float(round(value * 1000)) / 1000},
                    **more,
                )
                for index, value in enumerate(spread(level, n, 0.7 / n))
            ]
    return pa.Table.from_pylist(rows)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("ratio", "n", "verdict"),
    [
        (1.6, 30, "supported"),
        (1.27, 30, "direction_only"),
        (1.0, 30, "no_material_difference"),
        (0.6, 30, "contradicted"),
        (1.2, 2, "not_enough_evidence"),
    ],
)
def test_c4_by_hand(ratio: float, n: int, verdict: str) -> None:
    found = one(judged(conversions=plan(ratio, n)), "C4")

    assert found["verdict"] == verdict
    assert found["metric"] == "cvr_reach"
    assert (found["claimed_value"], found["is_primary"]) == (1.2, True)
    assert found["estimate"] == pytest.approx(ratio, rel=0.001)
    assert (found["needed_more"] is not None) == (verdict == "not_enough_evidence")
    if verdict in STATISTICAL:
        assert (
            found["verdict_low"]
            < found["ci_low"]
            < found["estimate"]
            < found["ci_high"]
            < found["verdict_high"]
        )
        assert found["p_value"] < 0.05
        assert (found["creators_a"], found["creators_b"], found["strata"]) == (4 * n, 4 * n, 4)


@pytest.mark.unit
def test_c4_has_a_row_a_campaign_and_one_for_all() -> None:
    rows = [
        row
        for row in judged(conversions=plan(1.6))
        if row["claim_id"] == "C4" and row["metric"] == "cvr_reach"
    ]

    assert [row["scope"] for row in rows] == ["all", "c0", "c1", "c2", "c3"]
    assert [row["is_primary"] for row in rows] == [True, False, False, False, False]
    assert rows[0]["prediction_low"] < rows[0]["ci_low"]
    assert rows[1]["prediction_low"] is None


@pytest.mark.unit
def test_a_creator_without_an_order_counts() -> None:
    rows = plan(2.0).to_pylist()
    for row in rows:
        if row["tier"] == "micro" and int(row["creator_key"][-1]) % 2:
            row["orders_net"] = 0.0
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C4")

    assert found["creators_a"] == 120
    assert found["estimate"] == pytest.approx(1.0, abs=0.1)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"reach": None}, "placements with reach"),
        ({"orders_net": None}, "placements with orders_net"),
        ({"tier": None}, "placements with tier"),
        ({"is_closed": False}, "closed campaigns with a post in the last 365 days"),
        ({"ends_on": dt.date(2024, 1, 1)}, "closed campaigns with a post in the last 365 days"),
    ],
)
def test_c4_names_what_is_missing(change: dict[str, Any], missing: str) -> None:
    rows = [{**row, **change} for row in plan(1.6).to_pylist()]
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C4")

    assert (found["verdict"], found["needed_more"], found["estimate"]) == ("not_testable", missing, None)


@pytest.mark.unit
def test_without_any_campaign_every_claim_is_answered_once_at_least() -> None:
    rows = judged()

    assert {row["claim_id"] for row in rows} == {f"C{number}" for number in range(14)}
    assert {row["verdict"] for row in rows} == {"not_testable"}
    assert all(row["needed_more"] for row in rows)
    keys = [(row["claim_id"], row["scope"], row["metric"]) for row in rows]
    assert len(keys) == len(set(keys))


@pytest.mark.unit
def test_c5_totals_are_facts_and_the_signs_decide() -> None:
    rows = []
    for number in range(9):
        rows += [placement(f"c{number}", f"s{number}-{i}", "micro", orders_net=3) for i in range(12)]
        rows += [
            placement(f"c{number}", f"g{number}-{i}", "mega", orders_net=10 if number else 99)
            for i in range(2)
        ]
    answers = judged(conversions=pa.Table.from_pylist(rows))
    found, fact = one(answers, "C5"), one(answers, "C5", scope="c1")

    assert (fact["verdict"], fact["estimate"]) == ("not_enough_evidence", 36 / 20)
    assert (found["unit"], found["estimate"]) == ("share", pytest.approx(8 / 9))
    assert found["verdict"] == "not_enough_evidence"  # e = 2^9 B(9, 2) = 5.7 stays below 20
    assert found["p_value"] == pytest.approx(1 / (512 / 90))
    assert found["needed_more"].endswith(" campaigns")
    assert found["note"] == "micro ahead in 8 of 9 campaigns, 0 tied"


@pytest.mark.unit
def test_c5_counts_campaigns_that_did_not_tie() -> None:
    rows = []
    for number, orders in enumerate((48, 48, 48, 48, 24, 36, 36)):
        rows += [
            placement(f"c{number}", f"s{number}-{i}", "micro", orders_net=orders // 12) for i in range(12)
        ]
        rows += [placement(f"c{number}", f"g{number}", "mega", orders_net=36)]
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C5")

    assert found["note"] == "micro ahead in 4 of 5 campaigns, 2 tied"
    assert (found["estimate"], found["strata"]) == (pytest.approx(0.8), 5)


@pytest.mark.unit
def test_c5_enough_campaigns() -> None:
    rows = []
    for number in range(12):
        rows += [placement(f"c{number}", f"s{number}-{i}", "micro", orders_net=3) for i in range(12)]
        rows += [placement(f"c{number}", f"g{number}", "mega", orders_net=10)]

    assert one(judged(conversions=pa.Table.from_pylist(rows)), "C5")["verdict"] == "direction_only"
    few = one(judged(conversions=plan(1.0)), "C5")
    assert few["needed_more"] == "campaigns with 12 micro or more and 1 to 5 mega"


@pytest.mark.unit
def test_c6_money_is_decimal_and_others_over_small() -> None:
    rows = plan(0.5, column="cost_fee").to_pylist()
    rows = [{**row, "cost_fee": Decimal(str(row["cost_fee"]))} for row in rows]
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C6", "fee_per_post")

    assert (found["tier_a"], found["tier_b"]) == ("rest", "small")
    assert found["estimate"] == pytest.approx(2.0, rel=0.001)
    assert found["verdict"] == "direction_only"
    assert (
        one(judged(conversions=pa.Table.from_pylist(rows)), "C6", "cpa")["needed_more"]
        == "placements with cost_loaded"
    )


@pytest.mark.unit
def test_c7_is_about_creators_not_posts() -> None:
    records = []
    for tier, often in (("micro", 1), ("mega", 4)):
        for number in range(12):
            records += [
                {"creator_key": f"{tier}{number}", "tier": tier, "is_branded": index < often + number % 2}
                for index in range(10)
            ]
    found = one(judged(posts=posts_of(records)), "C7")

    assert found["estimate"] == pytest.approx(4.5 / 1.5)
    assert (found["creators_a"], found["posts_a"]) == (12, 120)
    assert found["verdict"] == "direction_only"
    assert "small: 100%" in found["note"]
    own = [{**record, "is_branded": False} for record in records]
    assert one(judged(posts=posts_of(own)), "C7")["needed_more"] == "branded posts"


@pytest.mark.unit
def test_c7_asks_for_platforms_where_it_is_platforms_that_differ() -> None:
    records = []
    for platform, often in (("instagram", 8), ("tiktok", 2)):
        for tier, mine in (("micro", 2), ("mega", often)):
            for number in range(40):
                records += [
                    {
                        "creator_key": f"{platform}{tier}{number}",
                        "platform": platform,
                        "tier": tier,
                        "is_branded": index < mine + number % 2,
                    }
                    for index in range(10)
                ]
    found = one(judged(posts=posts_of(records)), "C7")

    assert found["verdict"] == "not_enough_evidence"
    assert found["needed_more"].split(" ")[1] in ("platform", "platforms")


def pairs(ratio: float, n: int) -> list[dict[str, Any]]:
    records = []
    for number, rate in enumerate(spread(0.05, n, 0.2)):
        lucky = 1 + 0.02 * (number % 3 - 1)
        for branded, level in ((False, rate), (True, rate * ratio * lucky)):
            records += two_tiers([level], [], is_branded=branded)
            records[-1]["creator_key"] = f"micro{number}"
    return records


@pytest.mark.unit
@pytest.mark.parametrize(
    ("ratio", "n", "verdict"),
    [
        (1.00, 12, "supported"),
        (1.40, 12, "supported"),
        (0.60, 12, "contradicted"),
        (0.80, 12, "not_enough_evidence"),
        (1.00, 2, "not_enough_evidence"),
    ],
)
def test_c8_by_hand(ratio: float, n: int, verdict: str) -> None:
    found = one(judged(posts=posts_of(pairs(ratio, n))), "C8")

    assert found["verdict"] == verdict
    assert found["claimed_value"] == 0.8
    assert (found["needed_more"] is not None) == (verdict == "not_enough_evidence")
    if n > 2:
        assert found["estimate"] == pytest.approx(ratio, rel=0.01)


@pytest.mark.unit
def test_c8_is_scipys_paired_t() -> None:
    differences = np.array([0.1, -0.2, 0.05, 0.3, -0.1, 0.02])
    test = stats.ttest_1samp(differences, 0.0).confidence_interval()
    found = paired_interval(differences)

    assert np.log(found.ci) == pytest.approx([test.low, test.high])
    assert found.always[0] < found.ci[0]


@pytest.mark.unit
def test_c8_compares_inside_a_creator_and_kind_only() -> None:
    records = pairs(1.0, 3)
    records += two_tiers([0.9], [], is_branded=True)  # a creator without own posts
    records[-1]["creator_key"] = "only branded"
    records += two_tiers([], [0.9], is_branded=True)
    found = paired_logs(posts_of(records), "reach_settled", "small")

    assert found is not None
    assert found[0].size == 3
    assert one(judged(posts=posts_of(two_tiers([0.1], [0.2]))), "C8")["verdict"] == "not_testable"


@pytest.mark.unit
def test_c9_inside_tier_and_campaign() -> None:
    rows = []
    for row in plan(1.0).to_pylist():
        fits = int(row["creator_key"].rsplit("-", 1)[1]) % 2 == 0
        rows.append(
            {**row, "niche_fit": "high" if fits else "low", "orders_net": row["orders_net"] * (1 + fits)}
        )
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C9", "cvr_reach_fit")

    assert found["estimate"] == pytest.approx(2.0, rel=0.05)
    assert found["strata"] == 8
    assert found["verdict"] == "direction_only"
    assert one(judged(conversions=plan(1.0)), "C9")["needed_more"] == "placements with niche_fit"


@pytest.mark.unit
def test_c9_leaves_out_placements_without_a_tier() -> None:
    fitted = [
        {**row, "niche_fit": "high" if number % 2 else "low"}
        for number, row in enumerate(plan(1.0).to_pylist())
    ]
    unknown = [{**row, "account_key": f"tiktok:{row['creator_key']}", "tier": None} for row in fitted]

    found = one(judged(conversions=pa.Table.from_pylist(fitted + unknown)), "C9", "cvr_reach_fit")

    assert found["strata"] == 8
    assert found == one(judged(conversions=pa.Table.from_pylist(fitted)), "C9", "cvr_reach_fit")


@pytest.mark.unit
def test_c10_and_c12_go_by_hours_and_goals() -> None:
    rows = judged(conversions=plan(2.0, column="hours_spent"))

    assert one(rows, "C10", "hours_per_creator")["verdict"] == "direction_only"
    assert one(rows, "C10", "hours_per_order")["needed_more"] == "placements with orders_net"
    missing = one(rows, "C12", "reach_per_cost")["needed_more"]
    assert missing == "closed awareness campaigns with a post in the last 365 days"
    aware = plan(0.5, column="cost_loaded", goal="awareness")
    found = one(judged(conversions=aware), "C12", "reach_per_cost")
    assert (found["verdict"], found["estimate"]) == ("contradicted", pytest.approx(0.5, rel=0.001))


@pytest.mark.unit
def test_c11_counts_creators_whose_180_days_have_run() -> None:
    rows = []
    for tier, again in (("micro", 18), ("mega", 4)):
        for number in range(20):
            start = dt.date(2026, 1, 5)
            rows.append(placement("first", f"{tier}{number}", tier, starts_on=start, ends_on=start))
            if number < again:
                later = dt.date(2026, 3, 2)
                rows.append(placement("second", f"{tier}{number}", tier, starts_on=later, ends_on=later))
    recent = dt.date(2026, 11, 1)
    rows.append(placement("third", "new", "micro", starts_on=recent, ends_on=recent))
    answers = judged(conversions=pa.Table.from_pylist(rows))
    found = one(answers, "C11", "rebooked_180d")

    assert (found["creators_a"], found["creators_b"]) == (20, 20)
    assert found["estimate"] == pytest.approx(18 / 4)
    assert found["note"].startswith("small: 90% (70% to 97%) of 20; rest: 20%")
    assert one(answers, "C11", "has_agent")["needed_more"] == "placements with has_agent"


@pytest.mark.unit
def test_c11_another_account_in_the_same_campaign_is_no_other_booking() -> None:
    rows = []
    for tier in ("micro", "mega"):
        for number in range(5):
            who = f"{tier}{number}"
            both = placement("first", who, tier, starts_on=dt.date(2026, 1, 5), ends_on=dt.date(2026, 1, 5))
            rows += [both, {**both, "account_key": f"tiktok:{who}"}]
            if tier == "micro":
                rows.append(placement("second", who, tier, starts_on=dt.date(2026, 3, 2)))
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C11", "rebooked_180d")

    assert "small: 100% " in found["note"]
    assert "rest: 0% " in found["note"]


@pytest.mark.unit
def test_c11_campaigns_that_begin_together_are_one_booking() -> None:
    rows = []
    for tier in ("micro", "mega"):
        for number in range(5):
            first = dt.date(2026, 1, 5)
            rows += [
                placement(name, f"{tier}{number}", tier, starts_on=first, ends_on=first)
                for name in ("Germany", "France")
            ]
            if tier == "micro":
                rows.append(placement("second", f"{tier}{number}", tier, starts_on=dt.date(2026, 3, 2)))
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C11", "rebooked_180d")

    assert "small: 100% " in found["note"]
    assert "rest: 0% " in found["note"]


@pytest.mark.unit
def test_c13_by_year() -> None:
    rows = []
    for year, micros in ((2025, 3), (2026, 6)):
        for number in range(10):
            start = dt.date(year, 3, 1 + number)
            rows += [
                placement(
                    f"{year}-{number}",
                    f"{index}",
                    "micro" if index < micros + number % 2 else "macro",
                    starts_on=start,
                )
                for index in range(10)
            ]
    table = pa.Table.from_pylist(rows)
    found = one(judged(conversions=table), "C13", "micro_placement_share")

    assert found["estimate"] == pytest.approx(6.5 / 3.5)
    assert found["verdict"] == "direction_only"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("years", "needed"),
    [((2026,), "campaigns in both years"), ((2025, 2026), "campaigns that differ from each other")],
)
def test_c13_asks_for_what_is_missing(years: tuple[int, ...], needed: str) -> None:
    rows = [
        placement(
            f"{year}-{number}", f"{index}", "micro" if index else "macro", starts_on=dt.date(year, 3, 1)
        )
        for year in years
        for number in range(6)
        for index in range(3)
    ]
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C13", "micro_placement_share")

    assert (found["estimate"], found["needed_more"]) == (None, needed)


@pytest.mark.unit
def test_c13_leaves_out_placements_without_a_tier() -> None:
    def year(campaign: str, on: dt.date, tiers: list[str | None]) -> list[dict[str, Any]]:
        return [
            {**placement(campaign, f"{campaign}-{number}", "", starts_on=on, cost_loaded=100.0), "tier": tier}
            for number, tier in enumerate(tiers)
        ]

    rows: list[dict[str, Any]] = []
    for number in range(6):
        tiers = ["micro", "mega", "mega" if number % 2 else "micro"]
        rows += year(f"early{number}", dt.date(2025, 3, 3), [*tiers, None, None])
        rows += year(f"late{number}", dt.date(2026, 3, 2), [*tiers])
    answers = judged(conversions=pa.Table.from_pylist(rows))

    for metric in ("micro_placement_share", "micro_spend_share"):
        found = one(answers, "C13", metric)
        assert found["estimate"] == pytest.approx(1.0)
        assert found["note"].endswith("; 12 placements without a tier left out")


@pytest.mark.unit
def test_holm_takes_its_toll_and_says_so() -> None:
    common = {"platform": "instagram", "kind_group": "feed"}
    records = two_tiers(spread(0.0405, 40, 0.03), spread(0.03, 40, 0.03), **common)
    table = compare_tiers(posts_of(records), WEEK, "article")
    alone = one(judge_claims(table, WEEK).to_pylist(), "C1", scope="instagram")
    beside = one(
        judge_claims(table, WEEK, inputs=ClaimInputs(conversions=plan(1.05, n=4))).to_pylist(),
        "C1",
        scope="instagram",
    )

    assert alone["p_holm"] == pytest.approx(alone["p_value"])
    assert not alone["is_exploratory"]
    assert beside["p_holm"] > beside["p_value"]
    assert beside["is_exploratory"] == (beside["p_holm"] > 0.05)
    if beside["is_exploratory"]:
        assert beside["sentence"].endswith("this is not established.")


@pytest.mark.unit
@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.1, 1.25, 1.38, 1.8])
def test_the_p_value_and_the_interval_say_the_same(ratio: float) -> None:
    records = two_tiers(spread(0.03 * ratio, 30, 0.04), spread(0.03, 12, 0.09))
    found = one(
        judge_claims(compare_tiers(posts_of(records), WEEK, "article"), WEEK).to_pylist(),
        "C1",
        scope="instagram",
    )

    outside = found["verdict_low"] > 1 or found["verdict_high"] < 1
    assert (found["p_value"] <= 0.05) == outside


@pytest.mark.unit
def test_the_same_placements_in_another_order_give_the_same_bytes() -> None:
    table = plan(1.3, n=7)
    shuffled = table.take(pa.array(np.random.default_rng(5).permutation(table.num_rows)))

    first, second = (
        judge_claims(NOTHING, WEEK, inputs=ClaimInputs(conversions=one)) for one in (table, shuffled)
    )
    assert first.drop_columns(["note"]).equals(second.drop_columns(["note"]))


number = st.one_of(st.none(), st.just(math.nan), st.just(math.inf), st.floats(-1e9, 1e9), st.just(0.0))
anything = st.lists(
    st.fixed_dictionaries(
        {
            "campaign_key": st.sampled_from("ab"),
            "account_key": st.sampled_from("pqrstuv"),
            "tier": st.sampled_from(["nano", "micro", "mega", None]),
            "goal": st.sampled_from(["awareness", "conversion", None]),
            "is_closed": st.one_of(st.none(), st.booleans()),
            "ends_on": st.one_of(st.none(), st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))),
            "starts_on": st.one_of(st.none(), st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))),
            "niche_fit": st.sampled_from(["high", "low", "3", None]),
            "has_agent": st.one_of(st.none(), st.booleans()),
            **dict.fromkeys(
                ("orders_net", "reach", "cost_loaded", "hours_spent", "contracted_posts"), number
            ),
        }
    ),
    max_size=30,
)


@pytest.mark.property
@settings(deadline=None, max_examples=50)
@given(anything)
def test_whatever_the_placements_nothing_raises_and_nothing_pretends(rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows) if rows else None
    for row in judge_claims(NOTHING, WEEK, inputs=ClaimInputs(conversions=table)).to_pylist():
        if row["verdict"] in STATISTICAL:
            assert row["verdict_low"] is not None
        for name in ("estimate", "ci_low", "ci_high", "verdict_low", "verdict_high", "p_value"):
            assert row[name] is None or math.isfinite(row[name])


@pytest.mark.unit
def test_every_claim_has_a_judge() -> None:
    assert {claim.judge for claim in load_claims()} == {
        *("definition", "tiers", "ratios", "totals", "branded_share", "paired", "rebooking", "trend")
    }


@pytest.mark.unit
def test_c11_agents() -> None:
    rows = [
        placement("c", f"{tier}{i}", tier, has_agent=i < share)
        for tier, share in (("micro", 2), ("mega", 12))
        for i in range(14)
    ]
    rows.append(placement("c", "unknown", "mega", has_agent=None))
    found = one(judged(conversions=pa.Table.from_pylist(rows)), "C11", "has_agent")

    assert (found["tier_a"], found["creators_a"], found["creators_b"]) == ("rest", 14, 14)
    assert found["estimate"] == pytest.approx(6.0)
