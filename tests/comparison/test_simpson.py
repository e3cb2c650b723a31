"""Stratified beside pooled: over platforms and over niches, adjusted beside both."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from creator_tiers.comparison import STRATIFIED_SCHEMA, stratified_comparison
from tests.comparison.frames import posts_of, spread, two_tiers
from tests.comparison.test_judges import WEEK

pytestmark = pytest.mark.unit


def niched(records: list[dict[str, Any]], niches: list[str | None]) -> pa.Table:
    return posts_of(records).append_column("niche", pa.array(niches, pa.string()))


def reversed_by_niche() -> pa.Table:
    """In either niche micros are ahead by a fifth; most micros are in the niche with the low rates."""
    low = two_tiers(spread(0.012, 40), spread(0.010, 5))
    high = [
        {**one, "creator_key": f"h{one['creator_key']}"}
        for one in two_tiers(spread(0.12, 5), spread(0.10, 40))
    ]
    return niched(low + high, ["tea"] * len(low) + ["games"] * len(high))


def test_niches_reverse_what_the_heap_says() -> None:
    table = stratified_comparison(reversed_by_niche(), WEEK)
    [row] = [
        one
        for one in table.to_pylist()
        if (one["strata_of"], one["metric"], one["tier_a"]) == ("niche", "er_followers_settled", "micro")
    ]

    assert table.schema == STRATIFIED_SCHEMA
    assert (row["platform"], row["kind_group"], row["strata"]) == ("instagram", "feed", 2)
    assert row["stratified"] == pytest.approx(1.2, rel=1e-3)
    assert row["pooled"] < 1
    assert row["is_reversed"] is True
    assert row["adjusted"] == pytest.approx(1.2, rel=0.02)
    assert row["adjusted_low"] < row["adjusted"] < row["adjusted_high"]
    assert (row["creators_a"], row["creators_b"]) == (45, 45)


def test_over_platforms_it_is_adjusted_for_the_platform() -> None:
    tiktok = {"platform": "tiktok", "kind_group": "video"}
    low = two_tiers(spread(0.012, 40), spread(0.010, 5))
    high = two_tiers(spread(0.12, 5), spread(0.10, 40), **tiktok)
    posts = posts_of(low + [{**one, "creator_key": f"t{one['creator_key']}"} for one in high])
    found = {
        row["metric"]: row
        for row in stratified_comparison(posts, WEEK).to_pylist()
        if row["tier_a"] == "micro"
    }
    row = found["er_views_settled"]

    assert (row["platform"], row["strata_of"], row["is_reversed"]) == ("all", "platform", True)
    assert row["adjusted"] == pytest.approx(1.2, rel=0.02)


@pytest.mark.parametrize(
    "records",
    [[], two_tiers([0.1], [0.2]), two_tiers([0.1] * 6, [0.1] * 6), two_tiers([0.1] * 6, [])],
)
def test_little_or_equal_data_make_no_row_and_no_error(records: list[dict[str, Any]]) -> None:
    halves = ["tea" if index % 2 else None for index in range(len(records))]

    assert stratified_comparison(niched(records, halves), WEEK).num_rows == 0


def test_a_post_without_a_niche_is_in_no_stratum() -> None:
    posts = reversed_by_niche()
    index = posts.schema.get_field_index("niche")
    only_tea = [one if one == "tea" else None for one in posts["niche"].to_pylist()]

    assert stratified_comparison(posts.set_column(index, "niche", pa.array(only_tea)), WEEK).num_rows == 0
