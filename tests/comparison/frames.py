"""Posts for the tests of the comparison, written down as a creator's rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

POSTS_SCHEMA = pa.schema(
    [
        ("post_key", pa.string()),
        ("creator_key", pa.string()),
        ("account_key", pa.string()),
        ("platform", pa.string()),
        ("kind_group", pa.string()),
        ("tier", pa.string()),
        ("is_branded", pa.bool_()),
        ("followers_at_post", pa.int64()),
        ("engagements_core_settled", pa.int64()),
        ("reach_settled", pa.int64()),
        ("views_settled", pa.int64()),
    ]
)

BELOW = 1_000_000
"""The denominator of every post here, so that rates have six digits."""


def posts_of(records: Iterable[Mapping[str, Any]]) -> pa.Table:
    """A table of posts; what a record does not say is an Instagram feed post of a micro-creator."""
    usual = {
        "account_key": None,
        "platform": "instagram",
        "kind_group": "feed",
        "tier": "micro",
        "is_branded": False,
        "followers_at_post": BELOW,
        "reach_settled": BELOW,
        "views_settled": BELOW,
    }
    rows = [{"post_key": f"p{number}", **usual, **record} for number, record in enumerate(records)]
    return pa.Table.from_pylist(rows, schema=POSTS_SCHEMA)


def two_tiers(
    a: Sequence[float], b: Sequence[float], tiers: tuple[str, str] = ("micro", "mega"), **common: Any
) -> list[dict[str, Any]]:
    """One post a creator, so that each creator's rate is the one given (up to the offset of 0.5)."""
    return [
        {
            "creator_key": f"{tier}{number}",
            "tier": tier,
            "engagements_core_settled": round(rate * BELOW),
            **common,
        }
        for tier, rates in zip(tiers, (a, b), strict=True)
        for number, rate in enumerate(rates)
    ]


def spread(center: float, n: int, step: float = 0.05) -> list[float]:
    """Rates whose geometric mean is `center`: logs evenly spaced about it."""
    return [center * 2.718281828459045 ** (step * (number - (n - 1) / 2)) for number in range(n)]
