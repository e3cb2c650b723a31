"""A way into the state store: the mail outbox, and the lock of Spark's writers."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from creator_tiers.errors import ContractError

_PATIENCE = 30
"""Seconds that SQLite waits for another process's write."""


def open_state(url: str) -> sa.Engine:
    """Open the store that an SQLAlchemy URL names. Nothing is asked of it yet; an SQLite file's folder is made.

    Raises:
        ContractError: the URL names no store that this installation knows.
        OSError: the folder of an SQLite file cannot be made.
    """
    file = state_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    address = _address(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    try:
        return sa.create_engine(
            address, poolclass=sa.NullPool, connect_args={"timeout": _PATIENCE} if is_sqlite else {}
        )
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise _no_store(address.render_as_string(hide_password=True)) from error


def state_file(url: str) -> Path | None:
    """The SQLite file that a URL names; None where it names a server, or memory.

    Raises:
        ContractError: it is no URL.
    """
    address = _address(url)
    is_file = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    return Path(str(address.database)) if is_file else None


def _address(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise _no_store(url.partition(":")[0] + ":..." if "@" in url else url) from error


def _no_store(shown: str) -> ContractError:
    return ContractError(
        f"CREATOR_TIERS_STATE={shown!r} names no store that can be opened; write it like "
        "sqlite:////path/to/state.sqlite or postgresql+psycopg://user:password@host:5432/database, or unset it for the "
        "file in the home"
    )
