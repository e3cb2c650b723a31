"""What the compose file and the image promise, read from their texts: no secret, no root, limits, pins, settings."""

from __future__ import annotations

import importlib.util
import json
import re
import stat
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from creator_tiers.pools import INGEST_POOL, POOLS, WAREHOUSE_POOL

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
ONCE = {"secrets", "airflow-init", "cli"}
PROFILES = {
    "celery": {"redis", "airflow-worker-1", "airflow-worker-2"},
    "spark": {"spark-master", "spark-worker-1", "spark-worker-2"},
    "cli": {"cli"},
}
USUAL = {
    "secrets", "postgres", "mailpit", "airflow-init", "airflow-api-server", "airflow-scheduler",
    "airflow-dag-processor", "airflow-triggerer",
}  # fmt: skip


def script(name: str) -> ModuleType:
    """A script of the image, as a module."""
    found = importlib.util.spec_from_file_location(f"docker_{name}", ROOT / "docker" / f"{name}.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_services_and_their_profiles() -> None:
    by_profile = {
        name: {s for s, one in SERVICES.items() if name in one.get("profiles", [])} for name in PROFILES
    }
    assert by_profile == PROFILES
    assert {name for name, one in SERVICES.items() if "profiles" not in one} == USUAL


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_bounded_unprivileged_and_read_only(name: str) -> None:
    one = SERVICES[name]
    assert one["user"].split(":")[0] not in ("0", "root")
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in one
    assert one["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert not {"privileged", "network_mode"} & set(one) - ({"network_mode"} if name == "secrets" else set())
    if name not in ONCE:
        assert one["healthcheck"]["test"][0] == "CMD"
    for port in one.get("ports", []):
        assert port.startswith("127.0.0.1:"), "a port is open to the network"
    for volume in one.get("volumes", []):
        source, _, place = volume.partition(":/")
        is_bind = source.startswith((".", "${LANDING_FOLDER"))
        assert source in FILE["volumes"] or place.endswith(":ro") or not is_bind, volume


def test_every_image_has_a_tag_and_the_program_is_pinned() -> None:
    for one in SERVICES.values():
        image = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", one["image"])
        assert re.fullmatch(r"[a-z/-]+:v?\d[\w.-]*", image), image
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "requirements.txt requirements-production.txt" in dockerfile
    airflow = re.search(r"^apache-airflow==(.*)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert airflow
    assert f"ARG AIRFLOW_IMAGE=apache/airflow:{airflow[1]}-python3.11" in dockerfile
    pins = {
        name: dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("requirements", "requirements-production", "requirements-spark")
    }
    for more in ("requirements-production", "requirements-spark"):
        shared = pins["requirements"].keys() & pins[more].keys()
        assert {name: pins[more][name] for name in shared} == {
            name: pins["requirements"][name] for name in shared
        }


def test_no_secret_stands_in_the_files() -> None:
    for name, value in re.findall(r"^\s*#? ?(\w*(?:PASSWORD|SECRET|KEY)\w*)[:=] ?(.*)$", TEXT, re.MULTILINE):
        assert value.startswith(("${" + name + ":-}", "cat /var/lib", "/run/creator-tiers/")), name
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert not [line for line in example.splitlines() if line and not line.startswith("#")]
    for value in re.findall(r"^# \w*(?:PASSWORD|SECRET|KEY)\w*=(.*)$", example, re.MULTILINE):
        assert not value
    for url in re.findall(r"\w+(?:\+\w+)?://[^@\s}]+@", TEXT):
        assert ":" not in url.partition("://")[2], f"{url} holds a password"


def test_every_setting_of_the_program_can_be_set() -> None:
    settings = (ROOT / "include" / "creator_tiers" / "settings.py").read_text(encoding="utf-8")
    known = set(re.findall(r'"(CREATOR_TIERS_[A-Z_]+)"', settings)) - {"CREATOR_TIERS_HOME"}
    assert known <= set(SERVICES["airflow-scheduler"]["environment"])


def test_every_variable_of_the_file_is_optional() -> None:
    """`docker compose up` needs no .env; and Compose 1.29 knows no nested defaults."""
    assert not re.findall(r"\$\{\w+\}|\$\{\w+:?\?|\$\{\w+:\+|:-[^}]*\$\{", TEXT)


def test_the_pools_follow_the_executors_slots_but_never_the_writers() -> None:
    pools = script("pools").pools
    assert {name: one["slots"] for name, one in pools(None).items()} == {
        n: slots for n, (slots, _) in POOLS.items()
    }
    wide = pools("12")
    assert (wide[INGEST_POOL]["slots"], wide[WAREHOUSE_POOL]["slots"]) == (12, 1)
    json.dumps(wide)


def test_secrets_are_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = script("make_secrets")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setenv("AIRFLOW_DB_PASSWORD", "a:b\\c")
    for folder in ("servers", "airflow"):
        (tmp_path / folder).mkdir()
    module.main()
    made = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) == len(module.LOGINS) + len(module.AIRFLOW) + 1
    assert len(set(made.values())) == len(made)
    assert made[tmp_path / "servers" / "airflow"] == "a:b\\c"
    assert "*:*:*:airflow:a\\:b\\\\c\n" in made[tmp_path / "airflow" / "pgpass"]
    for path in (tmp_path / "airflow").iterdir():
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, f"{path.name} is open to others"
    monkeypatch.setenv("AIRFLOW_DB_PASSWORD", "other")
    module.main()
    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == made
