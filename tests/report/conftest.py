"""One rendering of each planted report, shared by the tests; nobody writes into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_tiers.report import ReportFiles, ReportModel, build_model, render
from tests.report import planted as inputs

Rendered = tuple[ReportModel, ReportFiles]


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return _rendered(build_model(inputs.planted()), tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return _rendered(build_model(inputs.hostile()), tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return _rendered(build_model(inputs.nothing()), tmp_path_factory.mktemp("nothing"))


def _rendered(model: ReportModel, folder: Path) -> Rendered:
    return model, render(model, folder)
