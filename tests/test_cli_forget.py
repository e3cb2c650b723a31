"""`creator-tiers forget`: out of every table, and a line that does not name the account."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from creator_tiers.cli import main
from creator_tiers.ingestion import loading
from creator_tiers.ingestion.validating import Validated
from creator_tiers.settings import Settings
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build
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
