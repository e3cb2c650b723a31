"""A week's decisions as tables: by hand, on little data, the same whenever they are made."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from creator_tiers.comparison.placements import placements_of
from creator_tiers.decisions import break_even_table, league_table, tier_costs, tier_mix
from creator_tiers.decisions.break_even import MOST_DRAWN, draw_tier
from creator_tiers.decisions.league import LEAGUE_SCHEMA
from creator_tiers.decisions.mixing import MIX_SCHEMA
from creator_tiers.decisions.weekly import BREAK_EVEN_SCHEMA, COST_SCHEMA
from creator_tiers.tables import table
from creator_tiers.warehouse.frames import conform
from tests.comparison.frames import posts_of, spread, two_tiers
from tests.comparison.test_judges import WEEK

pytestmark = pytest.mark.unit

MICRO = {"fee": 100.0, "product_cost": 20.0, "commission": 0.0, "boost_spend": 0.0, "cost_loaded": 200.0}
MEGA = {
    "fee": 9_000.0,
    "product_cost": 20.0,
    "commission": 0.0,
    "boost_spend": 500.0,
    "cost_loaded": 10_000.0,
}


def placement(arm: str, number: int, **more: Any) -> dict[str, Any]:
    small = arm == "micro"
    return {
        "campaign_key": "tea", "account_key": f"instagram:{arm}{number}", "creator_key": f"{arm}{number}",
        "tier": arm, "currency": "EUR", "is_closed": True, "last_post_at": WEEK.starts_at,
        "orders_net": 4.0 if small else 150.0, "engagements_core": 400.0 if small else 40_000.0,
        "reach": 9_000.0 if small else 900_000.0, "hours_spent": 3.0 if small else 12.0,
        "contracted_posts": 2.0, "cost_fee": 100.0 if small else 9_000.0, **(MICRO if small else MEGA), **more,
    }  # fmt: skip


def plan(*more: dict[str, Any], micros: int = 20, megas: int = 4) -> Any:
    rows = [placement("micro", number) for number in range(micros)]
    rows += [placement("mega", number) for number in range(megas)]
    return placements_of(WEEK, pa.Table.from_pylist([*rows, *more]))


def by(found: pa.Table, name: str, **keys: Any) -> dict[str, dict[str, Any]]:
    return {row[name]: row for row in found.to_pylist() if keys.items() <= row.items()}


def test_costs_by_hand() -> None:
    found = by(tier_costs(plan()), "measure", tier="micro")

    assert found["cost_per_order"]["value"] == pytest.approx(50)
    assert found["cost_per_order_without_hours"]["value"] == pytest.approx(30)
    assert found["cost_per_engagement"]["value"] == pytest.approx(0.5)
    assert found["cost_per_placement"]["value"] == pytest.approx(200)
    assert found["fee_per_post"]["value"] == pytest.approx(50)
    assert found["hours_per_placement"]["value"] == pytest.approx(3)
    assert (found["cost_per_order"]["placements"], found["cost_per_order"]["currency"]) == (20, "EUR")


def test_break_even_by_hand() -> None:
    found = by(break_even_table(plan()), "measure")

    assert found["equal_budget"]["value"] == pytest.approx(50)
    assert found["equal_budget_without_hours"]["value"] == pytest.approx(9_520 / 120)
    assert found["equal_orders"]["value"] == pytest.approx(37.5)
    assert found["equal_reach"]["value"] == pytest.approx(100)
    assert found["chance_of_more_orders"]["value"] == 1.0
    assert (found["equal_budget"]["placements_a"], found["equal_budget"]["placements_b"]) == (20, 4)


def test_placements_that_are_short_are_told_in_the_right_number() -> None:
    found = by(break_even_table(plan(micros=1, megas=2)), "measure")

    assert found["equal_orders"]["needed"] == "2 micro placements more, 1 mega placement more"


def test_amounts_of_another_currency_are_not_added() -> None:
    dollars = [
        placement("micro", number, campaign_key="usd", currency="USD", cost_loaded=1e9) for number in range(3)
    ]

    assert tier_costs(plan(*dollars)).equals(tier_costs(plan()))


def test_only_closed_campaigns_of_the_last_year_count() -> None:
    open_one = [
        placement("micro", n, campaign_key="open", is_closed=False, cost_loaded=1e9) for n in range(30)
    ]

    assert break_even_table(plan(*open_one)).equals(break_even_table(plan()))


def test_an_unknown_cost_is_named_and_no_number() -> None:
    rows = [placement("micro", n, cost_loaded=math.nan) for n in range(5)] + [
        placement("mega", n) for n in range(5)
    ]
    placements = placements_of(WEEK, pa.Table.from_pylist(rows))
    costs = by(tier_costs(placements), "measure", tier="micro")
    found = by(break_even_table(placements), "measure")

    assert (costs["cost_per_order"]["value"], costs["cost_per_order"]["needed"]) == (
        None, "3 placements with cost_loaded and orders_net",
    )  # fmt: skip
    assert costs["cost_per_order_without_hours"]["value"] == pytest.approx(30)
    assert (found["equal_budget"]["value"], found["equal_budget"]["needed"]) == (
        None, "placements of both tiers with cost with hours",
    )  # fmt: skip
    assert found["equal_orders"]["value"] == pytest.approx(37.5)


def test_no_order_is_no_cost_an_order() -> None:
    rows = [placement("micro", n, orders_net=0.0) for n in range(5)]
    found = by(tier_costs(placements_of(WEEK, pa.Table.from_pylist(rows))), "measure", tier="micro")

    assert (found["cost_per_order"]["value"], found["cost_per_order"]["needed"]) == (
        None,
        "orders_net above 0",
    )


def test_the_mix_is_for_the_budget_asked_for_and_names_every_tier() -> None:
    posts = posts_of(two_tiers(spread(0.05, 100), spread(0.03, 2)))
    found = tier_mix(plan(), posts, Decimal(20_000), hours=None)
    asked = by(found, "tier", goal="conversion", is_asked=True)

    assert asked["micro"]["available"] == 100  # those of the campaigns are among them
    assert asked["mega"]["available"] == 4
    assert (asked["micro"]["creators"], asked["mega"]["creators"]) == (
        100,
        0,
    )  # 20,000 buy 400 orders, a mega 350
    assert asked["micro"]["outcome"] == pytest.approx(400)
    assert {row["budget"] for row in found.to_pylist()} == {Decimal("1E+4"), Decimal("2E+4"), Decimal("4E+4")}
    assert by(tier_mix(plan(), posts), "tier", goal="conversion", is_asked=True)["micro"][
        "budget"
    ] == Decimal(44_000)
    limited = by(tier_mix(plan(), posts, Decimal(20_000), hours=30), "tier", goal="conversion", is_asked=True)
    assert limited["micro"]["plan_hours"] <= 30


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [placement("micro", 1)],
        [placement("micro", n, tier=None) for n in range(4)],
        [placement("mega", n, cost_loaded=0.0, orders_net=0.0, hours_spent=0.0, reach=0.0) for n in range(4)],
        [placement("micro", n, cost_loaded=math.inf, orders_net=math.nan) for n in range(4)],
        [placement("micro", n, currency=None) for n in range(4)],
    ],
)
def test_little_or_odd_data_never_give_a_number_that_is_none(rows: list[dict[str, Any]]) -> None:
    placements = placements_of(WEEK, pa.Table.from_pylist(rows) if rows else None)
    found = {
        "tier_costs": (tier_costs(placements), COST_SCHEMA),
        "break_even": (break_even_table(placements), BREAK_EVEN_SCHEMA),
        "tier_mix": (tier_mix(placements, posts_of([])), MIX_SCHEMA),
    }
    for name, (made, schema) in found.items():
        assert made.schema == schema
        conform(made, table(f"marts.{name}"))
        for row in made.to_pylist():
            assert all(math.isfinite(value) for value in row.values() if isinstance(value, float))


def test_the_same_inputs_give_the_same_tables_in_any_order() -> None:
    rows = plan().frame.sample(frac=1, random_state=3)
    shuffled = placements_of(WEEK, pa.Table.from_pandas(rows, preserve_index=False))

    assert tier_costs(plan()).equals(tier_costs(shuffled))
    assert break_even_table(plan()).equals(break_even_table(shuffled))


def test_many_placements_are_drawn_in_bundles() -> None:
    n = MOST_DRAWN * 3 + 1
    costs = [float(100 + number % 7) for number in range(n)]
    found = draw_tier(costs, costs, costs, costs, "many")

    assert found.cost.mean() == pytest.approx(sum(costs) / n, rel=1e-3)
    assert found.cost.std() == pytest.approx(2 / math.sqrt(n), rel=0.15)


def test_a_league_a_tier_in_the_rate_that_the_platform_is_measured_by() -> None:
    records = [one for one in two_tiers(spread(0.05, 5, 0.4), spread(0.03, 3, 0.4)) for _ in range(2)]
    records[0] = {**records[0], "engagements_core_settled": records[0]["engagements_core_settled"] + 900}
    found = league_table(posts_of(records), WEEK)
    micros = by(found, "creator_key", tier="micro")

    assert found.schema == LEAGUE_SCHEMA
    assert {row["metric"] for row in found.to_pylist()} == {"er_followers_settled"}
    assert len(micros) == 5
    assert [row["rank"] for row in micros.values()] == [1, 2, 3, 4, 5]
    assert micros["micro4"]["rank"] == micros["micro4"]["raw_rank"] == 1
    assert micros["micro4"]["low"] < micros["micro4"]["shrunk"] < micros["micro4"]["high"]
    conform(found, table("marts.creator_league"))


@pytest.mark.parametrize("records", [[], two_tiers([0.1], [0.2]), two_tiers([0.1] * 6, [0.0] * 6)])
def test_a_league_of_few_is_not_shrunk(records: list[dict[str, Any]]) -> None:
    found = league_table(posts_of(records), WEEK)

    assert found.schema == LEAGUE_SCHEMA
    assert {row["shrunk"] for row in found.to_pylist()} <= {None}
