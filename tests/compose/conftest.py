"""One stack a shape, for all tests of the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.compose.shapes import SHAPES, Ran
from tests.compose.stack import Stack


@pytest.fixture(scope="session", params=list(SHAPES))
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    landing = tmp_path_factory.mktemp("compose") / "landing"
    landing.mkdir()
    for folder in (landing, *landing.parents[:2]):
        folder.chmod(0o755)
    stack = Stack(landing, SHAPES[request.param])
    try:
        stack.up()
        done = Ran(request.param, stack, landing)
        done.go()
        yield done
    finally:
        stack.down()
