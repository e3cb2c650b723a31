"""The time of each stage."""

from __future__ import annotations

import pytest

from creator_tiers.airflow_local.stages import Stages

pytestmark = pytest.mark.unit


def test_each_stage_has_its_own_time_and_all_have_the_sum() -> None:
    moments = iter([10.0, 22.5, 23.0])
    stages = Stages(lambda: next(moments))
    stages.done("ingest")
    stages.done("build")

    assert stages.lines() == ["    12.5 s  ingest", "     0.5 s  build", "    13.0 s  in all"]
