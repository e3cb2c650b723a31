"""Airflow's `airflow_local_settings` in the local home, where this file is copied to at each start."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Connection, Engine, event

SQLITE = {"timeout": 60}
"""Seconds that a process of Airflow waits while another writes the metadata."""


@event.listens_for(Engine, "savepoint")
def begin_before_savepoint(connection: Connection, _name: str) -> None:
    """Let a savepoint stand inside a transaction that may write.

    Python's SQLite driver begins none by itself before a SAVEPOINT. The savepoint then reads a snapshot, and its first
    write fails with "database is locked" at once when another process has written since: `airflow backfill create`
    did so beside a busy scheduler.
    """
    if connection.dialect.name == "sqlite" and not _in_transaction(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def dag_policy(dag: Any) -> None:
    """While the runner drives the DAGs, none of them starts by the clock. Assets still start them."""
    from airflow.sdk import DAG
    from airflow.sdk.definitions.timetables.assets import AssetTriggeredTimetable

    if os.environ.get("CREATOR_TIERS_ON_REQUEST") == "1" and not isinstance(
        dag.timetable, AssetTriggeredTimetable
    ):
        dag.timetable = DAG("never", schedule=None, auto_register=False).timetable


def _in_transaction(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.in_transaction)
