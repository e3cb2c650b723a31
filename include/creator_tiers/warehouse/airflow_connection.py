"""The warehouse that an Airflow connection names, where the environment names none."""

from __future__ import annotations

from creator_tiers.airflow_connections import find_connection
from creator_tiers.settings import Settings
from creator_tiers.warehouse.errors import WarehouseError

CONNECTION = "creator_tiers_warehouse"


def warehouse_url(settings: Settings) -> str:
    """The URL of the warehouse in use: the settings' own, else the Airflow connection's, else the file in the home.

    Raises:
        WarehouseError: the connection is of a kind that names no warehouse.
    """
    is_default = settings.warehouse_url == f"duckdb:///{settings.home / 'warehouse.duckdb'}"
    if not is_default:
        return settings.warehouse_url
    found = find_connection(CONNECTION)
    if found is None:
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
