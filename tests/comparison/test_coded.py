"""Posts as numbers: the tables of a week do not depend on the order of the rows, nor on what stands beside them."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from creator_tiers.comparison.coded import TIERS, coded
from creator_tiers.comparison.rates import frame_of
from creator_tiers.publishing.comparing import tables_of_week
from creator_tiers.settings import load_settings
from tests.comparison.frames import posts_of
from tests.comparison.test_judges import WEEK

pytestmark = pytest.mark.unit

PLACES = (
    ("instagram", "feed"),
    ("facebook", "feed"),
    ("tiktok", "video"),
    ("youtube", "video"),
    ("youtube", "short"),
)


def many(seed: int, n: int = 1_500, creators: int = 120) -> pa.Table:
    """Posts with everything that real ones have: two tiers of a creator, unknown values, posts of nobody."""
    rng = np.random.default_rng(seed)

    def maybe(value: Any, chance: float) -> Any:
        return None if rng.random() < chance else value

    records = []
    for number in range(n):
        creator = int(rng.integers(creators))
        platform, kind_group = PLACES[rng.integers(len(PLACES))]
        followers = int(np.exp(7 + creator / 15 + rng.normal(0, 0.3)))
        records.append(
            {
                "post_key": f"p{number}",
                "creator_key": maybe(f"c{creator}", 0.2),
                "account_key": maybe(f"{platform}:a{creator}", 0.1),
                "platform": platform,
                "kind_group": kind_group,
                "tier": maybe(TIERS[int(np.searchsorted([5e3, 2e4, 1e5, 1e6], followers))], 0.05),
                "is_branded": maybe(bool(rng.random() < 0.3), 0.1),
                "followers_at_post": maybe(followers, 0.05),
                "engagements_core_settled": maybe(int(rng.poisson(followers * 0.02)), 0.05),
                "reach_settled": maybe(int(followers * rng.random()), 0.2),
                "views_settled": maybe(int(followers * rng.random() * 3), 0.1),
            }
        )
    more = {
        "kind": [maybe(("image", "reel")[number % 2], 0.05) for number in range(n)],
        "niche": [maybe(f"niche{number % 5}", 0.1) for number in range(n)],
        "is_boosted": [maybe(number % 19 == 0, 0.1) for number in range(n)],
        "followers_flag": ["nearest" if number % 23 == 0 else None for number in range(n)],
    }
    table = posts_of(records)
    for name, values in more.items():
        table = table.append_column(name, pa.array(values))
    days = np.datetime64("2026-08-20", "us") + rng.integers(0, 80, n).astype("timedelta64[D]")
    return table.append_column("published_at", pa.array(days))


def tables(posts: pa.Table, home: Path) -> dict[str, pa.Table]:
    settings = load_settings({"CREATOR_TIERS_HOME": str(home)})
    tier = pa.array([{"micro": "mid"}.get(one, one) for one in posts["tier"].to_pylist()], pa.string())
    other = posts.set_column(posts.schema.get_field_index("tier"), "tier", tier)
    return tables_of_week(settings, WEEK, {"article": posts, "other": other}, [None, None, None])


def test_rows_in_another_order_change_no_digit_of_any_table(tmp_path: Path) -> None:
    posts = many(1)
    shuffled = posts.take(pa.array(np.random.default_rng(2).permutation(posts.num_rows)))
    one, other = tables(posts, tmp_path), tables(shuffled, tmp_path)

    assert one["marts.creator_league"].num_rows > 100
    assert one["marts.sensitivity"].num_rows > 20
    assert one["marts.stratified_comparison"].num_rows > 10
    assert {name for name in one if not one[name].equals(other[name])} == set()


def test_tables_that_differ_in_tiers_alone_share_their_numbers() -> None:
    posts = many(3)
    fewer = posts.slice(10)
    alone = coded(fewer.take(pa.array(range(fewer.num_rows))))
    known = coded(posts)
    renamed = posts.set_column(
        posts.schema.get_field_index("tier"), "tier", pa.array(["micro"] * posts.num_rows, pa.string())
    )

    assert coded(renamed).creator is known.creator
    assert set(coded(renamed).tier.tolist()) == {TIERS.index("micro")}
    assert np.array_equal(coded(fewer).tier, alone.tier)
    assert coded(fewer).creator.size == fewer.num_rows


def test_what_is_remembered_goes_with_its_table() -> None:
    posts = many(4, 50)
    first = coded(posts)

    assert coded(posts) is first
    assert frame_of(posts) is frame_of(posts)
    kept = [weakref.ref(one) for one in (first, frame_of(posts))]
    del first, posts
    gc.collect()
    assert [one() for one in kept] == [None, None]


def test_posts_of_nobody_are_in_no_league(tmp_path: Path) -> None:
    posts = many(5, 300, 20)
    nobodys = posts.slice(0, 30)
    for name in ("creator_key", "account_key"):
        place = nobodys.schema.get_field_index(name)
        nobodys = nobodys.set_column(place, name, pa.nulls(30, pa.string()))
    found = tables(pa.concat_tables([nobodys, posts]), tmp_path)["marts.creator_league"]

    assert found.num_rows > 20
    assert found.equals(tables(posts, tmp_path)["marts.creator_league"])


def test_posts_with_equal_numbers_stand_in_one_order() -> None:
    posts = many(6, 400, 6)
    for name in ("engagements_core_settled", "followers_at_post", "reach_settled", "views_settled"):
        numbers = pa.array([(7, None)[row % 9 == 0] for row in range(posts.num_rows)], pa.int64())
        posts = posts.set_column(posts.schema.get_field_index(name), name, numbers)
    found = []
    for seed in range(3):
        one = coded(posts.take(pa.array(np.random.default_rng(seed).permutation(posts.num_rows))))
        kind, niche, month = one.kind, one.niche, one.month
        assert kind is not None
        assert niche is not None
        assert month is not None
        found.append([part.tolist() for part in (one.creator, kind.code, niche.code, month)])

    assert found[0] == found[1] == found[2]
