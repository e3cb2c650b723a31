"""Whatever the order in which loads are built, the tables are those of one build of everything."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_tiers.lake import Lake
from creator_tiers.settings import load_settings
from creator_tiers.warehouse.build import build

from .contents import Contents, published
from .lakes import T0, land

pytestmark = pytest.mark.property

HANDLES = ["ann", "bob"]
PLATFORMS = ["instagram", "tiktok", "youtube"]


def some_rows(rng: random.Random) -> dict[str, list[dict[str, object]]]:
    """Rows of one load: few keys and few values, so that loads repeat and contradict each other."""
    platform = rng.choice(PLATFORMS)
    account = f"{platform}:{rng.choice(HANDLES)}"

    def maybe(*values: object) -> object:
        return rng.choice([None, *values])

    def a_post() -> dict[str, object]:
        number = rng.randrange(4)
        return {
            "post_key": f"{platform}:{number}",
            "platform": platform,
            "account_key": rng.choice([account, account, account, f"{platform}:ann"]),
            "account_name": maybe("A", "B"),
            "kind": "video" if platform == "youtube" else rng.choice(["image", "reel"]),
            "published_at": maybe(T0 - timedelta(days=20), T0 - timedelta(days=20 + 9 * number)),
            "caption": maybe("tea", "tea #ad"),
            "duration_seconds": maybe(45.0, 120.0),
            "has_branded_label": maybe(True, False),
            "has_disclosure": rng.random() < 0.5,
            "likes": maybe(1, 2),
            "comments": maybe(0, 1),
            "views": maybe(10, 0),
            "is_lifetime": rng.random() < 0.8,
        }

    def a_count() -> dict[str, object]:
        day = date(2026, 2, 1) + timedelta(days=rng.randrange(40))
        return {
            "account_key": account,
            "platform": platform,
            "observed_on": day,
            "followers": rng.choice([9, 7000]),
        }

    def an_account() -> dict[str, object]:
        return {
            "account_key": account,
            "platform": platform,
            "creator": maybe("X", "Y"),
            "name": maybe("N", "M"),
        }

    return {
        "posts": [a_post() for _ in range(rng.randrange(4))],
        "followers": [a_count() for _ in range(rng.randrange(3))],
        "accounts": [an_account() for _ in range(rng.randrange(2))],
        "rejected": [{"rule": "bad_cell"} for _ in range(rng.randrange(2))],
    }


def built(seed: int, groups: list[list[int]]) -> Contents:
    """The tables after building the loads group by group."""
    with TemporaryDirectory() as folder:
        where = load_settings({"CREATOR_TIERS_HOME": folder})
        lake = Lake(Path(folder) / "lake")
        for group in groups:
            for number in group:
                rng = random.Random(seed * 100 + number)  # noqa: S311 - rows of a test, no secret
                week = timedelta(days=7 * rng.randrange(3))
                loaded_at = T0 + timedelta(days=rng.randrange(3))
                land(
                    lake,
                    f"load{number}",
                    file_id=f"file{rng.randrange(90)}-{number}",
                    loaded_at=loaded_at,
                    observed_at=T0 - timedelta(days=10) + week,
                    **some_rows(rng),
                )
            build(where)
        return published(where)


@settings(max_examples=4)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_any_order_and_grouping_of_builds_gives_the_same_tables(seed: int, rng: random.Random) -> None:
    numbers = list(range(7))
    rng.shuffle(numbers)
    cuts = sorted(rng.sample(range(1, 7), 3))
    groups = [numbers[start:stop] for start, stop in zip([0, *cuts], [*cuts, 7], strict=True)]
    assert built(seed, groups) == built(seed, [sorted(numbers)])
