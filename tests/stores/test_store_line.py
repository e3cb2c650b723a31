"""Samples from landing to warehouse: in a bucket as in folders, and by Airflow with a connection of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from creator_tiers.ingestion import ingest, loading, plan
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake import open_lake
from creator_tiers.samples.generate import write_samples
from creator_tiers.settings import Settings, load_settings
from creator_tiers.stores import Entry, open_store
from creator_tiers.warehouse.build import build
from tests.ingestion.landings import drop, videos
from tests.stores import server
from tests.stores.conftest import environment_of
from tests.warehouse.contents import published

pytestmark = pytest.mark.e2e

STAMP = "2026-11-20T00:00:00.000000Z"
REPOSITORY = Path(__file__).resolve().parents[2]


def load(settings: Settings) -> None:
    for batch in plan(settings):
        ingest(settings, {**batch, "stamp": STAMP})
    build(settings)


def lasting(settings: Settings) -> list[Entry]:
    """The objects of the lake but the plans, which go when they are finished."""
    return [one for one in open_lake(settings).store.entries() if not one.name.startswith("plans/")]


def test_the_same_tables_as_in_folders(
    remote: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))
    key = {"CREATOR_TIERS_HASH_KEY": str(remote.hash_key)}
    local = load_settings({"CREATOR_TIERS_HOME": str(tmp_path / "local"), **key})
    write_samples(local.landing, creators=3, weeks=6)
    store = open_store(str(remote.landing_url), remote)
    files = [path for path in local.landing.rglob("*") if path.is_file()]
    store.write_many({path.relative_to(local.landing).as_posix(): path.read_bytes() for path in files})
    for entry in store.entries():  # a file that does not tell its day was observed when it was modified
        os.utime(local.landing / entry.name, (entry.modified_at.timestamp(),) * 2)

    load(local)
    load(remote)

    expected, found = published(local), published(remote)
    assert [name for name in expected if found[name] != expected[name]] == []
    assert sum(map(len, found.values())) > 100
    written = lasting(remote)
    load(remote)
    assert lasting(remote) == written
    assert published(remote) == expected


def test_airflow_reads_with_its_connection(
    endpoint: str, prefix: str, remote: Settings, tmp_path: Path
) -> None:
    drop(remote, "youtube/a/a.csv", videos(1, 2))
    login, password = server.ACCESS.values()
    extra = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AIRFLOW__"))}
    env |= environment_of(prefix, tmp_path / "worker") | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_CONN_CREATOR_TIERS_STORE": json.dumps(
            {"conn_type": "aws", "login": login, "password": password, "extra": extra}
        ),
    }

    _airflow(env, "db", "migrate")
    said = _airflow(env, "dags", "test", "ingest_exports")

    [found] = open_lake(remote).manifests()
    assert (found.status, found.rows_accepted) == ("loaded", 2)
    assert password not in said


def _airflow(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "airflow", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr
