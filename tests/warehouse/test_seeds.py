"""Tier schemes, settling ages, weeks."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import pytest

from creator_tiers.tables import table
from creator_tiers.warehouse.seeds import read_seed, weeks

pytestmark = pytest.mark.unit

TIERS = read_seed("tiers").to_pylist()
SCHEMES = sorted({row["scheme"] for row in TIERS})


def test_the_article_scheme_is_the_articles():
    bounds = {r["tier"]: (r["followers_min"], r["followers_max"]) for r in TIERS if r["scheme"] == "article"}
    assert bounds == {
        "nano": (1, 4_999),
        "micro": (5_000, 20_000),
        "mid": (20_001, 100_000),
        "macro": (100_001, 1_000_000),
        "mega": (1_000_001, None),
    }


def test_two_other_schemes_are_shipped():
    assert len(SCHEMES) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_count_has_two_tiers_or_falls_between_two(scheme):
    rows = sorted((r for r in TIERS if r["scheme"] == scheme), key=lambda row: row["rank"])
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(lower["followers_max"] + 1 == upper["followers_min"] for lower, upper in pairwise(rows))
    assert rows[-1]["followers_max"] is None


def test_every_platform_has_a_settling_age():
    ages = {row["platform"]: row["settling_days"] for row in read_seed("settling_ages").to_pylist()}
    assert ages == {"instagram": 7, "tiktok": 14, "youtube": 28, "facebook": 14}
    [known] = [c for c in table("lake.post_observations").column("platform").checks if c.kind == "in"]
    assert set(ages) == set(known.arguments["values"])


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland"])
def test_weeks_follow_each_other_without_a_gap(zone):
    rows = weeks(date(2028, 1, 1), zone).to_pylist()
    assert rows[0]["week_start"] == date(2004, 12, 27)
    assert rows[-1]["week_start"] == date(2027, 12, 27)
    assert all(one["ends_at"] == other["starts_at"] for one, other in pairwise(rows))
    assert {row["week_start"].weekday() for row in rows} == {0}


def test_weeks_begin_at_the_zones_midnight_through_the_year():
    rows = {row["week_start"]: row for row in weeks(date(2027, 1, 1), "Europe/Berlin").to_pylist()}
    assert rows[date(2026, 1, 5)]["starts_at"] == datetime(2026, 1, 4, 23)
    assert rows[date(2026, 7, 6)]["starts_at"] == datetime(2026, 7, 5, 22)
    spring = rows[date(2026, 3, 23)]
    assert (spring["ends_at"] - spring["starts_at"]).total_seconds() == (7 * 24 - 1) * 3600
