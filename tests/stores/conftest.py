"""A bucket, and settings whose landing zone and lake lie in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from creator_tiers.settings import Settings, load_settings
from tests.stores import server


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with server.running() as endpoint:
        server.make_bucket(endpoint)
        yield endpoint


@pytest.fixture
def access(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The endpoint, with credentials for it in the environment."""
    for name, value in server.environment(endpoint).items():
        monkeypatch.setenv(name, value)
    return endpoint


@pytest.fixture
def prefix(access: str) -> str:  # noqa: ARG001
    """A place in the bucket that is this test's own."""
    return f"s3://{server.BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture
def remote(prefix: str, tmp_path: Path) -> Settings:
    return settings_of(prefix, tmp_path / "home")


def settings_of(prefix: str, home: Path) -> Settings:
    return load_settings(environment_of(prefix, home))


def environment_of(prefix: str, home: Path) -> dict[str, str]:
    return {
        "CREATOR_TIERS_HOME": str(home),
        "CREATOR_TIERS_LANDING": f"{prefix}/landing",
        "CREATOR_TIERS_LAKE": f"{prefix}/lake",
        "CREATOR_TIERS_HASH_KEY": "a key of the tests",
    }
