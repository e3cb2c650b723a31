"""The configuration and environment of the local Airflow."""

from __future__ import annotations

import configparser
import stat
from pathlib import Path

import pytest

from creator_tiers.airflow_local.home import MARKER, AirflowHome
from creator_tiers.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture
def home(settings: Settings) -> AirflowHome:
    home = AirflowHome(settings)
    home.write()
    return home


def _config(home: AirflowHome) -> configparser.ConfigParser:
    config = configparser.ConfigParser(interpolation=None)
    config.read(home.root / "airflow.cfg")
    return config


def test_secrets_are_private_and_kept(home: AirflowHome) -> None:
    before, password = _config(home), home.password
    home.write()
    after = _config(home)
    for section, option in (("core", "fernet_key"), ("api", "secret_key"), ("api_auth", "jwt_secret")):
        assert len(after[section][option]) >= 32
        assert after[section][option] == before[section][option]
    assert home.password == password
    for name in ("airflow.cfg", "passwords.json"):
        assert stat.S_IMODE((home.root / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_two_homes_share_no_secret(home: AirflowHome, tmp_path: Path, settings: Settings) -> None:
    from dataclasses import replace

    other = AirflowHome(replace(settings, home=tmp_path / "other"))
    other.write()
    assert other.password != home.password
    assert _config(other)["api_auth"]["jwt_secret"] != _config(home)["api_auth"]["jwt_secret"]


def test_the_dags_are_those_of_this_repository(home: AirflowHome) -> None:
    dags = Path(_config(home)["core"]["dags_folder"])
    assert (dags / "ingest_exports.py").is_file()
    assert _config(home)["core"]["load_examples"] == "False"
    assert _config(home)["api"]["host"] == "127.0.0.1"


def test_environment_keeps_connections_and_drops_another_airflow(home: AirflowHome) -> None:
    given = {
        "PATH": "/usr/bin",
        "AIRFLOW_HOME": "/somewhere/else",
        "AIRFLOW_CONFIG": "/somewhere/else/airflow.cfg",
        "AIRFLOW__CORE__DAGS_FOLDER": "/somewhere/else/dags",
        "AIRFLOW_CONN_CREATOR_TIERS_SMTP": "smtp://localhost:25",
        "HTTP_PROXY": "http://proxy:3128",
        "NO_PROXY": "intranet",
    }
    env = home.environment(given, port=4711, runner="r1", on_request=True)
    assert env["AIRFLOW_HOME"] == str(home.root)
    assert "AIRFLOW_CONFIG" not in env
    assert "AIRFLOW__CORE__DAGS_FOLDER" not in env
    assert env["AIRFLOW_CONN_CREATOR_TIERS_SMTP"] == "smtp://localhost:25"
    assert env["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:4711/execution/"
    assert env[MARKER] == "r1"
    assert env["PATH"].endswith(":/usr/bin")


def test_metadata_of_another_airflow_version_is_migrated_again(home: AirflowHome) -> None:
    assert not home.is_migrated()
    home.database.touch()
    home.stamp.write_text("3.0.0")
    assert not home.is_migrated()
