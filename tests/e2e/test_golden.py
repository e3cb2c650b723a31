"""The whole line without Airflow: sample exports to the report, against figures kept in `golden/`.

After a change that is meant: `GOLDEN_UPDATE=1 make test PYTEST_ARGS="-k golden -n 0"`, and say why in the commit.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from creator_tiers.ingestion import ingest, plan
from creator_tiers.publishing import publish_week
from creator_tiers.samples import SampleSummary, write_samples
from creator_tiers.settings import Settings
from creator_tiers.tables import tables
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build
from creator_tiers.weeks import Week
from tests.e2e import driving

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("golden")]

WEEK = Week.parse("2026-W45")
GOLDEN = Path(__file__).parent / "golden" / "samples.json"
LAYERS = ("core", "marts", "ops")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, SampleSummary]:
    """A home with the default samples, loaded, built and reported on."""
    home = tmp_path_factory.mktemp("golden")
    settings = driving.settings_of(home)
    summary = write_samples(settings.landing)
    run_line(settings)
    return settings, summary


def run_line(settings: Settings) -> None:
    for batch in plan(settings):
        ingest(settings, batch)
    build(settings)
    publish_week(settings, WEEK)


def figures(settings: Settings) -> dict[str, Any]:
    """Rows and sums of whole numbers of every table that a reader sees."""
    found: dict[str, Any] = {}
    with open_reader(settings) as reader:
        for name, described in tables().items():
            if described.layer in LAYERS and name != "ops.warehouse_state":
                rows = reader.read(f"SELECT * FROM {name}")
                found[name] = {"rows": rows.num_rows, **sums(rows)}
    return found


def sums(rows: pa.Table) -> dict[str, int | None]:
    whole = [field.name for field in rows.schema if pa.types.is_integer(field.type)]
    return {name: pc.sum(rows[name]).as_py() for name in whole if name != "row_number"}


def test_the_figures_are_the_golden_ones(line: tuple[Settings, SampleSummary]) -> None:
    settings, _ = line
    seen = figures(settings)
    if os.environ.get("GOLDEN_UPDATE"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(seen, indent=1, sort_keys=True) + "\n")
    assert seen == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize(
    ("platform", "kind_group", "metric"),
    [
        ("instagram", "feed", "er_followers_settled"),
        ("tiktok", "video", "er_views_settled"),
        ("youtube", "video", "er_views_settled"),
    ],
)
def test_what_was_planted_is_found(
    line: tuple[Settings, SampleSummary], platform: str, kind_group: str, metric: str
) -> None:
    settings, summary = line
    planted = summary.ratio(platform, kind_group, "micro", "mega")
    with open_reader(settings) as reader:
        [row] = reader.read(
            "SELECT * FROM marts.tier_comparison WHERE platform = $platform AND kind_group = $kind_group"
            " AND metric = $metric AND tier_a = 'micro' AND tier_b = 'mega' AND week_start = $week",
            {"platform": platform, "kind_group": kind_group, "metric": metric, "week": WEEK.monday},
        ).to_pylist()
    assert row["estimate"] == pytest.approx(planted.planted, rel=0.03)
    assert row["ci_low"] < planted.planted < row["ci_high"]
    assert (row["creators_a"], row["creators_b"]) == (planted.creators_a, planted.creators_b)


def test_the_claims_are_judged_as_planted(line: tuple[Settings, SampleSummary]) -> None:
    settings, _ = line
    with open_reader(settings) as reader:
        verdicts = reader.read(
            "SELECT claim_id, scope, verdict FROM marts.claim_verdicts WHERE claim_id IN ('C1', 'C2', 'C3')"
        ).to_pylist()
    judged = {(row["claim_id"], row["scope"]): row["verdict"] for row in verdicts}
    assert judged[("C1", "instagram")] == "supported"
    assert judged[("C2", "tiktok")] == "supported"
    assert judged[("C3", "youtube")] == "supported"


def test_running_twice_changes_no_table_and_no_file(line: tuple[Settings, SampleSummary]) -> None:
    settings, _ = line
    before = driving.tables(settings.home), driving.report(settings.home, WEEK.label)
    run_line(settings)
    assert (driving.tables(settings.home), driving.report(settings.home, WEEK.label)) == before


def test_every_row_has_one_fate(line: tuple[Settings, SampleSummary]) -> None:
    settings, _ = line
    with open_reader(settings) as reader:
        wrong = reader.read(
            "SELECT path FROM ops.export_files"
            " WHERE rows_read <> rows_loaded + rows_duplicate + rows_rejected + rows_ignored"
        )
        [counted] = reader.read(
            "SELECT sum(rows_rejected) AS told, (SELECT count(*) FROM ops.rejected_rows WHERE row_number IS NOT NULL)"
            " AS kept FROM ops.export_files WHERE status <> 'refused'"
        ).to_pylist()
    assert wrong.num_rows == 0
    assert counted["told"] == counted["kept"]


def test_the_report_has_the_campaigns_the_money_and_the_problems(
    line: tuple[Settings, SampleSummary],
) -> None:
    settings, _ = line
    told = json.loads((settings.reports / WEEK.label / "report.json").read_text())
    assert {one["is_closed"] for one in told["campaigns"]} == {True, False}
    assert (
        told["attribution"]["orders"]
        == told["attribution"]["orders_credited"] + told["attribution"]["orders_unattributed"]
    )
    even = {one["measure"]: one["estimate"] for one in told["money"]["break_even"]}
    assert even["equal_orders"]["low"] < even["equal_orders"]["value"] < even["equal_orders"]["high"]
    assert {one["goal"] for one in told["money"]["plans"]} == {"awareness", "conversion"}
    assert {one["problem"] for one in told["problems"]} >= {
        "post without disclosure", "day on which the code seems to have leaked",
    }  # fmt: skip
    assert {one["name"]: one["n"] for one in told["audits"]}["undisclosed_posts"] > 0
    assert told["restated"] == []
    shared = json.loads((settings.reports / WEEK.label / "shared" / "report.json").read_text())
    assert (shared["money"], shared["shows_fees"], shared["run_id"]) == (None, False, told["run_id"])
