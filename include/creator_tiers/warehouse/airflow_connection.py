"""The warehouse that an Airflow connection names, where the environment names none."""

from __future__ import annotations

import sys

from creator_tiers.settings import Settings
from creator_tiers.warehouse.errors import WarehouseError

CONNECTION = "creator_tiers_warehouse"


def warehouse_url(settings: Settings) -> str:
    """The URL of the warehouse in use: the settings' own, else the Airflow connection's, else the file in the home.

    Airflow is asked inside one of its tasks only: elsewhere its connections cannot be read, or cost seconds.

    Raises:
        WarehouseError: the connection is of a kind that names no warehouse.
    """
    is_default = settings.warehouse_url == f"duckdb:///{settings.home / 'warehouse.duckdb'}"
    if not is_default or not _in_task():
        return settings.warehouse_url
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException:
        return settings.warehouse_url
    if found.conn_type != "postgres":
        raise WarehouseError(
            f"the Airflow connection {CONNECTION} is of the type {found.conn_type!r}; make it a Postgres connection, "
            "or remove it and set CREATOR_TIERS_WAREHOUSE"
        )
    import sqlalchemy as sa

    options = {name: str(value) for name, value in found.extra_dejson.items() if name.startswith("ssl")}
    url = sa.URL.create(
        "postgresql+psycopg", found.login, found.password, found.host, found.port, found.schema, options
    )
    return url.render_as_string(hide_password=False)


def _in_task() -> bool:
    if "airflow.sdk" not in sys.modules:
        return False
    from airflow.sdk import get_current_context

    try:
        get_current_context()
    except RuntimeError:
        return False
    return True
