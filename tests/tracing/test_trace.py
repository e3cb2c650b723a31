"""A traced number is the reported number, and every value stands in the export file at that row."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from click.testing import CliRunner, Result

from creator_tiers import publishing
from creator_tiers.cli import main
from creator_tiers.ingestion import ingest, plan
from creator_tiers.settings import Settings, load_settings
from creator_tiers.tracing import trace
from creator_tiers.warehouse import open_reader
from tests.homes import WEEK, small_home

pytestmark = [pytest.mark.contract, pytest.mark.xdist_group("tracing")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small lake, its warehouse and the week's comparison."""
    settings = small_home(tmp_path_factory.mktemp("home"))
    publishing.compare(settings, WEEK)
    return settings


def query(settings: Settings, text: str) -> list[dict[str, Any]]:
    with open_reader(settings) as reader:
        return reader.read(text).to_pylist()


def cell_of(row: dict[str, Any]) -> str:
    return f"{row['platform']}/{row['kind_group']}/{row['metric']}/{row['tier_a']}-{row['tier_b']}"


def test_every_ratio_of_the_week_is_what_its_rows_give(built: Settings) -> None:
    reported = query(
        built,
        """
        SELECT * FROM marts.tier_comparison
        WHERE estimate IS NOT NULL AND (tier_a, tier_b) IN (('micro', 'mega'), ('small', 'rest'))
        ORDER BY platform, kind_group, metric, tier_a
        """,
    )
    assert {row["subset"] for row in reported} == {"all", "branded", "own"}
    assert {row["platform"] for row in reported} == {"instagram", "tiktok", "youtube"}
    for row in reported:
        found = trace(built, WEEK, cell_of(row))
        by_creator: dict[tuple[str, str], list[float]] = defaultdict(list)
        by_item: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
        for line in found.rows.to_pylist():
            by_item[line["arm"], line["creator_key"], line["item"]][line["quantity"]] = line["value"]
        for (arm, creator, _), values in by_item.items():
            engagements = values.pop("engagements")
            (below,) = values.values()
            by_creator[arm, creator].append(math.log((engagements + 0.5) / below))
        arms: dict[str, list[float]] = defaultdict(list)
        for (arm, _), logs in by_creator.items():
            arms[arm].append(fmean(logs))
        ratio = math.exp(fmean(arms[row["tier_a"]]) - fmean(arms[row["tier_b"]]))
        assert ratio == pytest.approx(row["estimate"], rel=1e-9), cell_of(row)
        assert found.reported == row["estimate"]
        assert found.agrees
        assert [len(arms[row[tier]]) for tier in ("tier_a", "tier_b")] == [
            row["creators_a"],
            row["creators_b"],
        ]
        assert len(by_item) == row["posts_a"] + row["posts_b"]


def records(settings: Settings, path: str) -> list[list[str]]:
    with (settings.landing / path).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_each_value_stands_in_its_file_at_its_row(built: Settings) -> None:
    lines = trace(built, WEEK, "C1").rows.to_pylist()
    files: dict[str, list[list[str]]] = {}
    for line in lines:
        file = files.setdefault(line["path"], records(built, line["path"]))
        header, record = file[0], file[line["row_number"] - 1]
        cells = dict(zip(header, record, strict=False))
        if line["quantity"] == "engagements":
            assert cells["Post ID"] == line["item"].removeprefix("instagram:")
            assert int(cells["Likes"]) + int(cells["Comments"]) == line["value"]
        else:
            assert line["account_key"].removeprefix("instagram:") in {
                cell.strip("@").lower() for cell in record
            }
            assert str(line["value"]) in {cell.replace(",", "") for cell in record}
    assert {line["quantity"] for line in lines} == {"engagements", "followers"}


def test_a_campaigns_waterfall_is_what_its_rows_give(built: Settings) -> None:
    total = query(
        built, "SELECT * FROM marts.campaign_totals WHERE orders_net > 0 ORDER BY orders_net DESC LIMIT 1"
    )[0]
    for measure in (
        "orders_gross", "orders_contested", "orders_duplicate", "orders_cancelled", "orders_refunded",
        "orders_excluded", "orders_net", "revenue_net",
    ):  # fmt: skip
        found = trace(built, WEEK, f"campaign/{total['campaign_key']}/{measure}")
        assert found.agrees, measure
        if measure != "revenue_net":
            assert found.rows.num_rows == found.reported
        if total.get(measure) is not None:
            assert found.reported == float(total[measure]), measure
    line = trace(built, WEEK, f"campaign/{total['campaign_key']}/orders_net").rows.to_pylist()[0]
    file = records(built, line["path"])
    assert line["item"].endswith(":" + dict(zip(file[0], file[line["row_number"] - 1], strict=False))["Name"])


def test_revenue_without_a_rate_is_left_out_of_the_trace_too(tmp_path: Path) -> None:
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path)})
    orders = {"a": [("USD", 50), ("GBP", 20)], "b": [("GBP", 30)], "c": [("USD", None)], "d": []}
    files = {
        "campaigns/campaigns.csv": "campaign,brand,goal,niche,starts_on,ends_on,currency,hourly_rate\n"
        "K,B,conversion,food,2026-09-01,2026-09-10,USD,10\n",
        "campaigns/placements.csv": "campaign,platform,handle,fee,promo_codes\n"
        + "".join(f"K,instagram,{name},5,{name}10\n" for name in orders),
        "orders/shop/orders.csv": "Name,Created at,Financial Status,Currency,Subtotal,Total,Refunded Amount,"
        "Discount Code\n"
        + "".join(
            f"#{name}{n},2026-09-0{n + 2} 10:00:00 +0000,paid,{currency},{amount or ''},{amount or 9},0,{name}10\n"
            for name, each in orders.items()
            for n, (currency, amount) in enumerate(each)
        ),
    }
    for path, text in files.items():
        (settings.landing / path).parent.mkdir(parents=True, exist_ok=True)
        (settings.landing / path).write_text(text, encoding="utf-8")
    for batch in plan(settings):
        ingest(settings, batch)
    publishing.build_warehouse(settings)

    cells = ("K/instagram:a", "K/instagram:b", "K/instagram:c", "K/instagram:d", "K")
    found = [trace(settings, WEEK, f"campaign/{cell}/revenue_net") for cell in cells]

    assert [one.reported for one in found] == [50.0, None, None, 0.0, None]
    assert [one.recomputed for one in found] == [50.0, None, None, 0.0, None]
    assert [line["value"] for line in found[0].rows.to_pylist()] == [50, None]


def test_one_account_of_a_campaign_and_its_costs(built: Settings) -> None:
    row = query(
        built,
        "SELECT * FROM marts.campaign_conversions WHERE orders_net > 0 ORDER BY orders_net DESC LIMIT 1",
    )[0]
    cell = f"campaign/{row['campaign_key']}/{row['account_key']}"
    assert trace(built, WEEK, f"{cell}/orders_net").rows.num_rows == row["orders_net"]
    for measure in ("cost_fee", "cost_loaded", "hours_spent"):
        found = trace(built, WEEK, f"{cell}/{measure}")
        assert found.rows.num_rows == 1
        assert found.reported == (None if row[measure] is None else float(row[measure]))
        assert found.agrees


def test_rows_that_do_not_give_the_number_are_told(built: Settings) -> None:
    from dataclasses import replace
    from datetime import timedelta

    other = replace(built, comparison_window=timedelta(days=30))
    assert not trace(other, WEEK, "C2").agrees


def call(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["trace", *arguments], env={"CREATOR_TIERS_HOME": str(settings.home)})


def test_the_command_prints_json_csv_and_a_table(built: Settings) -> None:
    told = json.loads(call(built, WEEK.label, "C1", "--json").stdout)
    assert (told["week"], told["cell"], told["agrees"]) == (
        "2026-W45",
        "instagram/feed/er_followers_settled/micro-mega",
        True,
    )
    assert {"creator_key", "item", "value", "path", "row_number"} <= set(told["rows"][0])
    lines = list(csv.DictReader(call(built, WEEK.label, "C1", "--format", "csv").stdout.splitlines()))
    assert len(lines) == len(told["rows"])
    result = call(built, WEEK.label, "C1", "--limit", "3")
    assert result.exit_code == 0
    assert f"reported {told['reported']}, from these rows" in result.stdout
    assert f"{len(lines) - 3} more" in result.output


@pytest.mark.parametrize(
    ("week", "cell", "said"),
    [
        ("2026-W46", "C1", "no instagram/feed/er_followers_settled/micro-mega: was it made?"),
        ("2026-W45", "facebook/er_reach/micro-mega", "has no facebook/feed"),
        ("2026-W45", "campaign/nothing/orders_net", "There is no campaign nothing"),
        ("2026-W45", "nonsense", "No cell is called"),
        ("W45", "C1", "is no ISO week"),
    ],
)
def test_what_cannot_be_traced_is_said(built: Settings, week: str, cell: str, said: str) -> None:
    result = call(built, week, cell)
    assert result.exit_code == 1
    assert said in result.output
