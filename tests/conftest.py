"""What every test shares: a marker each, no network, a home of its own, the same examples each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from creator_tiers.settings import Settings, load_settings

MARKERS = frozenset(
    {"unit", "sql", "property", "contract", "dag", "e2e", "kill", "browser", "compose", "specimens"}
)
PURE = frozenset({"unit", "property"})
LONGEST_CASE_NAME = 60
HERE = ["127.0.0.1", "::1", "localhost"]

# The same examples on every machine: a test that fails only now and then tells nobody what to mend.
hypothesis_settings.register_profile(
    "creator_tiers",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("creator_tiers")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long fifty readers read in tests/operations/test_readers.py."""
    parser.addoption("--reader-seconds", type=float, default=5.0, help="how long the concurrent readers read")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests without a marker; close the network for pure tests, and all of it but this machine for the rest."""
    unmarked = []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()} & MARKERS
        if not marks:
            unmarked.append(item.nodeid)
        elif marks <= PURE:
            item.add_marker(pytest.mark.disable_socket)
        else:
            item.add_marker(pytest.mark.allow_hosts(HERE))
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if "spark" in parameters or "/test_spark" in item.nodeid:
            cases = "bench" in getattr(item, "fixturenames", ())
            item.add_marker(
                pytest.mark.xdist_group("spark-cases" if cases else "spark")
            )  # one Spark each, no more
    if unmarked:
        raise pytest.UsageError(
            f"these tests have no marker; give each one of {', '.join(sorted(MARKERS))}:\n  "
            + "\n  ".join(unmarked)
        )


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a long case by its argument and a number: an archive holds the time of day, and workers must agree."""
    return argname if isinstance(val, str | bytes) and len(val) > LONGEST_CASE_NAME else None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home is this test's own and not made yet; the machine's environment is not read."""
    return load_settings({"CREATOR_TIERS_HOME": str(tmp_path / "home")})
