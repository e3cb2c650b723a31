"""Break-even, tier mix and league tables by hand, and on data that cannot carry them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from creator_tiers.comparison.draws import generator
from creator_tiers.decisions import Tier, best_mix, break_even, draw_tier, frontier, league
from creator_tiers.decisions.break_even import DRAWS, TierDraws
from creator_tiers.decisions.league import post_variance


def fixed(cost: float, hours: float, orders: float, reach: float) -> TierDraws:
    return TierDraws(*(np.full(DRAWS, value) for value in (cost, hours, orders, reach)), 10)


MICRO, MEGA = fixed(200, 3, 4, 9_000), fixed(10_000, 12, 150, 900_000)


@pytest.mark.unit
def test_break_even_by_hand() -> None:
    found = break_even(MICRO, MEGA)

    assert found.equal_budget == (50, 50, 50)
    assert found.equal_orders == (37.5, 37.5, 37.5)
    assert found.equal_reach == (100, 100, 100)
    assert found.better == 1.0  # 50 micros for a mega's money bring 200 orders, the mega 150


@pytest.mark.unit
def test_break_even_keeps_a_placements_numbers_together_and_is_seeded() -> None:
    rng = generator("placements")
    cost = rng.lognormal(5, 0.5, 40)
    numbers = cost, np.full(40, 2.0), cost / 50, cost * 100  # dear ones are the good ones
    micro, again = draw_tier(*numbers, "2026-W46", "micro"), draw_tier(*numbers, "2026-W46", "micro")
    shuffled = rng.permutation(40)
    other = draw_tier(*(one[shuffled] for one in numbers), "2026-W46", "micro")

    assert np.array_equal(micro.cost, again.cost)
    assert np.allclose(micro.cost, other.cost, rtol=1e-12)
    assert np.allclose(micro.cost / micro.orders, 50)
    assert micro.cost.mean() == pytest.approx(cost.mean(), rel=0.02)
    assert micro.cost.std() == pytest.approx(cost.std() / math.sqrt(40), rel=0.1)


@pytest.mark.unit
def test_break_even_without_the_inputs_is_no_number() -> None:
    few = draw_tier([1, 2], [1, 2], [1, 2], [1, 2], "x")
    unknown = draw_tier([math.nan] * 5, [1.0] * 5, [1.0] * 5, [1.0] * 5, "x")

    assert all(
        math.isnan(value) for value in (*break_even(few, MEGA).equal_budget, break_even(few, MEGA).better)
    )
    assert math.isnan(break_even(unknown, MEGA).equal_budget[0])
    assert break_even(unknown, fixed(1, 1, 2, 3)).equal_orders == (2, 2, 2)
    assert math.isnan(break_even(fixed(200, 3, 0, 0), MEGA).equal_orders[0])


@pytest.mark.unit
@pytest.mark.parametrize("orders", [(0, 0), (0, 5), (5, 0)], ids=["nobody's", "mega's", "micro's"])
def test_break_even_without_an_order_on_one_side_is_no_certainty(orders: tuple[float, float]) -> None:
    found = break_even(fixed(200, 3, orders[0], 9), fixed(8000, 3, orders[1], 900))

    assert all(math.isnan(value) for value in (*found.equal_orders, found.better))
    assert found.equal_budget == (40, 40, 40)
    assert found.equal_reach == (100, 100, 100)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("goal", "hours"), [("conversion", None), ("awareness", None), ("conversion", 100.0)]
)
def test_the_mix_is_the_best_of_all_whole_numbers(goal: str, hours: float | None) -> None:
    tiers = [Tier("micro", MICRO, 60), Tier("mid", fixed(1_500, 5, 28, 70_000), 5), Tier("mega", MEGA, 2)]
    found = best_mix(tiers, 15_000, goal, hours, checks=5)
    value = {"conversion": (4, 28, 150), "awareness": (9_000, 70_000, 900_000)}[goal]
    best = max(
        sum(n * v for n, v in zip(plan, value, strict=True))
        for plan in itertools.product(range(61), range(6), range(3))
        if 200 * plan[0] + 1_500 * plan[1] + 10_000 * plan[2] <= 15_000
        and (hours is None or 3 * plan[0] + 5 * plan[1] + 12 * plan[2] <= hours)
    )

    assert found is not None
    assert found.outcome == pytest.approx(best)
    assert found.cost <= 15_000
    assert hours is None or found.hours <= hours
    assert (found.low, found.high) == pytest.approx((best, best))
    assert found.best_share == 1.0


@pytest.mark.unit
def test_an_uncertain_mix_says_so() -> None:
    rng = generator("mix")
    noisy = TierDraws(
        np.full(DRAWS, 200.0), np.full(DRAWS, 3.0), rng.lognormal(1, 0.8, DRAWS), np.full(DRAWS, 9e3), 10
    )
    found = best_mix([Tier("micro", noisy, 500), Tier("mega", MEGA, 20)], 50_000, "conversion")

    assert found is not None
    assert found.low < found.outcome < found.high or found.creators["micro"] == 0
    assert 0 < found.best_share < 1


@pytest.mark.unit
def test_the_frontier_never_falls() -> None:
    tiers = [Tier("micro", MICRO, 60), Tier("mega", MEGA, 2)]
    outcomes = [plan.outcome for _, plan in frontier(tiers, [20_000, 100, 5_000, 10_000], "conversion")]

    assert outcomes == sorted(outcomes)
    assert outcomes[0] == 0


@pytest.mark.unit
def test_what_cannot_be_planned() -> None:
    nothing = draw_tier([], [], [], [], "x")

    assert best_mix([], 100, "awareness") is None
    assert best_mix([Tier("micro", nothing, 10)], 100, "awareness") is None
    assert best_mix([Tier("micro", MICRO, 0)], 100, "awareness") is None
    assert best_mix([Tier("micro", fixed(200, 3, 0, 9_000), 10)], 1_000, "conversion") is None
    with pytest.raises(ValueError, match="goal is 'fame'"):
        best_mix([Tier("micro", MICRO, 1)], 100, "fame")
    for budget in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="positive number"):
            best_mix([Tier("micro", MICRO, 1)], budget, "awareness")


@pytest.mark.unit
def test_shrinking_by_hand() -> None:
    """Equal posts: errors 0.09 each, logs -1, 0, 1: variance 1, so tau^2 = 1 - 0.09 and the weight 0.91."""
    table = pd.DataFrame({"creator_key": ["a", "b", "c"], "posts": [4, 4, 4], "log_rate": [-1.0, 0.0, 1.0]})
    found = league(table, 0.36).set_index("creator_key")

    assert found["weight"].tolist() == pytest.approx([0.91] * 3)
    assert np.log(found.loc["c", "shrunk"]) == pytest.approx(0.91)
    assert found["rank"].to_dict() == {"c": 1, "b": 2, "a": 3}


@pytest.mark.unit
def test_a_lucky_post_does_not_top_the_list() -> None:
    rng = generator("league")
    logs = [*rng.normal(0, 0.3, 30), 1.5]
    table = pd.DataFrame(
        {"creator_key": [f"c{i:02d}" for i in range(31)], "posts": [50] * 30 + [1], "log_rate": logs}
    )
    found = league(table, 1.0).set_index("creator_key")

    assert found.loc["c30", "raw_rank"] == 1
    assert found.loc["c30", "rank"] > 1
    assert found.loc["c30", "weight"] < 0.3


@pytest.mark.unit
def test_shrunken_intervals_cover() -> None:
    rng = generator("league cover")
    truth = rng.normal(-3, 0.5, 2000)
    posts = rng.integers(1, 12, 2000)
    logs = truth + rng.normal(0, 0.7, 2000) / np.sqrt(posts)
    table = pd.DataFrame({"creator_key": np.arange(2000), "posts": posts, "log_rate": logs})
    found = league(table, 0.49).sort_values("creator_key")
    inside = (np.log(found["low"]).to_numpy() < truth) & (truth < np.log(found["high"]).to_numpy())

    assert inside.mean() == pytest.approx(0.95, abs=0.015)
    assert np.mean((np.log(found["shrunk"]) - truth) ** 2) < np.mean((logs - truth) ** 2)


@pytest.mark.unit
def test_leagues_of_few_or_equal() -> None:
    two = pd.DataFrame({"creator_key": ["a", "b"], "posts": [1, 2], "log_rate": [0.0, math.nan]})
    same = pd.DataFrame({"creator_key": ["a", "b", "c"], "posts": [1, 2, 3], "log_rate": [0.5] * 3})

    assert league(two, 0.5)["shrunk"].isna().all()
    assert league(same, 0.5)["shrunk"].tolist() == pytest.approx([math.exp(0.5)] * 3)
    assert league(same, math.nan)["rank"].isna().all()
    assert math.isnan(post_variance(pd.Series(["a", "b"]), pd.Series([1.0, 2.0])))
    assert post_variance(pd.Series(["a", "a", "b", "b"]), pd.Series([0.0, 2, 5, 5])) == pytest.approx(1.0)
