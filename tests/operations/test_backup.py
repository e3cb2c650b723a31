"""The restore drill: what was backed up and put back is what was there, also what no query can make again."""

from __future__ import annotations

import json
import shutil
import stat
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from creator_tiers.cli import main
from creator_tiers.errors import ContractError
from creator_tiers.keys import hash_key
from creator_tiers.lake import Lake
from creator_tiers.operations import back_up, restore
from creator_tiers.report import Outbox
from creator_tiers.settings import Settings, load_settings
from creator_tiers.tables import table
from creator_tiers.warehouse import record_deliveries, write_claims, write_comparison
from creator_tiers.warehouse.build import build
from creator_tiers.warehouse.frames import schema
from creator_tiers.warehouse.state import kept_tables
from creator_tiers.weeks import Week
from tests.warehouse.contents import published
from tests.warehouse.lakes import land

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 3, 9, 6, tzinfo=UTC)
WEEK = Week.parse("2026-W09")


def one_row(name: str, **given: object) -> pa.Table:
    """A row whose columns hold what is given, else anything of their type; NULL where that is allowed."""
    fields = schema(table(name))
    usual = {"string": "x", "int64": 1, "double": 0.5, "bool": True, "date32[day]": WEEK.monday}
    values = {
        column.name: given.get(
            column.name,
            None
            if column.nullable
            else usual.get(str(fields.field(column.name).type), NOW.replace(tzinfo=None)),
        )
        for column in table(name).columns
    }
    return pa.Table.from_pylist([values], schema=fields)


def fill(settings: Settings) -> None:
    """A lake, a warehouse with a week's comparison, a delivery, a report, a key."""
    post = {
        "post_key": "instagram:1",
        "published_at": datetime(2026, 2, 2, 10, tzinfo=UTC),
        "likes": 10,
        "comments": 5,
    }
    lake = Lake(settings.lake)
    land(lake, "a", posts=[post], followers=[{"observed_on": date(2026, 2, 1), "followers": 6000}])
    lake.mark_seen({"0" * 40: "{}"})
    hash_key(settings)
    build(settings)
    week = {"week_start": WEEK.monday}
    write_comparison(settings, WEEK, one_row("marts.tier_comparison", **week))
    write_claims(settings, WEEK, one_row("marts.claim_verdicts", **week))
    outbox = Outbox(settings.state_url)
    outbox.enrol("report", {"ann@brand.example": "<1@brand.example>"}, NOW)
    token = outbox.claim("report", "ann@brand.example", NOW)
    assert token
    outbox.mark_sent("report", "ann@brand.example", token, NOW)
    record_deliveries(
        settings, one_row("ops.report_deliveries", report_id="report", recipient="ann@brand.example")
    )
    (settings.reports / WEEK.label).mkdir(parents=True)
    (settings.reports / WEEK.label / "report.html").write_text("report")
    (settings.home / "thresholds.yaml").write_text("")


@pytest.fixture
def backed_up(settings: Settings, tmp_path: Path) -> Path:
    fill(settings)
    folder = tmp_path / "backup"
    done = back_up(settings, folder)
    assert (done.loads, done.size > 1000) == (1, True)
    assert set(done.seconds) == {"lake", "state", "tables", "home", "checksums"}
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Settings:
    return load_settings({"CREATOR_TIERS_HOME": str(tmp_path / "other")})


def test_what_is_put_back_is_what_was_there(settings: Settings, backed_up: Path, other: Settings) -> None:
    before, key = published(settings), (settings.home / "hash.key").read_bytes()
    rows = Outbox(settings.state_url).rows("report")
    files = {path: path.read_bytes() for path in settings.lake.rglob("*.*") if not path.name.startswith(".")}
    shutil.rmtree(settings.home)

    done = restore(other, backed_up)

    assert done.loads == 1
    assert published(other) == before
    for name in ("marts.tier_comparison", "marts.claim_verdicts", "ops.report_deliveries", "core.posts"):
        assert len(before[name]) == 1, name
    assert Outbox(other.state_url).rows("report") == rows
    assert (other.home / "hash.key").read_bytes() == key
    assert stat.S_IMODE((other.home / "hash.key").stat().st_mode) == 0o600
    assert (other.reports / WEEK.label / "report.html").read_text() == "report"
    for path, content in files.items():
        assert (other.lake / path.relative_to(settings.lake)).read_bytes() == content
    assert not build(other).published, "the restored warehouse is not up to date with the restored lake"


def test_every_table_that_no_query_fills_is_in_the_backup(backed_up: Path) -> None:
    assert {path.stem for path in (backed_up / "tables").iterdir()} == {
        one.full_name for one in kept_tables()
    }
    assert {"marts.tier_comparison", "marts.claim_verdicts", "ops.report_deliveries"} <= {
        one.full_name for one in kept_tables()
    }


def lose_its_list(folder: Path) -> None:
    (folder / "backup.json").unlink()


def change_a_byte(folder: Path) -> None:
    [path] = (folder / "lake" / "post_observations").glob("*.parquet")
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)


def lose_a_file(folder: Path) -> None:
    next((folder / "lake" / "manifests").iterdir()).unlink()


def add_a_file(folder: Path) -> None:
    (folder / "lake" / "manifests" / "more.json").write_text("{}")


def be_of_another_format(folder: Path) -> None:
    listed = json.loads((folder / "backup.json").read_text())
    (folder / "backup.json").write_text(json.dumps(listed | {"format": 2}))


@pytest.mark.parametrize(
    "harm", [lose_its_list, change_a_byte, lose_a_file, add_a_file, be_of_another_format]
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    harm: Callable[[Path], None], backed_up: Path, other: Settings
) -> None:
    harm(backed_up)
    with pytest.raises(ContractError, match=r"no whole backup|is damaged|of format 2"):
        restore(other, backed_up)
    assert not other.home.exists()


def test_a_home_in_use_is_not_overwritten(settings: Settings, backed_up: Path, other: Settings) -> None:
    with pytest.raises(ContractError, match="is not empty"):
        restore(settings, backed_up)
    Outbox(other.state_url).enrol("report", {"bob@brand.example": "<2@brand.example>"}, NOW)
    with pytest.raises(ContractError, match="knows of deliveries already"):
        restore(other, backed_up)


def test_another_hash_key_is_refused(backed_up: Path, other: Settings) -> None:
    hash_key(other)
    with pytest.raises(ContractError, match="another key"):
        restore(other, backed_up)


def test_a_backup_taken_while_files_are_loaded_notes_nothing_as_read_that_it_lacks(
    settings: Settings, tmp_path: Path, other: Settings
) -> None:
    fill(settings)
    lake = Lake(settings.lake)
    ended = threading.Event()

    def load() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            land(lake, f"load-{number:05d}", posts=[{"post_key": f"instagram:{number + 1}", "likes": 1,
                 "published_at": datetime(2026, 2, 2, 10, tzinfo=UTC)}])  # fmt: skip
            lake.mark_seen({f"load-{number:05d}": "{}"})

    thread = threading.Thread(target=load)
    thread.start()
    try:
        while len(lake.seen()) < 5:
            pass
        done = back_up(settings, tmp_path / "busy")
    finally:
        ended.set()
        thread.join()
    copy = Lake(tmp_path / "busy" / "lake")
    keys = {one.load_key for one in copy.manifests()}
    assert len(keys) == done.loads >= 5  # as many as were seen when it began
    assert {name for name in copy.seen() if name.startswith("load")} <= keys
    assert restore(other, tmp_path / "busy").loads == done.loads


def test_the_command_line_tells_what_it_did_and_why_not(
    settings: Settings, tmp_path: Path, other: Settings
) -> None:
    fill(settings)
    folder = str(tmp_path / "told")

    def call(home: Settings, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, words, env={"CREATOR_TIERS_HOME": str(home.home)})
        return done.exit_code, done.output

    code, said = call(settings, "backup", folder)
    assert (code, said.startswith("Backed up 1 loads in ")) == (0, True), said
    assert call(settings, "backup", folder) == (
        1, f"creator-tiers: {folder} is not empty; name a folder of its own for each backup\n",
    )  # fmt: skip
    code, said = call(other, "restore", folder, "--json")
    assert json.loads(said)["loads"] == 1
    assert call(other, "restore", folder)[0] == 1
