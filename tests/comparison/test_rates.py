"""Creator rates: units, offsets, unknown values."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from creator_tiers.comparison import MissingColumnError, creator_rates
from tests.comparison.frames import posts_of

METRIC = "er_followers_settled"


def rates(records: list[dict], metric: str = METRIC, subset: str = "all") -> dict[tuple[str, str], tuple]:
    table = creator_rates(posts_of(records), metric, subset).to_pylist()
    return {(row["tier"], row["creator_key"]): (row["posts"], row["log_rate"]) for row in table}


def post(creator: str, engagements: int | None, followers: int | None = 10_000, **other: object) -> dict:
    return {
        "creator_key": creator,
        "engagements_core_settled": engagements,
        "followers_at_post": followers,
        **other,
    }


@pytest.mark.unit
def test_a_rate_is_the_mean_log_over_the_creators_posts() -> None:
    found = rates([post("a", 100), post("a", 0), post("a", 400, 20_000)])
    by_hand = (math.log(100.5 / 10_000) + math.log(0.5 / 10_000) + math.log(400.5 / 20_000)) / 3

    assert found["micro", "a"] == (3, pytest.approx(by_hand, abs=1e-9))
    assert found["small", "a"] == found["micro", "a"]


@pytest.mark.unit
def test_a_creator_with_posts_in_two_tiers_is_one_unit_in_each_and_one_in_their_side() -> None:
    found = rates([post("a", 100, 4_000, tier="nano"), post("a", 300, 6_000), post("a", 900, 5_000)])

    assert {key: n for key, (n, _) in found.items()} == {
        ("nano", "a"): 1,
        ("micro", "a"): 2,
        ("small", "a"): 3,
    }


@pytest.mark.unit
@pytest.mark.parametrize(
    "useless",
    [
        post("a", None),
        post("a", 5, None),
        post("a", 5, 0),
        post("a", -3),
        post("a", 5, tier=None),
        post("a", 5, kind_group="story"),
        post("a", 5, kind_group=None),
        post("a", 5, platform=None),
        post(None, 5),
    ],
    ids=[
        "no engagements",
        "no followers",
        "0 followers",
        "negative",
        "no tier",
        "story",
        "no kind",
        "no platform",
        "nobody",
    ],
)
def test_a_post_without_both_numbers_a_tier_and_a_creator_is_left_out(useless: dict) -> None:
    assert rates([useless]) == {}
    assert rates([post("a", 100), useless])["micro", "a"][0] == 1


@pytest.mark.unit
def test_the_account_stands_in_where_no_roster_names_a_creator() -> None:
    assert ("micro", "instagram:x") in rates([post(None, 5, account_key="instagram:x")])


@pytest.mark.unit
def test_each_metric_has_its_own_denominator() -> None:
    records = [post("a", 100, reach_settled=5_000, views_settled=None)]

    assert rates(records, "er_reach_settled")["micro", "a"][1] == pytest.approx(math.log(100.5 / 5_000))
    assert rates(records, "er_views_settled") == {}


@pytest.mark.unit
def test_branded_and_own_apart() -> None:
    records = [post("a", 10, is_branded=True), post("a", 20), post("a", 30, is_branded=None)]

    assert [rates(records, subset=one)["micro", "a"][0] for one in ("all", "branded", "own")] == [3, 1, 1]


@pytest.mark.unit
def test_rows_in_another_order_change_no_digit() -> None:
    rng = np.random.default_rng(7)
    records = [post(f"c{rng.integers(20)}", int(rng.integers(1, 9_999))) for _ in range(500)]
    shuffled = [records[place] for place in rng.permutation(len(records))]

    assert creator_rates(posts_of(records), METRIC).equals(creator_rates(posts_of(shuffled), METRIC))


@pytest.mark.unit
def test_no_posts_no_rates() -> None:
    assert creator_rates(posts_of([]), METRIC).num_rows == 0


@pytest.mark.unit
def test_a_missing_column_and_an_unknown_metric_are_named() -> None:
    with pytest.raises(MissingColumnError, match="views_settled"):
        creator_rates(posts_of([]).drop_columns(["views_settled"]), METRIC)
    with pytest.raises(KeyError, match="engagement_rate"):
        creator_rates(posts_of([]), "engagement_rate")


@pytest.mark.unit
def test_columns_of_other_types_are_read_alike() -> None:
    table = posts_of([post("a", 100), post("b", None)])
    other = pa.table(
        {
            name: table[name].dictionary_encode()
            if name in ("platform", "tier", "creator_key")
            else table[name]
            for name in table.column_names
        }
    )

    assert creator_rates(other, METRIC).equals(creator_rates(table, METRIC))
