"""What the local Airflow is told beyond its configuration file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from creator_tiers.airflow_local import local_settings

pytestmark = pytest.mark.contract


def test_a_savepoint_is_not_shut_out_by_another_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'metadata.db'}"
    ours, theirs = sa.create_engine(url), sa.create_engine(url, connect_args={"timeout": 0.05})
    with ours.begin() as setup:
        setup.exec_driver_sql("PRAGMA journal_mode=WAL")
        setup.exec_driver_sql("CREATE TABLE runs (id INTEGER)")
    with ours.connect() as connection:
        savepoint = connection.begin_nested()
        assert connection.exec_driver_sql("SELECT count(*) FROM runs").scalar() == 0
        with theirs.connect() as other, pytest.raises(sa.exc.OperationalError, match="locked"):
            other.exec_driver_sql("INSERT INTO runs VALUES (2)")
        connection.exec_driver_sql("INSERT INTO runs VALUES (1)")
        savepoint.commit()
        connection.commit()
    with theirs.connect() as other:
        assert other.exec_driver_sql("SELECT count(*) FROM runs").scalar() == 1


@pytest.mark.parametrize(("on_request", "is_scheduled"), [("1", False), ("0", True), ("", True)])
def test_the_clock_starts_nothing_while_the_runner_drives(
    monkeypatch: pytest.MonkeyPatch, on_request: str, is_scheduled: bool
) -> None:
    from airflow.sdk import DAG, Asset

    monkeypatch.setitem(os.environ, "CREATOR_TIERS_ON_REQUEST", on_request)
    weekly: Any = DAG("weekly", schedule="@weekly", auto_register=False)
    fed: Any = DAG("fed", schedule=[Asset("x")], auto_register=False)
    for dag in (weekly, fed):
        local_settings.dag_policy(dag)
    assert weekly.timetable.can_be_scheduled is is_scheduled
    assert fed.timetable.can_be_scheduled
