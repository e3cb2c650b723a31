"""A look at all that the pipeline stands on: well while it is, and each trouble named."""

from __future__ import annotations

import json
import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from creator_tiers import health
from creator_tiers.cli import main
from creator_tiers.ingestion import forget
from creator_tiers.publishing import build_warehouse
from creator_tiers.report.outbox import Outbox
from creator_tiers.settings import Settings, load_settings
from tests.ingestion.landings import drop, ingest_all, videos

pytestmark = pytest.mark.contract

NAMES = ["landing", "lake", "warehouse", "state", "deliveries", "report", "freshness", "disk"]
LATER = timedelta(hours=4)


def look(settings: Settings, now: datetime | None = None) -> dict[str, health.Check]:
    return {one.name: one for one in health.look(settings, now)}


def ill(settings: Settings, after: timedelta = timedelta()) -> dict[str, str]:
    """What is not well when so much time has gone by."""
    return {
        one.name: one.message for one in health.look(settings, datetime.now(UTC) + after) if not one.is_well
    }


def deliver_half(settings: Settings) -> None:
    outbox, then = Outbox(settings.state_url), datetime.now(UTC)
    outbox.enrol("tier-report-2026-W45", {"ann@brand.example": "<1@brand.example>"}, then)
    token = outbox.claim("tier-report-2026-W45", "ann@brand.example", then)
    assert token
    assert outbox.begin_hand_over("tier-report-2026-W45", "ann@brand.example", token, then)


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("once") / "home")})
    drop(settings, "youtube/a/Table data.csv", videos(1))
    ingest_all(settings)
    build_warehouse(settings)
    return settings


@pytest.fixture
def built(built_once: Settings, settings: Settings) -> Settings:
    shutil.copytree(built_once.home, settings.home)
    return settings


def test_an_empty_home_is_well_and_stays_empty(settings: Settings) -> None:
    assert list(look(settings)) == NAMES
    assert ill(settings) == {}
    assert not settings.home.exists()


def test_a_home_at_work_is_well_and_says_what_is_there(built: Settings) -> None:
    found = look(built)
    assert ill(built, LATER) == {}
    assert found["landing"].facts == {"waiting": 0}
    assert found["lake"].facts["loads"] == 1
    facts = found["warehouse"].facts
    assert (facts["engine"], facts["revision"], facts["is_current"], facts["loads_waiting"]) == (
        "duckdb", 1, True, 0,
    )  # fmt: skip
    assert datetime.now(UTC) - datetime.fromisoformat(facts["written_at"]) < timedelta(minutes=5)


def test_a_file_that_waits_too_long(built: Settings) -> None:
    drop(built, "youtube/b/Table data.csv", videos(2))
    assert ill(built) == {}
    assert "1 files wait for ingest_exports, the oldest for 4.0 h: youtube/b" in ill(built, LATER)["landing"]


def test_a_file_with_an_odd_name_is_told_on_any_terminal(settings: Settings) -> None:
    drop(settings, os.fsdecode(b"youtube/a/\xff\x1b[31m.csv"), videos(1))
    found = look(settings)["landing"]
    assert found.message.endswith("youtube/a/\ufffd\ufffd[31m.csv")
    assert json.dumps(found.facts, default=str, ensure_ascii=False).encode()


def test_a_load_that_nobody_builds(built: Settings) -> None:
    drop(built, "youtube/b/Table data.csv", videos(2))
    ingest_all(built)
    assert ill(built) == {}
    assert "1 loads, new, replayed or erased ones, wait for build_marts" in ill(built, LATER)["warehouse"]


def test_a_load_that_was_made_again_waits_for_the_build(built: Settings) -> None:
    forget(built, "youtube:a")
    assert look(built)["warehouse"].facts["loads_waiting"] == 1
    build_warehouse(built)
    assert look(built)["warehouse"].facts["loads_waiting"] == 0


def test_tables_of_an_earlier_release_are_well_until_they_are_built_again(built: Settings) -> None:
    with duckdb.connect(str(built.published)) as connection:
        connection.execute("ALTER TABLE ops.export_files DROP COLUMN revision")
        connection.execute("UPDATE ops.warehouse_state SET value = 'another' WHERE name = 'definitions'")
    drop(built, "youtube/b/Table data.csv", videos(2))
    ingest_all(built)
    assert ill(built) == {}
    found = look(built)["warehouse"]
    assert (found.facts["is_current"], found.facts["loads_waiting"]) == (False, 1)


def no_tables(settings: Settings) -> Settings:
    settings.published.unlink()
    return settings


def a_lake_that_cannot_be_read(settings: Settings) -> Settings:
    next((settings.lake / "manifests").iterdir()).write_text("{}")
    return settings


def a_server_that_is_away(settings: Settings) -> Settings:
    return replace(settings, warehouse_url="postgresql+psycopg://u:hidden@127.0.0.1:9/x")


def a_state_that_is_away(settings: Settings) -> Settings:
    return replace(settings, state_url="postgresql+psycopg://u:hidden@127.0.0.1:9/x")


def a_mail_in_doubt(settings: Settings) -> Settings:
    deliver_half(settings)
    return settings


def an_export_that_is_missing(settings: Settings) -> Settings:
    settings.expected_exports.write_text("exports: [{platform: tiktok}]")
    return settings


@pytest.mark.parametrize(
    ("harm", "names", "said"),
    [
        (no_tables, {"warehouse"}, "no tables, and 1 loads in the lake"),
        (a_lake_that_cannot_be_read, {"lake", "warehouse"}, ""),
        (a_server_that_is_away, {"warehouse"}, "127.0.0.1:9"),
        (a_state_that_is_away, {"state", "deliveries"}, ""),
        (a_mail_in_doubt, {"deliveries"}, "1 mails in doubt (tier-report-2026-W45)"),
        (an_export_that_is_missing, {"freshness"}, "no tiktok"),
    ],
)
def test_each_trouble_is_named_and_the_other_looks_go_on(
    harm: Callable[[Settings], Settings], names: set[str], said: str, built: Settings
) -> None:
    found = ill(harm(built), LATER)
    assert set(found) == names
    assert all(said in message and "hidden" not in message for message in found.values())


def test_a_disk_that_is_nearly_full(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12 - 10**8, 10**8))
    assert ill(built)["disk"].startswith("0.1 of 1000.0 GB are free")


def test_the_last_report_is_told(built: Settings) -> None:
    for week in ("2026-W44", "2026-W45"):
        (built.reports / week).mkdir(parents=True)
        (built.reports / week / "report.json").write_text(json.dumps({"report_id": f"tier-report-{week}"}))
    facts = look(built)["report"].facts
    assert (facts["week"], facts["report_id"]) == ("2026-W45", "tier-report-2026-W45")


def test_the_command_line_tells_it_and_ends_with_it(built: Settings, tmp_path: Path) -> None:
    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["health", *words], env={"CREATOR_TIERS_HOME": str(built.home)})
        return done.exit_code, done.output

    code, said = call()
    assert code == 0, said
    assert [line.split()[1] for line in said.splitlines()] == NAMES
    shutil.move(built.published, tmp_path / "gone")
    code, said = call("--json")
    assert code == 0, "a build that may be at work is no alarm"
    manifest = next((built.lake / "manifests").iterdir())
    manifest.write_text("{}")
    code, said = call("--json")
    told = json.loads(said)
    assert (code, told["is_well"]) == (1, False)
    assert {one["name"]: one["is_well"] for one in told["checks"]}["lake"] is False
