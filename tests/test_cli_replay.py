"""`creator-tiers replay`: from the quarantine to the tables."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from creator_tiers.cli import main
from creator_tiers.ingestion import loading, replaying
from creator_tiers.ingestion.validating import Validated
from creator_tiers.settings import Settings
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build
from tests.ingestion.landings import drop, ingest_all, video, videos

pytestmark = pytest.mark.e2e


def test_mended_file_reaches_the_tables_and_its_refusal_is_settled(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (loading, replaying):
        monkeypatch.setattr(module, "validate_rows", lambda *_: Validated([], {}))
    drop(settings, "youtube/lost.csv", videos(1, 2))
    drop(settings, "youtube/channel/good.csv", videos(3) + video(4, -1))
    ingest_all(settings)
    build(settings)
    drop(settings, "youtube/lost.csv.meta.yaml", "account: channel\n")
    environment = {"CREATOR_TIERS_HOME": str(settings.home)}

    done = CliRunner().invoke(main, ["replay", "--rule", "missing_account", "--json"], env=environment)

    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["replaced"], answer["rows_accepted"], answer["rows_resolved"]) == (1, 2, 1)
    with open_reader(settings) as reader:
        posts = reader.read("SELECT post_key FROM core.posts ORDER BY post_key").to_pydict()["post_key"]
        refused = reader.read(
            "SELECT rule, resolved_at IS NOT NULL AS is_settled FROM ops.rejected_rows ORDER BY rule"
        )
        files = reader.read("SELECT path, status, rows_loaded FROM ops.export_files ORDER BY path")
    assert posts == [f"youtube:VIDEO00000{number}" for number in (1, 2, 3)]
    assert refused.to_pylist() == [
        {"rule": "missing_account", "is_settled": True},
        {"rule": "out_of_range", "is_settled": False},
    ]
    assert [tuple(one.values()) for one in files.to_pylist()] == [
        ("youtube/channel/good.csv", "partial", 1),
        ("youtube/lost.csv", "loaded", 2),
    ]
    again = CliRunner().invoke(main, ["replay"], env=environment)
    assert "1 files: 0 replaced, 1 unchanged, 0 missing, 0 waiting; +0 rows." in again.stdout
