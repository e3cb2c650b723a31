"""What a week's report reads and writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from creator_tiers.tables import Table, table
from creator_tiers.warehouse import (
    WarehouseError,
    comparison_posts,
    open_reader,
    open_warehouse,
    record_deliveries,
    write_claims,
    write_comparison,
    write_week,
)
from creator_tiers.warehouse.build import build, rebuild
from creator_tiers.warehouse.state import kept_tables
from creator_tiers.weeks import Week

from .contents import published
from .lakes import T0, land
from .test_build import comparison, post

pytestmark = pytest.mark.e2e

W10 = Week.parse("2026-W10")  # ends 2026-03-09


def posts_of(settings, week=W10, scheme=None):
    with open_reader(settings) as reader:
        return comparison_posts(reader, week, settings, scheme)


def test_a_week_sees_only_what_was_observed_before_it_ended(settings, lake):
    before, after = W10.ends_at - timedelta(microseconds=1), W10.ends_at
    land(
        lake,
        "a",
        observed_at=before,
        posts=[post()],
        followers=[{"observed_on": date(2026, 2, 1), "followers": 6000}],
    )
    land(lake, "b", observed_at=after, posts=[post(likes=99), post(2)])
    land(lake, "c", observed_at=after, followers=[{"observed_on": date(2026, 2, 2), "followers": 2_000_000}])
    build(settings)
    [row] = posts_of(settings).to_pylist()
    assert row == {
        "post_key": "instagram:1",
        "creator_key": "instagram:ann",
        "account_key": "instagram:ann",
        "platform": "instagram",
        "kind": "image",
        "kind_group": "feed",
        "tier": "micro",
        "niche": None,
        "is_branded": False,
        "is_boosted": False,
        "followers_at_post": 6000,
        "followers_flag": None,
        "engagements_core_settled": 15,
        "reach_settled": None,
        "views_settled": None,
        "er_followers_settled": 0.0025,
        "er_reach_settled": None,
        "er_views_settled": None,
        "published_at": datetime(2026, 2, 2, 10),
    }
    assert {row["tier"] for row in posts_of(settings, W10.shift(1)).to_pylist()} == {"mega"}


def test_a_writer_and_a_reader_give_the_same_posts(settings, lake):
    land(lake, "a", posts=[post(1), post(2)])
    build(settings)
    with open_warehouse(settings) as warehouse:
        assert comparison_posts(warehouse, W10, settings).equals(posts_of(settings))


def test_posts_of_the_window_that_are_compared_and_have_settled(settings, lake):
    start = W10.ends_at - timedelta(days=90)
    land(
        lake,
        "a",
        posts=[
            post(1, published_at=start),
            post(2, published_at=start - timedelta(microseconds=1)),
            post(3, kind="story"),
            post(4, published_at=T0 - timedelta(days=3)),
            post(5, likes=None),
            post(6, published_at=None),
            post(7, is_lifetime=False),
        ],
    )
    build(settings)
    rows = posts_of(settings).to_pylist()
    assert [(row["post_key"], row["engagements_core_settled"], row["tier"]) for row in rows] == [
        ("instagram:1", 15, None),
        ("instagram:5", None, None),
    ]


def test_another_scheme_gives_other_tiers(settings, lake):
    land(lake, "a", posts=[post()], followers=[{"observed_on": date(2026, 2, 1), "followers": 6000}])
    build(settings)
    tiers = [
        posts_of(settings, scheme=scheme).column("tier").to_pylist() for scheme in (None, "micro_10k_100k")
    ]
    assert tiers == [["micro"], ["nano"]]


def test_a_weeks_comparison_is_replaced_and_the_others_stay(settings):
    build(settings)
    assert write_comparison(settings, W10, comparison("2026-W10"))
    assert write_comparison(settings, W10.shift(1), comparison("2026-W11"))
    changed = comparison("2026-W10").set_column(6, "estimate", pa.array([1.5]))
    assert write_comparison(settings, W10, changed)
    rows = published(settings)["marts.tier_comparison"]
    assert [(row["week_start"], row["estimate"]) for row in rows] == [
        (date(2026, 3, 2), 1.5),
        (date(2026, 3, 9), 1.38),
    ]
    assert rows[0]["as_of"] == datetime(2026, 3, 9)


def test_a_rebuild_as_of_a_time_keeps_every_table_of_the_weeks_that_had_ended(settings):
    build(settings)
    names = [
        one.full_name for one in kept_tables() if "week_start" in {column.name for column in one.columns}
    ]
    assert {"marts.tier_comparison", "marts.claim_verdicts", "marts.creator_league", "marts.tier_mix"} < set(
        names
    )
    for week in (W10, W10.shift(1)):
        write_week(settings, week, {name: any_row(table(name), week) for name in names})

    rebuild(settings, as_of=W10.ends_at)

    left = published(settings)
    assert {name: [row["week_start"] for row in left[name]] for name in names} == {
        name: [W10.monday] for name in names
    }


def any_row(of: Table, week: Week) -> pa.Table:
    """One row of a week, its other values whatever fits."""
    some = {
        "text": "x", "bigint": 1, "double": 1.0, "decimal": Decimal(1), "boolean": True,
        "date": week.monday, "timestamp": week.ends_at.replace(tzinfo=None),
    }  # fmt: skip
    return pa.Table.from_pylist([{column.name: some[column.type] for column in of.columns}])


def test_the_same_rows_again_write_nothing(settings):
    build(settings)
    write_comparison(settings, W10, comparison("2026-W10"))
    before = settings.published.stat().st_ino
    assert not write_comparison(settings, W10, comparison("2026-W10"))
    assert settings.published.stat().st_ino == before


def test_rows_of_another_week_are_refused(settings):
    build(settings)
    with pytest.raises(WarehouseError, match="rows of 2026-03-09 among those of 2026-03-02"):
        write_comparison(settings, W10, comparison("2026-W11"))


def test_claims_are_written_by_week(settings):
    build(settings)
    claim = {
        "week_start": W10.monday, "claim_id": "C1", "scope": "instagram", "metric": "er_followers_settled",
        "verdict": "not_testable", "as_of": W10.ends_at,
    }  # fmt: skip
    assert write_claims(settings, W10, pa.Table.from_pylist([claim]))
    assert published(settings)["marts.claim_verdicts"][0]["verdict"] == "not_testable"


def test_deliveries_are_merged_by_report_and_recipient(settings):
    build(settings)

    def delivery(recipient: str, state: str, sent_at: datetime | None = None) -> pa.Table:
        row = {
            "report_id": "r1",
            "recipient": recipient,
            "state": state,
            "message_id": "m",
            "sent_at": sent_at,
        }
        return pa.Table.from_pylist([row])

    assert record_deliveries(settings, delivery("a@x", "pending"))
    assert record_deliveries(settings, delivery("b@x", "pending"))
    assert record_deliveries(settings, delivery("a@x", "sent", datetime(2026, 3, 9, 8, tzinfo=UTC)))
    assert not record_deliveries(settings, delivery("b@x", "pending"))
    rows = published(settings)["ops.report_deliveries"]
    assert [(row["recipient"], row["state"], row["sent_at"]) for row in rows] == [
        ("a@x", "sent", datetime(2026, 3, 9, 8)),
        ("b@x", "pending", None),
    ]


def test_writing_before_anything_is_built_is_an_error(settings):
    with pytest.raises(WarehouseError, match="make run"):
        write_comparison(settings, W10, comparison("2026-W10"))
