"""How high rates are: by hand, and where there is too little to say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from creator_tiers.comparison import LEVEL_SCHEMA, tier_rates
from tests.comparison.frames import posts_of, spread, two_tiers
from tests.comparison.test_judges import WEEK

pytestmark = pytest.mark.unit


def level(records: list, tier: str, metric: str = "er_followers_settled") -> dict:
    rows = tier_rates(posts_of(records), WEEK).to_pylist()
    [row] = [row for row in rows if (row["tier"], row["metric"]) == (tier, metric)]
    return row


def test_the_level_of_a_tier_is_the_t_interval_on_logs() -> None:
    rates = spread(0.05, 9, 0.3)
    found = level(two_tiers(rates, []), "micro")
    logs = np.log((np.round(np.array(rates) * 1e6) + 0.5) / 1e6)
    low, high = stats.t.interval(0.95, 8, logs.mean(), stats.sem(logs))

    assert (found["creators"], found["posts"]) == (9, 9)
    assert found["geometric_mean"] == pytest.approx(0.05, rel=1e-3)
    assert (found["low"], found["high"]) == pytest.approx((math.exp(low), math.exp(high)), rel=1e-9)
    assert found["median"] == pytest.approx(0.05, rel=1e-3)
    assert found["lower_quartile"] < found["median"] < found["upper_quartile"]


def test_all_creators_are_one_heap() -> None:
    records = two_tiers(spread(0.04, 10), spread(0.04, 10))
    twice = {**records[0], "tier": "mega"}  # a creator with posts in two tiers is one creator of all

    assert level([*records, twice], "all")["creators"] == 20
    assert level(records, "rest")["creators"] == 10


def test_too_little_data_are_counted_only() -> None:
    found = level(two_tiers([0.1, 0.2], []), "micro")
    equal = level(two_tiers([0.1] * 4, []), "micro")

    assert (found["creators"], found["geometric_mean"], found["median"]) == (2, None, None)
    assert (equal["low"], equal["high"]) == (None, None)
    assert equal["geometric_mean"] == pytest.approx(0.1, rel=1e-4)
    assert tier_rates(posts_of([]), WEEK).schema == LEVEL_SCHEMA
