"""Real files in the lake: the figures that were counted from them by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from creator_tiers.ingestion import plan
from creator_tiers.lake import Lake, Manifest
from creator_tiers.settings import Settings, load_settings
from tests.ingestion.landings import contents, ingest_all
from tests.specimens import LISTS, OTHERS, POSTS, REASON, specimens

pytestmark = [pytest.mark.specimens, pytest.mark.skipif(specimens() is None, reason=REASON)]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = specimens()
    assert root is not None
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("specimens"))})
    shutil.copytree(root / "landing", settings.landing)
    ingest_all(settings)
    return settings


def the_one(settings: Settings, pattern: str) -> Manifest:
    [found] = [one for one in Lake(settings.lake).manifests() if Path(one.path).match(pattern)]
    return found


@pytest.mark.parametrize(("pattern", "source_format", "rows", "totals"), POSTS)
def test_posts(
    loaded: Settings,
    pattern: str,
    source_format: str,
    rows: tuple[int, int, int, int, int],
    totals: dict[str, int | None],
) -> None:
    one = the_one(loaded, pattern)
    file = Lake(loaded.lake).dataset_path("post_observations", one.load_key)
    sums = [f"sum({name})" for name in totals if name != "posts"]
    found = duckdb.execute(
        f"SELECT count(DISTINCT post_key), {', '.join(sums)} FROM read_parquet(?)", [str(file)]
    ).fetchone()

    assert one.source_format == source_format
    assert (one.rows_read, one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored) == rows
    assert found == (totals["posts"], *(value for name, value in totals.items() if name != "posts"))


@pytest.mark.parametrize(("pattern", "source_format", "rows", "totals"), LISTS)
def test_lists(
    loaded: Settings,
    pattern: str,
    source_format: str,
    rows: tuple[int, int, int, int, int],
    totals: dict[str, int | None],
) -> None:
    one = the_one(loaded, pattern)
    file = Lake(loaded.lake).dataset_path("follower_observations", one.load_key)
    query = "SELECT count(DISTINCT account_key), arg_max(followers, observed_on) FROM read_parquet(?)"
    accounts, newest = duckdb.execute(query, [str(file)]).fetchone() or (0, 0)

    assert one.source_format == source_format
    assert (one.rows_read, one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored) == rows
    assert accounts == totals["accounts"]
    assert newest == totals.get("followers", newest)


@pytest.mark.parametrize(("path", "source_format", "status", "rows"), OTHERS)
def test_no_posts(loaded: Settings, path: str, source_format: str, status: str, rows: int) -> None:
    one = the_one(loaded, path)

    assert (one.source_format, one.status, one.rows_read) == (source_format, status, rows)
    assert one.message


def test_no_file_failed_and_nothing_is_new_the_second_time(loaded: Settings) -> None:
    before = contents(loaded)

    assert {one.status for one in Lake(loaded.lake).manifests()} <= {
        "loaded",
        "partial",
        "ignored",
        "refused",
    }
    assert plan(loaded) == []
    assert ingest_all(loaded) == []
    assert contents(loaded) == before
