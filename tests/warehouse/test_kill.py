"""A build killed half-way leaves the tables as they were, and the next one finishes the work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from creator_tiers.warehouse.build import build

from .contents import published
from .lakes import T0, land
from .test_build import WEEK, post

pytestmark = pytest.mark.kill

KILLED = """
import os, signal, sys
from creator_tiers.settings import load_settings
from creator_tiers.warehouse import build as module, duckdb_engine

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

where = sys.argv[1]
if where == "before publishing":
    duckdb_engine.DuckDBWarehouse.publish = die
elif where == "while publishing":
    duckdb_engine.os.fsync = die
module.build(load_settings(), lambda done, total, name: die() if name == where else None)
"""


@pytest.mark.parametrize(
    "where", ["core.post_metrics", "ops.validation_results", "before publishing", "while publishing"]
)
def test_a_killed_build_is_finished_by_the_next(settings, lake, where):
    land(lake, "a", posts=[post(1), post(2)])
    build(settings)
    before = published(settings)
    land(lake, "b", loaded_at=T0 + WEEK, observed_at=T0 + WEEK, posts=[post(2, likes=3), post(3)])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, where],
        env={**os.environ, "CREATOR_TIERS_HOME": str(settings.home)},
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert published(settings) == before
    assert build(settings).published
    after = published(settings)
    assert len(after["core.posts"]) == 3
    assert len(after["core.post_metrics"]) == 4
    assert not list(settings.home.glob("*.unfinished"))
    assert not build(settings).published
