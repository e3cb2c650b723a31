"""One lake, every engine: the same tables row for row, the same report but for the engine's name."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from creator_tiers.ingestion import ingest, plan
from creator_tiers.ingestion.forgetting import forget
from creator_tiers.ingestion.replaying import replay
from creator_tiers.lake import Lake
from creator_tiers.publishing import publish_week
from creator_tiers.samples import write_samples
from creator_tiers.settings import Settings, load_settings
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build, rebuild
from creator_tiers.warehouse.erasing import erase_leftovers
from creator_tiers.warehouse.state import kept_tables
from creator_tiers.weeks import Week
from tests.engines.comparing import differences, frames
from tests.engines.places import PLACES, environment

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("parity")]  # one worker builds the original


@dataclass(frozen=True)
class Finished:
    """A warehouse after builds and reports."""

    settings: Settings
    tables: Mapping[str, pa.Table]
    report: dict[str, Any]


@dataclass(frozen=True)
class Landed:
    """A home whose lake is full."""

    home: Path
    week: Week


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """Small samples, read into a lake once for all engines."""
    home = tmp_path_factory.mktemp("landed")
    settings = load_settings({"CREATOR_TIERS_HOME": str(home)})
    told = write_samples(settings.landing, creators=3, weeks=10)
    for batch in plan(settings):
        ingest(settings, batch)
    return Landed(home, Week.parse(told.until))


@pytest.fixture(scope="session")
def finish(landed: Landed, tmp_path_factory: pytest.TempPathFactory):
    """Bring an engine to the end: a part of the lake first, then the rest, then two weeks' reports."""
    done: dict[str, Finished] = {}

    def of(name: str) -> Finished:
        if name not in done:
            settings = PLACES[name](tmp_path_factory.mktemp(name) / "home")
            _fill(landed, settings, some=True)
            assert build(settings).published
            _fill(landed, settings)
            report = build(settings)
            assert (report.published, report.rebuilt_because) == (True, None)
            assert not build(settings).published
            publish_week(settings, landed.week.shift(-1))
            result = publish_week(settings, landed.week)
            with open_reader(settings) as reader:
                told = json.loads((result.report.parent / "report.json").read_text())
                done[name] = Finished(settings, frames(reader), told)
        return done[name]

    return of


OTHERS = [name for name in PLACES if name != "duckdb"]


@pytest.mark.parametrize("name", OTHERS)
def test_all_tables_are_equal_row_for_row(finish, name):
    expected = finish("duckdb")
    filled = {name for name, rows in expected.tables.items() if rows.num_rows}
    assert filled >= {"core.posts", "core.post_metrics", "marts.creator_engagement", "marts.tier_comparison"}
    assert filled >= {"core.orders", "core.attributions", "core.placements", "marts.campaign_conversions"}
    assert differences(finish(name).tables, expected.tables) == []


@pytest.mark.parametrize("name", OTHERS)
def test_the_report_is_the_same_but_for_the_engines_name(finish, name):
    expected, found = json.dumps(finish("duckdb").report), json.dumps(finish(name).report)
    assert f'"{name}"' in found
    assert _without_names(found, name, finish(name)) == _without_names(expected, "duckdb", finish("duckdb"))


@pytest.mark.parametrize("name", PLACES)
def test_a_rebuilt_warehouse_equals_the_original(finish, landed, tmp_path, name):
    original = finish(name)
    empty = PLACES[name](tmp_path / "home")
    _fill(landed, empty)
    rebuild(empty)
    with open_reader(empty) as reader:
        found = frames(reader)
    by_reports = {one.full_name for one in kept_tables()}
    written = {one: rows for one, rows in original.tables.items() if one not in by_reports}
    assert differences(found, written) == []
    rebuild(original.settings)
    with open_reader(original.settings) as reader:
        assert differences(frames(reader), original.tables) == []


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_replayed_and_forgotten_changes_every_engine_alike(landed, tmp_path, name):
    home = tmp_path / "home"
    shutil.copytree(landed.home, home, ignore=shutil.ignore_patterns("warehouse.duckdb*", "published*"))
    settings = PLACES[name](home)
    rebuild(settings)
    with open_reader(settings) as reader:
        before = frames(reader)
    account = max(before["core.accounts"].column("account_key").to_pylist())
    assert forget(settings, account)["rows"]
    assert replay(settings)["files"] > 0
    build(settings)
    assert erase_leftovers(settings) == 0
    with open_reader(settings) as reader:
        after = frames(reader)
    assert account not in after["core.accounts"].column("account_key").to_pylist()
    assert after["core.posts"].num_rows < before["core.posts"].num_rows
    other = PLACES["duckdb"](home)
    rebuild(other)
    with open_reader(other) as reader:
        assert differences(after, frames(reader)) == []


@pytest.mark.parametrize("name", PLACES)
def test_the_command_line_queries_it(finish, name):
    settings = finish(name).settings
    sql = "SELECT count(*) AS posts, min(published_at) AS first FROM core.posts"
    asked = subprocess.run(
        [sys.executable, "-m", "creator_tiers.cli", "query", sql, "--format", "json"],
        env={**os.environ, **environment(settings)},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    [row] = json.loads(asked.stdout)
    assert row["posts"] > 100
    assert row["first"].endswith("Z")


KILLED = """
import os, signal, sys
from creator_tiers.settings import load_settings
from creator_tiers.warehouse.build import build
def tell(done, total, name):
    if name == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
build(load_settings(), tell)
"""

# On Spark a build takes its time, and until the end it has written only files that nothing names: the last step tells.
KILLS = [
    *((name, "stage.changed_posts") for name in PLACES if name != "spark"),
    *((name, "ops.validation_results") for name in PLACES),
]


@pytest.mark.kill
@pytest.mark.parametrize(("name", "step"), KILLS)
def test_a_killed_load_leaves_nothing_half(landed, tmp_path, name, step):
    settings = PLACES[name](tmp_path / "home")
    _fill(landed, settings, some=True)
    build(settings)
    with open_reader(settings) as reader:
        before = frames(reader)
    _fill(landed, settings)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step],
        env={**os.environ, **environment(settings)},
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    with open_reader(settings) as reader:
        assert differences(frames(reader), before) == []
    assert build(settings).published
    whole = PLACES["duckdb"](tmp_path / "whole")
    _fill(landed, whole)
    build(whole)
    with open_reader(settings) as reader, open_reader(whole) as other:
        assert differences(frames(reader), frames(other)) == []


def _fill(landed: Landed, settings: Settings, *, some: bool = False) -> None:
    """Copy the lake; with `some`, what had been observed two weeks before the end."""
    if not some:
        shutil.copytree(landed.home / "lake", settings.lake, dirs_exist_ok=True)
        return
    lake, into = Lake(landed.home / "lake"), Lake(settings.lake)
    until = landed.week.ends_at - timedelta(days=14)
    shutil.copytree(landed.home / "lake", settings.lake, ignore=shutil.ignore_patterns("manifests"))
    for one in lake.manifests():
        if one.observed_at is not None and one.observed_at < until:
            into.commit(one)


def _without_names(report: str, name: str, finished: Finished) -> str:
    run_id = finished.report["run_id"]
    return report.replace(f'"{name}"', '"engine"').replace(run_id, "run").replace(name, "engine")
