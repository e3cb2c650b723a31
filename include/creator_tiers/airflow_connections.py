"""Connections that Airflow keeps, for code that also runs without Airflow."""

from __future__ import annotations

import sys
from typing import Any


def find_connection(name: str) -> Any:
    """The Airflow connection of this name; None where there is none, or outside of Airflow's tasks.

    Airflow is asked inside one of its tasks only: elsewhere its connections cannot be read, or cost seconds.
    """
    if not in_task():
        return None
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(name)
    except AirflowNotFoundException:
        return None


def in_task() -> bool:
    """Whether this runs inside a task of Airflow."""
    if "airflow.sdk" not in sys.modules:
        return False
    from airflow.sdk import get_current_context

    try:
        get_current_context()
    except RuntimeError:
        return False
    return True
