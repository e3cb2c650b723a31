"""A way into the store that a URL names, with the credentials that there are."""

from __future__ import annotations

from typing import Any

from creator_tiers.airflow_connections import find_connection, in_task
from creator_tiers.settings import DEFAULT_STORE_CONNECTION, Settings
from creator_tiers.stores.objects import PART_BYTES, ObjectStore
from creator_tiers.stores.store import StoreRefusedError

_ENVIRONMENT = "the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE, the machine's role)"
_PATIENCE = {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 2, "mode": "standard"}}
"""Seconds, and tries of each request; s3fs tries five times on top."""


def open_store(url: str, settings: Settings) -> ObjectStore:
    """Open the store of a URL such as `s3://bucket/prefix`. Nothing is asked of it yet.

    The credentials are those of the Airflow connection `settings.store_connection` inside a task of Airflow, where
    there is one; else what the store's own library finds in the environment.

    Raises:
        StoreRefusedError: fsspec knows no such store, it needs more than a URL, or the connection cannot be used.
    """
    import fsspec

    protocol = url.partition("://")[0]
    options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    credentials = _ENVIRONMENT
    if protocol in ("s3", "s3a"):
        found = find_connection(settings.store_connection)
        if found is not None:
            options |= connection_options(found)
            credentials = f"the Airflow connection {settings.store_connection}"
        elif settings.store_connection != DEFAULT_STORE_CONNECTION and in_task():
            raise StoreRefusedError(
                f"{url}: there is no Airflow connection {settings.store_connection}; create it, or unset "
                "CREATOR_TIERS_STORE_CONNECTION"
            )
        options |= {"default_block_size": PART_BYTES, "max_concurrency": 4, "config_kwargs": _PATIENCE}
    try:
        filesystem = fsspec.filesystem(protocol, **options)
    except (ImportError, ValueError, TypeError) as error:  # the last: it must be told more than a URL
        raise StoreRefusedError(f"{url}: no store {protocol}:// can be opened here ({error})") from None
    return ObjectStore(url, filesystem, credentials)


def connection_options(connection: Any) -> dict[str, Any]:
    """What s3fs must be told of an Airflow connection of the type `aws`.

    Raises:
        StoreRefusedError: the connection is of another type, or asks for a role to be assumed.
    """
    name = connection.conn_id
    if connection.conn_type not in ("aws", "s3"):
        raise StoreRefusedError(
            f"the Airflow connection {name} is of the type {connection.conn_type!r}; make it one of the type 'aws'"
        )
    extra = connection.extra_dejson
    if extra.get("role_arn"):
        raise StoreRefusedError(
            f"the Airflow connection {name} has a role_arn, which is not supported: name a profile that assumes the "
            "role (profile_name, ~/.aws/config), or give the machine the role"
        )
    client = {"region_name": extra.get("region_name"), "verify": extra.get("verify")}
    service = extra.get("service_config", {}).get("s3", {})
    options = {
        "key": connection.login or extra.get("aws_access_key_id"),
        "secret": connection.password or extra.get("aws_secret_access_key"),
        "token": extra.get("aws_session_token"),
        "profile": extra.get("profile_name"),
        "endpoint_url": service.get("endpoint_url") or extra.get("endpoint_url"),
        "client_kwargs": {key: value for key, value in client.items() if value is not None},
    }
    return {key: value for key, value in options.items() if value}
