"""`creator-tiers forget`: out of every table, and a line that does not name the account."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from click.testing import CliRunner

from creator_tiers.cli import main
from creator_tiers.ingestion import loading
from creator_tiers.ingestion.validating import Validated
from creator_tiers.settings import Settings
from creator_tiers.tables import table
from creator_tiers.warehouse import open_reader, write_week
from creator_tiers.warehouse.build import build
from creator_tiers.weeks import Week
from tests.ingestion.landings import drop, ingest_all, videos

pytestmark = pytest.mark.e2e

NAME = "planted.name"


def test_account_is_in_no_table(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))
    drop(settings, f"youtube/{NAME}/a.csv", videos(1) + "no id,T,,1,1\n")
    drop(settings, "youtube/other/b.csv", videos(2))
    drop(settings, "creators/youtube_2026-05-01.csv", f"youtube handle,subscribers\n{NAME},9K\nother,12K\n")
    ingest_all(settings)
    build(settings)
    environment = {"CREATOR_TIERS_HOME": str(settings.home)}

    done = CliRunner().invoke(main, ["forget", f"youtube:{NAME}", "--json"], env=environment)

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["landing"] == [f"youtube/{NAME}/a.csv"]
    with open_reader(settings) as reader:
        names = reader.read(
            "SELECT table_schema AS layer, table_name AS name FROM information_schema.tables"
        ).to_pylist()
        tables = {f"{one['layer']}.{one['name']}" for one in names}
        text = "".join(str(reader.read(f"SELECT * FROM {name}").to_pylist()) for name in sorted(tables))
    assert "core.accounts" in tables
    assert "youtube:other" in text
    assert NAME not in text

    refused = CliRunner().invoke(main, ["forget", NAME], env=environment)
    assert refused.exit_code == 1
    assert "write it like instagram:some.handle" in refused.stderr


def test_account_leaves_past_leagues_and_the_files_pages_and_its_reports_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))
    drop(settings, f"youtube/{NAME}/a.csv", videos(1))
    drop(settings, "youtube/other/b.csv", videos(2))
    ingest_all(settings)
    build(settings)
    week = Week.parse("2026-W20")
    write_week(settings, week, {"marts.creator_league": league(week, f"youtube:{NAME}", "youtube:other")})
    for name, said in (
        ("2026-W20", f"youtube:{NAME},1"),
        ("2026-W21", f"x{NAME},1\n{NAME}.x,1"),
        (".drafts/2026-W20", NAME),
    ):
        (settings.reports / name).mkdir(parents=True)
        (settings.reports / name / "creators.csv").write_text(said, encoding="utf-8")
    files = [settings.home / "warehouse.duckdb", settings.published]
    assert all(NAME.encode() in file.read_bytes() for file in files)

    done = CliRunner().invoke(
        main, ["forget", f"youtube:{NAME}", "--json"], env={"CREATOR_TIERS_HOME": str(settings.home)}
    )

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["reports"] == ["reports/2026-W20", "reports/.drafts/2026-W20"]
    with open_reader(settings) as reader:
        assert reader.read("SELECT creator_key FROM marts.creator_league").to_pydict() == {
            "creator_key": ["youtube:other"]
        }
    left = sorted(settings.home.glob("*duckdb*"))
    assert left == sorted(files)
    assert not [file for file in left if NAME.encode() in file.read_bytes()]
    drop(settings, "youtube/other/c.csv", videos(3))
    ingest_all(settings)
    assert build(settings).loads == 1


def league(week: Week, *creators: str) -> pa.Table:
    """A week's league of these creators."""
    some = {"text": "x", "bigint": 1, "double": 0.5, "boolean": True, "date": week.monday}
    columns = table("marts.creator_league").columns
    return pa.Table.from_pylist(
        [
            {column.name: some[column.type] for column in columns} | {"creator_key": creator}
            for creator in creators
        ]
    )
