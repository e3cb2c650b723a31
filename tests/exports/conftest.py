"""One workbench for all tests of cells: they leave nothing in it that another would see."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from creator_tiers.exports.workbench import workbench


@pytest.fixture(scope="session")
def cells() -> Iterator[duckdb.DuckDBPyConnection]:
    with workbench(threads=1) as connection:
        yield connection
