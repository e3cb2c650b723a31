"""Every engine in turn, and one table of results for all."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from creator_tiers.settings import Settings
from creator_tiers.warehouse import postgres_engine
from tests.engines.places import PLACES


@pytest.fixture(params=sorted(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings for a home of the test's own and an empty warehouse on an engine."""
    return PLACES[request.param](tmp_path / "home")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers that do not wait long for another one."""
    monkeypatch.setattr(postgres_engine, "WAIT", timedelta(seconds=0.3))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The parity tests, which take longest and one after the other, begin first, so that no worker waits for them."""
    items.sort(key=lambda item: "test_parity.py" not in item.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say for each engine what passed, failed and was skipped."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            path, _, rest = report.nodeid.partition("::")
            named = re.search(rf"\[(?:.*-)?({'|'.join(PLACES)})(?:-.*)?\]", rest)
            own = re.search(rf"test_({'|'.join(PLACES)})", path)
            if found := named or own:
                counted.setdefault((path, found[1]), Counter())[outcome] += 1
    if not counted:
        return
    paths = sorted({path for path, _ in counted})
    wide = max(map(len, paths))
    terminalreporter.section("engines")
    terminalreporter.write_line(f"{'':{wide}}  " + "".join(f"{name:24}" for name in PLACES))
    for path in paths:
        cells = (counted.get((path, name), Counter()) for name in PLACES)
        said = (", ".join(f"{number} {outcome}" for outcome, number in cell.items()) for cell in cells)
        terminalreporter.write_line(f"{path:{wide}}  " + "".join(f"{cell or '-':24}" for cell in said))
