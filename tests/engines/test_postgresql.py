"""What is PostgreSQL's own: roles, readers beside a writer, indexes, waiting, passwords, Airflow's connection."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from creator_tiers import airflow_connections
from creator_tiers.settings import Settings, load_settings
from creator_tiers.tables import table
from creator_tiers.warehouse import (
    Warehouse,
    WarehouseBusyError,
    WarehouseError,
    airflow_connection,
    open_reader,
    open_warehouse,
    postgres_engine,
)
from creator_tiers.warehouse.build import build, rebuild
from creator_tiers.warehouse.errors import WarehouseUnreachableError
from creator_tiers.warehouse.postgres_engine import PostgresWarehouse
from creator_tiers.warehouse.postgres_sql import create_indexes, say
from tests.engines.made_up import DELIVERIES, EVERY_TYPE, STATE, deliveries, held, recipients
from tests.engines.places import postgresql
from tests.engines.postgres_server import USER, url

pytestmark = pytest.mark.contract


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    return postgresql(tmp_path / "home")


@contextmanager
def connected(place: Settings, user: str = USER) -> Iterator[psycopg.Connection]:
    """A connection of somebody's own, past the project."""
    address = sa.make_url(as_user(place, user).warehouse_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def as_user(place: Settings, user: str) -> Settings:
    address = sa.make_url(place.warehouse_url).set(username=user)
    return replace(place, warehouse_url=address.render_as_string(hide_password=False))


def scalar(connection: psycopg.Connection, sql: str) -> object:
    [value] = connection.execute(sql).fetchone()
    return value


@pytest.fixture
def made(place: Settings) -> Settings:
    """A place where something has been built."""
    with open_warehouse(place) as warehouse, warehouse.transaction():
        for one in (STATE, DELIVERIES):
            warehouse.create(one)
        warehouse.load_rows(DELIVERIES, deliveries("a"))
    return place


def test_the_loader_owns_everything_and_the_analyst_reads_it(made):
    with open_warehouse(made) as warehouse:
        warehouse.create(EVERY_TYPE)
        warehouse.create(table("stage.observed_posts"))
    with connected(made) as connection:
        owners = (
            "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname IN ('ops', 'stage')"
        )
        assert scalar(connection, owners) == "creator_tiers_loader"
        connection.execute("SET ROLE creator_tiers_analyst")
        for name in ("ops.report_deliveries", "ops.made_up"):
            connection.execute(f"SELECT * FROM {name}")
            for sql in (f"DELETE FROM {name}", f"DROP TABLE {name}", f"ALTER TABLE {name} ADD COLUMN x int"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM stage.observed_posts")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE ops.mine (a int)")


def test_a_reader_is_the_analyst_and_cannot_become_anybody_else(made):
    with open_reader(made) as reader:
        who = reader.query(
            "SELECT current_user AS who, current_setting('transaction_read_only') AS is_read_only"
        )
        assert who.to_pylist() == [{"who": "creator_tiers_analyst", "is_read_only": "on"}]
        for sql in (
            "SET ROLE creator_tiers_loader",
            "RESET ROLE",
            "SELECT set_config('role', 'none', false)",
            "SELECT \"set_config\"('role', 'none', false)",
            "SELECT U&\"set\\005fconfig\"('role', 'none', false)",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT * FROM pg_ls_dir('/')",
            "SELECT rolpassword FROM pg_authid",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT 1) TO PROGRAM 'true' --",
            "DO $$ BEGIN PERFORM 1; END $$",
            "SELECT 1 INTO ops.mine",
            "SELECT * FROM ops.report_deliveries FOR UPDATE",
            "EXPLAIN ANALYZE DELETE FROM ops.report_deliveries",
            "COMMIT",
        ):
            with pytest.raises(WarehouseError):
                reader.query(sql)
        assert recipients(reader) == ["a"]


ODD_TYPES = """
    SELECT ARRAY[1, 2] AS a, '{"a": 1}'::jsonb AS b, interval '1 day' AS c, 1.50 AS d, now() AS e, NULL AS f,
        'x'::char(3) AS g, 1::smallint AS h, '1e400'::numeric AS i
"""


@pytest.mark.parametrize(
    "sql",
    [
        *("SHOW server_version", "EXPLAIN SELECT 1", "TABLE ops.report_deliveries", "VALUES (1)", ODD_TYPES),
        *("/* why */ SELECT 1 -- because", "(SELECT 1) UNION (SELECT 2)"),
    ],
)
def test_a_reader_answers_in_postgresqls_own_words(made, sql):
    with open_reader(made) as reader:
        assert reader.query(sql).num_rows > 0


def test_a_login_without_any_right_to_roles_can_own_a_warehouse(place):
    with connected(place) as connection:
        connection.execute("DROP ROLE IF EXISTS plain")
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute(f"GRANT CREATE ON DATABASE {connection.info.dbname} TO plain")
    own = as_user(place, "plain")
    assert build(own).published
    assert not build(own).published
    with open_reader(own) as reader:
        assert reader.query("SELECT current_user AS who").to_pylist() == [{"who": "plain"}]
        with pytest.raises(WarehouseError, match="read-only"):
            reader.query("WITH gone AS (DELETE FROM core.posts RETURNING *) SELECT * FROM gone")
    with connected(place) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(WarehouseError, match=r"belongs to the role plain, .*GRANT plain TO stranger"):
        open_warehouse(as_user(place, "stranger"))
    with connected(place) as connection:
        connection.execute("DROP OWNED BY plain CASCADE; DROP ROLE plain; DROP ROLE stranger")


def test_a_member_of_the_loader_writes_what_others_have_made(made):
    with connected(made) as connection:
        connection.execute("DROP ROLE IF EXISTS night_shift")
        connection.execute(
            "CREATE ROLE night_shift LOGIN IN ROLE creator_tiers_loader, creator_tiers_analyst"
        )
    with open_warehouse(as_user(made, "night_shift")) as warehouse:
        warehouse.load_rows(DELIVERIES, deliveries("b"))
    with open_reader(as_user(made, "night_shift")) as reader:
        assert recipients(reader) == ["b"]
    with connected(made) as connection:
        connection.execute("DROP ROLE night_shift")


def test_roles_that_an_administrator_has_made_are_enough(place):
    with connected(place) as connection:
        for role in ("creator_tiers_loader", "creator_tiers_analyst"):
            if not scalar(connection, f"SELECT to_regrole('{role}') IS NOT NULL"):
                connection.execute(f"CREATE ROLE {role} NOLOGIN")
        connection.execute(f"GRANT CREATE ON DATABASE {connection.info.dbname} TO creator_tiers_loader")
        connection.execute("CREATE ROLE pipeline LOGIN IN ROLE creator_tiers_loader, creator_tiers_analyst")
        connection.execute("CREATE ROLE ann LOGIN IN ROLE creator_tiers_analyst")
    assert build(as_user(place, "pipeline")).published
    with open_reader(as_user(place, "ann")) as reader:
        assert reader.query("SELECT count(*) AS n, current_user AS who FROM core.posts").to_pylist() == [
            {"n": 0, "who": "creator_tiers_analyst"}
        ]
    with pytest.raises(WarehouseError, match="ann is no member of it"):
        open_warehouse(as_user(place, "ann"))
    with connected(place) as connection:
        connection.execute("DROP ROLE pipeline; DROP ROLE ann")


def test_readers_and_views_outlive_a_rebuild(place):
    build(place)
    with connected(place) as connection:
        connection.execute("CREATE SCHEMA own")
        connection.execute("CREATE VIEW own.posts AS SELECT post_key FROM core.posts")
        connection.execute("BEGIN; SELECT * FROM core.posts, marts.post_engagement, ops.warehouse_state")
        started = time.monotonic()
        rebuild(place)
        assert time.monotonic() - started < 30
        connection.execute("SELECT * FROM own.posts; COMMIT")
        connection.execute("SELECT * FROM own.posts")


def test_a_view_on_a_table_that_gets_other_columns_is_named(made):
    with connected(made) as connection:
        connection.execute("CREATE SCHEMA own")
        connection.execute("CREATE VIEW own.mails AS SELECT recipient FROM ops.report_deliveries")
    wider = replace(DELIVERIES, columns=(*DELIVERIES.columns, EVERY_TYPE.columns[1]))

    def widen(warehouse: Warehouse) -> None:
        with warehouse.transaction():
            warehouse.drop(wider)
            warehouse.create(wider)

    with open_warehouse(made) as warehouse:
        with pytest.raises(WarehouseError, match=r"view own\.mails depends on"):
            widen(warehouse)
        assert recipients(warehouse) == ["a"]


def test_the_indexes_that_queries_need_are_there(place):
    build(place)
    with connected(place) as connection:
        found = {
            name
            for [name] in connection.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'core'")
        }
    assert {"post_metrics__post_key__observed_at", "post_metrics__load_key", "posts__published_at"} <= found
    described = replace(table("core.posts"), name="a" * 50, indexes=(("account_key", "published_at"),))
    assert all(len(one.split()[5]) <= 63 for one in create_indexes(described))


def test_meanings_are_in_the_database(made):
    with connected(made) as connection:
        said = scalar(connection, "SELECT col_description('ops.report_deliveries'::regclass, 5)")
    assert said == f"{DELIVERIES.column('sent_at').meaning} [UTC]"


def test_a_second_writer_waits(made):
    with held(made) as holder:
        timer = threading.Timer(1, lambda: (holder.stdin.write("\n"), holder.stdin.flush()))
        timer.start()
        started = time.monotonic()
        PostgresWarehouse(made.warehouse_url, timedelta(seconds=60)).close()
        assert 0.5 < time.monotonic() - started < 50
        timer.join()


def test_a_second_writer_does_not_wait_for_ever(made):
    with held(made), pytest.raises(WarehouseBusyError, match=r"waited 0\.2 s"):
        PostgresWarehouse(made.warehouse_url, timedelta(seconds=0.2))


def test_a_connection_that_breaks_off_may_be_tried_again(made):
    end = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'creator-tiers%' AND datname = current_database()
    """

    def write() -> None:
        with open_warehouse(made) as warehouse, warehouse.transaction():
            with connected(made) as connection:
                connection.execute(end)
            warehouse.load_rows(DELIVERIES, deliveries("b"))

    with pytest.raises(WarehouseUnreachableError):
        write()
    with open_reader(made) as reader:
        assert recipients(reader) == ["a"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("postgresql+psycopg://ann:hush@127.0.0.1:1/db", WarehouseUnreachableError),
        ("postgres://ann:hush@127.0.0.1:1/db", WarehouseUnreachableError),
        ("postgresql+psycopg://ann:hush@/db?host=/nowhere", WarehouseUnreachableError),
        ("postgresql+psycopg://ann@127.0.0.1:1/db?password=hush&sslpassword=hush", WarehouseUnreachableError),
        ("postgresql+psycopg://ann:hush@:port/db", WarehouseError),
        ("mysql+pymysql://ann:hush@127.0.0.1/db", WarehouseError),
        ("my:hush@sql", WarehouseError),
    ],
)
def test_no_password_is_ever_shown(tmp_path, address, kind):
    place = load_settings({"CREATOR_TIERS_HOME": str(tmp_path), "CREATOR_TIERS_WAREHOUSE": address})
    for opened in (open_warehouse, open_reader):
        with pytest.raises(kind) as caught:
            opened(place)
        assert "hush" not in str(caught.value)


def test_a_database_that_is_not_there_is_no_passing_trouble(place):
    with pytest.raises(WarehouseError, match="does not exist"):
        open_warehouse(replace(place, warehouse_url=url("nowhere")))


def test_a_percent_sign_is_text_and_a_parameter_a_parameter():
    said = say("SELECT a LIKE '5%' AS x FROM t WHERE b = $b AND c % 2 = 1")
    assert said.names == {"b"}
    assert said.text % {"b": "1"} == "SELECT a LIKE '5%' AS x FROM t WHERE b = 1 AND c % 2 = 1"
    assert "%%" not in say("SELECT '5%' AS x").text


def test_what_postgresql_lacks_is_refused():
    with pytest.raises(WarehouseError, match="cannot be said in PostgreSQL"):
        say("SELECT (")


class _Connection:
    conn_type, login, password, host, port, schema = "postgres", "ann", "p@ss:w/rd", "db.local", 5433, "tiers"
    extra_dejson = {"sslmode": "require", "cursor": "dictcursor"}  # noqa: RUF012


def test_airflows_connection_names_the_warehouse_inside_its_tasks_only(tmp_path, monkeypatch):
    place = load_settings({"CREATOR_TIERS_HOME": str(tmp_path)})
    chosen = load_settings(
        {"CREATOR_TIERS_HOME": str(tmp_path), "CREATOR_TIERS_WAREHOUSE": "postgresql://x/y"}
    )
    pytest.importorskip("airflow.sdk")
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    asked = []

    def get_connection(name: str) -> type[_Connection]:
        asked.append(name)
        return _Connection

    monkeypatch.setattr(BaseHook, "get_connection", staticmethod(get_connection))
    assert airflow_connection.warehouse_url(place) == place.warehouse_url
    assert asked == []
    monkeypatch.setattr(airflow_connections, "in_task", lambda: True)
    assert airflow_connection.warehouse_url(chosen) == "postgresql://x/y"
    assert asked == []
    said = airflow_connection.warehouse_url(place)
    assert said == "postgresql+psycopg://ann:p%40ss%3Aw%2Frd@db.local:5433/tiers?sslmode=require"
    assert asked == ["creator_tiers_warehouse"]
    monkeypatch.setattr(_Connection, "conn_type", "mysql")
    with pytest.raises(WarehouseError, match="'mysql'") as caught:
        airflow_connection.warehouse_url(place)
    assert "p@ss" not in str(caught.value)

    def absent(name: str) -> None:
        raise AirflowNotFoundException(name)

    monkeypatch.setattr(BaseHook, "get_connection", staticmethod(absent))
    assert airflow_connection.warehouse_url(place) == place.warehouse_url


def test_airflow_is_not_imported_to_find_out(monkeypatch):
    monkeypatch.delitem(sys.modules, "airflow.sdk", raising=False)
    assert not airflow_connections.in_task()
    assert "airflow.sdk" not in sys.modules


def test_many_rows_pass_through_copy(made):
    count = 200_000
    rows = deliveries(*map(str, range(count)))
    with open_warehouse(made) as warehouse:
        warehouse.load_rows(DELIVERIES, rows)
        counted = warehouse.read(
            "SELECT count(*) AS n, count(DISTINCT recipient) AS m FROM ops.report_deliveries"
        )
        assert counted.to_pylist() == [{"n": count, "m": count}]
        assert warehouse.read("SELECT recipient FROM ops.report_deliveries").num_rows == count


def test_the_usual_wait_is_bounded():
    assert timedelta(0) < postgres_engine.WAIT <= timedelta(minutes=5)
