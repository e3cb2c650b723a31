"""What is planted in the sample campaigns comes out of the files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.ingestion import ingest, plan
from creator_tiers.samples import SampleSummary, write_samples
from creator_tiers.settings import load_settings
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build
from tests.conversions.worlds import without_validation
from tests.samples.conftest import Written

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[SampleSummary, dict[str, list[dict[str, Any]]]]:
    """What was planted, and the tables made from the files that tell of campaigns."""
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("campaigns"))})
    summary = write_samples(settings.landing, creators=16)
    for path in sorted(settings.landing.rglob("*"), reverse=True):
        needed = {"campaigns", "orders", "web", "creators", "northwind_sample", "southbank_sample"}
        if path.is_file() and not needed & set(path.relative_to(settings.landing).parts):
            path.unlink()
    with pytest.MonkeyPatch.context() as patched:
        without_validation(patched)
        for batch in plan(settings):
            ingest(settings, batch)
    build(settings)
    names = (
        "campaign_tier_conversions",
        "campaign_totals",
        "leak_suspects",
        "attribution_totals",
        "orphan_codes",
    )
    with open_reader(settings) as reader:
        return summary, {name: reader.read(f"SELECT * FROM marts.{name}").to_pylist() for name in names}


def test_every_figure_of_every_campaign_and_tier(
    built: tuple[SampleSummary, dict[str, list[dict[str, Any]]]],
) -> None:
    summary, tables = built
    found = {(one["campaign_key"], one["tier"]): one for one in tables["campaign_tier_conversions"]}

    assert len(summary.conversions) == 4 * 3
    assert set(found) == {(one.campaign, one.tier) for one in summary.conversions}
    for one in summary.conversions:
        row = found[one.campaign, one.tier]
        assert row["placements"] == one.placements
        assert (row["orders_net"], row["orders_refunded"], row["orders_excluded"]) == (
            one.orders_net,
            one.orders_refunded,
            one.orders_excluded,
        ), one
        assert row["clicks"] == one.clicks
        assert row["reach"] == one.reach
        assert row["orders_leak_suspect"] == one.leaked
        assert row["hours_spent"] == Decimal(str(one.hours))
        assert row["cost_loaded"] == (None if one.cost_loaded is None else Decimal(str(one.cost_loaded)))
        assert row["unbalanced"] == 0


def test_the_planted_rates_are_found_without_the_leaked_orders(
    built: tuple[SampleSummary, dict[str, list[dict[str, Any]]]],
) -> None:
    summary, tables = built
    closed = {one["campaign_key"] for one in tables["campaign_totals"] if one["is_closed"]}
    totals = {one["campaign_key"]: one for one in tables["campaign_totals"]}

    assert len(closed) == 3
    for one in tables["campaign_tier_conversions"]:
        if one["campaign_key"] in closed:
            planted = next(
                two
                for two in summary.conversions
                if (two.campaign, two.tier) == (one["campaign_key"], one["tier"])
            )
            honest = one["orders_net"] - one["orders_leak_suspect"]
            assert abs(honest - planted.rate * one["reach"]) <= 1
    [provisional] = [one for one in totals.values() if not one["is_closed"]]
    assert 0 < provisional["share_of_final"] <= 1


def test_the_leak_and_the_code_of_nobody_are_found(
    built: tuple[SampleSummary, dict[str, list[dict[str, Any]]]],
) -> None:
    _, tables = built
    [leak] = tables["leak_suspects"]

    assert (leak["orders"], leak["clicks"]) == (14, 0)
    assert leak["days_since_post"] == 24
    assert (
        {"HONEY15", "CUSTOM DISCOUNT", "STACK5"}
        >= {one["code"] for one in tables["orphan_codes"]}
        >= {"HONEY15"}
    )
    [totals] = tables["attribution_totals"]
    assert totals["orders"] == totals["orders_credited"] + totals["orders_unattributed"]


def test_the_campaigns_are_a_few_small_files(default: Written) -> None:
    folder: Path = default.folder
    files = [
        path
        for name in ("campaigns", "orders", "web")
        for path in (folder / name).rglob("*")
        if path.is_file()
    ]

    assert len(files) == 5
    assert sum(path.stat().st_size for path in files) < 1_000_000
    assert len(default.summary.conversions) == 12


def test_samples_too_short_for_a_campaign_have_none(tmp_path: Path) -> None:
    assert write_samples(tmp_path, creators=1, weeks=2).conversions == ()
    assert not (tmp_path / "campaigns").exists()
