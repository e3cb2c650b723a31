"""The database goes down in the middle of a build, or is away: told clearly, worth another try, nothing half done."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from creator_tiers.lake import Lake
from creator_tiers.orchestration import RETRY_POLICY
from creator_tiers.settings import Settings
from creator_tiers.warehouse.build import build
from creator_tiers.warehouse.errors import WarehouseUnreachableError
from tests.engines.places import postgresql
from tests.warehouse.contents import published
from tests.warehouse.lakes import T0, land
from tests.warehouse.test_build import WEEK, post

pytestmark = pytest.mark.kill


def administrator(settings: Settings) -> psycopg.Connection:
    address = sa.make_url(settings.warehouse_url).set(drivername="postgresql")
    return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)


def writer(settings: Settings) -> int:
    with administrator(settings) as connection:
        [(pid,)] = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'creator-tiers writer'"
            " AND datname = current_database()"
        ).fetchall()
    return int(pid)


def end_the_connection(settings: Settings) -> None:
    """As a server does that is shut down in an orderly way."""
    with administrator(settings) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (writer(settings),))


def crash_the_server(settings: Settings) -> None:
    """One server process killed: PostgreSQL ends all the others, as a witness sees, and recovers from its log."""
    killed = writer(settings)
    with contextlib.closing(administrator(settings)) as witness:
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            witness.execute("SELECT pg_sleep(30)")


def wait_for_the_server(settings: Settings) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            administrator(settings).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize("step", ["core.post_metrics", "marts.creator_engagement", "ops.validation_results"])
@pytest.mark.parametrize("harm", [end_the_connection, crash_the_server])
def test_a_database_that_goes_down_mid_load_loses_and_doubles_nothing(
    harm: Callable[[Settings], None], step: str, tmp_path: Path
) -> None:
    settings, whole = postgresql(tmp_path / "home"), postgresql(tmp_path / "whole")
    for one in (settings, whole):
        land(Lake(one.lake), "a", posts=[post(1), post(2)])
    build(settings)
    before = published(settings)
    for one in (settings, whole):
        land(
            Lake(one.lake), "b", loaded_at=T0 + WEEK, observed_at=T0 + WEEK, posts=[post(2, likes=3), post(3)]
        )

    with pytest.raises(WarehouseUnreachableError, match=r"terminat|closed|connection|recovery|crash") as told:
        build(settings, lambda _done, _total, name: harm(settings) if name == step else None)
    wait_for_the_server(settings)

    assert RETRY_POLICY.evaluate(told.value, try_number=1, max_tries=2).action.value == "retry"
    assert published(settings) == before, "readers see something half done"
    build(settings)
    build(whole)
    assert published(settings) == published(whole)


def test_a_database_that_is_away_names_where_and_no_password(tmp_path: Path) -> None:
    settings = replace(
        postgresql(tmp_path / "home"), warehouse_url="postgresql+psycopg://u:hidden@127.0.0.1:9/creator_tiers"
    )
    with pytest.raises(WarehouseUnreachableError, match=r"u:\*\*\*@127\.0\.0\.1:9/creator_tiers") as told:
        build(settings)
    assert "hidden" not in str(told.value)
