"""From files to conversions: every order has one fate, and no order of files, rows or builds changes it."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from creator_tiers.settings import Settings
from creator_tiers.tables import tables
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build

from .worlds import (
    PLACEMENTS,
    Order,
    drop,
    expected_claims,
    home,
    lists,
    orders_csv,
    refunded,
    some_orders,
    without_validation,
)

pytestmark = pytest.mark.property

ORIGINS = {"file_id", "row_number", "load_key", "loaded_at"}
FATES = ("contested", "duplicate", "cancelled", "refunded", "excluded", "net")
SHOWN = (
    *("core.orders", "core.order_codes", "core.claims", "core.attributions"),
    *(
        "marts.order_fates",
        "marts.campaign_conversions",
        "marts.campaign_tier_conversions",
        "marts.campaign_totals",
    ),
    *("marts.attribution_totals", "marts.contested_orders", "marts.orphan_codes"),
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_validation(monkeypatch)


def rows(settings: Settings, name: str) -> list[dict[str, Any]]:
    columns = ", ".join(column.name for column in tables()[name].columns if column.name not in ORIGINS)
    with open_reader(settings) as reader:
        return sorted(reader.read(f"SELECT {columns} FROM {name}").to_pylist(), key=repr)


def everything(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    return {name: rows(settings, name) for name in SHOWN}


@given(st.integers(0, 10_000))
@configured(max_examples=8)
def test_every_claim_has_the_fate_that_the_rules_give_it(seed: int) -> None:
    orders = some_orders(seed)
    with TemporaryDirectory() as folder:
        settings = home(Path(folder) / "home")
        drop(settings, {**lists(), "orders/shop/orders.csv": orders_csv(orders)})
        build(settings)
        claims = {
            (one["order_key"], one["placement_key"], one["method"]): one["fate"]
            for one in rows(settings, "core.claims")
        }
        conversions = {one["placement_key"]: one for one in rows(settings, "marts.campaign_conversions")}
        [totals] = rows(settings, "marts.attribution_totals")
        fates = Counter(one["fate"] for one in rows(settings, "marts.order_fates"))

    expected = expected_claims(orders)
    assert claims == expected
    revenue: Counter[str] = Counter()
    for (order, placement, _), fate in expected.items():
        if fate == "net":
            one = orders[int(order.split("#")[1]) - 1]
            revenue[placement] += max(one.subtotal - one.refunded, Decimal(0))
    for placement in PLACEMENTS:
        mine = Counter(fate for (_, key, _), fate in expected.items() if key == placement.key)
        found = conversions[placement.key]
        assert found["orders_gross"] == mine.total() - mine["outside_window"]
        assert {fate: found[f"orders_{fate}"] for fate in FATES} == {fate: mine[fate] for fate in FATES}
        assert found["unbalanced"] == 0
        assert found["revenue_net"] == revenue[placement.key]
        assert isinstance(found["revenue_net"], Decimal)
    assert fates.total() == len(orders)
    assert totals["orders"] == len(orders) == totals["orders_credited"] + fates["unattributed"]
    assert sum(one["orders_net"] for one in conversions.values()) == fates["net"] == totals["orders_net"]


@given(st.integers(0, 10_000))
@configured(max_examples=5)
def test_permuting_and_splitting_files_changes_nothing(seed: int) -> None:
    orders = some_orders(seed, 25)
    later = [refunded(one, "1.25") for one in orders[::4]] + orders[1::4]
    rng = random.Random(seed)  # noqa: S311 - made-up data
    shuffled = rng.sample(orders, len(orders))
    with TemporaryDirectory() as folder:
        once = home(Path(folder) / "once")
        drop(once, {**lists(), "orders/shop/a.csv": orders_csv(orders)}, day=100)
        drop(once, {"orders/shop/b.csv": orders_csv(later)}, day=107)
        build(once)
        parts = home(Path(folder) / "parts")
        steps = [
            ({"orders/shop/b.csv": orders_csv(later[::-1])}, 107),
            ({"orders/shop/1.csv": orders_csv(shuffled[:9])}, 100),
            (lists(), 100),
            ({"orders/shop/2.csv": orders_csv(shuffled[9:])}, 100),
            ({"orders/shop/again.csv": orders_csv(orders[:5])}, 100),
        ]
        for files, day in rng.sample(steps, len(steps)):
            drop(parts, files, day)
            build(parts)
        assert everything(parts) == everything(once)


def test_three_line_items_are_one_order(tmp_path: Path) -> None:
    settings = home(tmp_path / "home")
    drop(
        settings, {**lists(), "orders/shop/orders.csv": orders_csv([Order(1, 3, ("ANN", "ANN20"), lines=3)])}
    )
    build(settings)

    [order] = rows(settings, "core.orders")
    ann = next(
        one for one in rows(settings, "marts.campaign_conversions") if one["account_key"] == "instagram:ann"
    )
    [file] = [one for one in rows(settings, "ops.export_files") if one["source_format"] == "shopify_orders"]
    assert order["total"] == Decimal(55)
    assert (ann["orders_gross"], ann["orders_net"], ann["revenue_net"]) == (1, 1, Decimal(50))
    assert (file["rows_read"], file["rows_loaded"], file["rows_duplicate"]) == (3, 3, 0)


def test_an_unchanged_order_in_a_later_export_is_a_duplicate(tmp_path: Path) -> None:
    settings = home(tmp_path / "home")
    first = [Order(1, 3, lines=3), Order(2, 4)]
    drop(settings, {"orders/shop/a.csv": orders_csv(first)}, 100)
    drop(
        settings,
        {"orders/shop/b.csv": orders_csv([*first[:1], refunded(first[1], "5.00"), Order(3, 5)])},
        107,
    )
    build(settings)

    files = {
        one["path"]: (one["rows_loaded"], one["rows_duplicate"]) for one in rows(settings, "ops.export_files")
    }
    assert files == {"orders/shop/a.csv": (4, 0), "orders/shop/b.csv": (2, 3)}
    states = [
        (one["order_key"], one["refunded"], one["is_change"]) for one in rows(settings, "core.order_versions")
    ]
    assert sorted(states) == [
        ("shop:#1", Decimal(0), False),
        ("shop:#1", Decimal(0), True),
        ("shop:#2", Decimal(0), True),
        ("shop:#2", Decimal(5), True),
        ("shop:#3", Decimal(0), True),
    ]


def test_a_late_refund_changes_only_what_it_should(tmp_path: Path) -> None:
    settings = home(tmp_path / "home")
    orders = [Order(1, 3, ("ANN",)), Order(2, 4, ("ANN",)), Order(3, 5, ("BOB",)), Order(4, 6)]
    drop(settings, {**lists(), "orders/shop/a.csv": orders_csv(orders)}, 100)
    build(settings)
    before = everything(settings)
    drop(settings, {"orders/shop/b.csv": orders_csv([refunded(orders[0], "20.00"), *orders[1:]])}, 107)
    build(settings)
    after = everything(settings)

    changed = {
        (name, key, column)
        for name in SHOWN
        for was, now in zip(before[name], after[name], strict=True)
        for key in [was.get("order_key") or was.get("placement_key") or was.get("campaign_key")]
        for column in was
        if was[column] != now[column]
    }
    money = {"revenue_net", "roas", "aov"}
    assert {
        (name, key) for name, key, column in changed if column in money | {"refunded", "financial_status"}
    } == {
        ("core.orders", "shop:#1"),
        ("marts.order_fates", "shop:#1"),
        ("marts.campaign_conversions", "spring:instagram:ann"),
        ("marts.campaign_tier_conversions", "spring"),
        ("marts.campaign_totals", "spring"),
    }
    assert {column for _, _, column in changed} <= money | {"refunded", "financial_status", "observed_at"}


def test_money_is_decimal_wherever_it_is() -> None:
    for one in tables().values():
        for column in one.columns:
            if column.unit in ("currency", "campaign currency"):
                assert column.type == "decimal", f"{one.full_name}.{column.name}"
