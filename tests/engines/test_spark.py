"""What is Spark's own: the URL, the files of the tables, the lock, the guard of queries."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creator_tiers.lake import Lake
from creator_tiers.settings import Settings
from creator_tiers.tables import table
from creator_tiers.warehouse import WarehouseBusyError, WarehouseError, open_reader, open_warehouse
from creator_tiers.warehouse.build import build
from creator_tiers.warehouse.errors import WarehouseUnreachableError
from creator_tiers.warehouse.spark_engine import SparkWarehouse
from creator_tiers.warehouse.spark_sql import guard, say
from creator_tiers.warehouse.spark_store import Store
from creator_tiers.warehouse.spark_url import parse_url
from creator_tiers.warehouse.staging import mirror
from creator_tiers.warehouse.writer_lock import WriterLock
from tests.engines.made_up import DELIVERIES, deliveries, recipients
from tests.engines.places import PLACES
from tests.engines.spark_cluster import local_place, require
from tests.warehouse.lakes import T0, land

HOME = Path("/homes/spark")
KNOWN = ["core.posts", "core.accounts"]
WEEK = timedelta(days=7)


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    return PLACES["spark"](tmp_path / "home")


@pytest.mark.unit
def test_a_url_names_master_folder_and_settings() -> None:
    found = parse_url("spark://a:7077,b:7077?home=/shared/w&wait=5&keep=1&spark.executor.memory=2g", HOME)
    assert (found.master, found.home) == ("spark://a:7077,b:7077", Path("/shared/w"))
    assert (found.wait, found.keep) == (timedelta(seconds=5), timedelta(hours=1))
    assert found.conf == {"spark.executor.memory": "2g"}
    assert parse_url("spark://a:7077", HOME).home == HOME
    assert [parse_url(f"spark+local://{n}", HOME).master for n in ("2", "*")] == ["local[2]", "local[*]"]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("spark://", "master"),
        ("spark://a:7077/folder", "master alone"),
        ("spark://a:7077?home=relative", "absolute"),
        ("spark://a:7077?hoem=/x", "no option hoem"),
        ("spark://a:7077?wait=soon", "wait='soon'"),
        ("spark://a:7077?spark.sql.ansi.enabled=false", "must stay"),
        ("spark+local://many", "threads"),
        ("spark+local://0", "threads"),
    ],
)
def test_a_url_that_cannot_be_used_says_why(url: str, said: str) -> None:
    secret = f"{'&' if '?' in url else '?'}spark.authenticate.secret=hidden"
    with pytest.raises(WarehouseError, match=said) as told:
        parse_url(url + secret, HOME)
    assert "hidden" not in str(told.value)


@pytest.mark.unit
def test_values_are_bound_and_tables_are_views() -> None:
    sql = "SELECT p.a FROM core.posts AS p, ops.export_files WHERE p.a < $at AND p.b = $text AND p.d = $day"
    values = {
        "at": datetime(2026, 1, 5, 13, tzinfo=UTC),
        "text": "'; DROP",
        "day": date(2026, 1, 5),
        "more": 1,
    }
    said, bound = say(sql, values)
    assert said.tables == ("core.posts", "ops.export_files")
    assert "core__posts AS p" in said.text
    assert "ops__export_files AS export_files" in said.text
    assert "CAST(:at AS TIMESTAMP_NTZ)" in said.text
    assert bound == {"at": "2026-01-05 13:00:00", "text": "'; DROP", "day": "2026-01-05"}
    with pytest.raises(WarehouseError, match=r"\$text"):
        say(sql, {"at": 1, "day": 1})


@pytest.mark.unit
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT reflect('java.lang.System', 'getProperty', 'user.home')",
        "SELECT `reflect`('java.lang.System', 'getProperty', 'user.home')",
        "SELECT Java_Method('java.lang.Runtime', 'getRuntime')",
        "SELECT try_reflect('java.lang.System', 'exit', 1)",
        "SELECT * FROM parquet.`/etc`",
        "SELECT * FROM `text`.`/etc/passwd`",
        "SELECT * FROM IDENTIFIER('text.`/etc/passwd`')",
        "SELECT * FROM read_files('/etc/passwd')",
        "SELECT * FROM core__posts",
        "SELECT * FROM other.posts",
        "SELECT TRANSFORM(a) USING 'cat' AS b FROM core.posts",
        "FROM core.posts SELECT TRANSFORM(a) USING 'cat'",
        "WITH posts AS (SELECT 1) INSERT INTO core.posts SELECT * FROM posts",
        "INSERT OVERWRITE DIRECTORY '/tmp/x' USING csv SELECT 1",
        "EXECUTE IMMEDIATE 'DROP TABLE x'",
        "SET spark.sql.ansi.enabled = false",
        "ADD JAR '/tmp/x.jar'",
        "CACHE TABLE core.posts",
        "USE core",
        "DECLARE x INT",
    ],
)
def test_a_query_does_nothing_but_read_tables(sql: str) -> None:
    with pytest.raises(WarehouseError):
        guard(sql, KNOWN)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT posts.a FROM core.posts", ("core.posts",)),
        ("SELECT core.posts.a FROM core.posts", ("core.posts",)),
        ("WITH x AS (SELECT * FROM CORE.Posts) SELECT * FROM x", ("core.posts",)),
        ("SELECT 1 UNION ALL SELECT a FROM core.accounts", ("core.accounts",)),
        ("SELECT * FROM core.posts AS p WHERE caption LIKE '%reflect(%'", ("core.posts",)),
        ("SELECT explode(sequence(1, 3)) AS n", ()),
    ],
)
def test_a_query_reads_tables(sql: str, tables: tuple[str, ...]) -> None:
    said = guard(sql, KNOWN)
    assert said.tables == tables
    assert "." not in said.text.partition("FROM")[2].partition("WHERE")[0]


@pytest.mark.contract
def test_a_writer_waits_for_another_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    first, second = (WriterLock(url, "w", timedelta(seconds=wait)) for wait in (0, 0.3))
    first.acquire()
    began = time.monotonic()
    with pytest.raises(WarehouseBusyError, match=f"process {os.getpid()}.*one writes at a time"):
        second.acquire()
    assert 0.3 <= time.monotonic() - began < 5
    WriterLock(url, "another warehouse", timedelta()).acquire()
    first.release()
    first.release()
    second.acquire()
    second.check()
    second.release()


@pytest.mark.contract
def test_a_lease_that_ran_out_is_lost_and_its_holder_finds_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from creator_tiers.warehouse import writer_lock

    url = f"sqlite:///{tmp_path / 'state.sqlite'}"
    next_one = WriterLock(url, "w", timedelta(seconds=1))
    monkeypatch.setattr(writer_lock, "LEASE", timedelta(0))
    away = WriterLock(url, "w", timedelta(seconds=1))
    away.acquire()
    next_one.acquire()
    with pytest.raises(WarehouseBusyError, match="took over"):
        away.check()
    next_one.check()
    away.release()
    next_one.check()
    next_one.release()


@pytest.mark.contract
def test_a_state_store_that_goes_away_is_worth_another_try(tmp_path: Path) -> None:
    lock = WriterLock(f"sqlite:///{tmp_path / 'folder' / 'state.sqlite'}", "w", timedelta())
    (tmp_path / "folder").rmdir()
    with pytest.raises(WarehouseUnreachableError, match="state store"):
        lock.acquire()


@pytest.mark.contract
def test_a_writer_that_lost_its_lock_commits_nothing(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from creator_tiers.warehouse import writer_lock

    monkeypatch.setattr(writer_lock, "LEASE", timedelta(0))
    with open_warehouse(place) as away:
        away.create(DELIVERIES)
        with open_warehouse(place) as next_one:
            next_one.load_rows(DELIVERIES, deliveries("b"))
            with pytest.raises(WarehouseBusyError):
                away.load_rows(DELIVERIES, deliveries("a"))
    with open_warehouse(place) as warehouse:
        assert recipients(warehouse) == ["b"]


@pytest.mark.unit
def test_two_commits_on_one_beginning_are_refused(tmp_path: Path) -> None:
    store = Store(tmp_path, timedelta(0))
    before = store.committed()
    store.commit(before, store.new_version(), {})
    with pytest.raises(WarehouseBusyError, match="another writer"):
        store.commit(before, store.new_version(), {})


@pytest.mark.contract
def test_files_of_weeks_that_did_not_change_stay(place: Settings) -> None:
    comparison = table("marts.tier_comparison")

    def rows(week: date, estimate: float) -> pa.Table:
        texts = ("platform", "kind_group", "metric", "tier_a", "tier_b", "method")
        counts = ("creators_a", "creators_b", "posts_a", "posts_b")
        row = {"week_start": week, "estimate": estimate, "verdict": "not_testable"}
        return pa.Table.from_pylist([{**row, **dict.fromkeys(texts, "x"), **dict.fromkeys(counts, 1)}])

    first, second = date(2026, 3, 2), date(2026, 3, 9)
    with open_warehouse(place) as warehouse:
        assert isinstance(warehouse, SparkWarehouse)
        warehouse.create(comparison)
        for week in (first, second):
            warehouse.load_rows(comparison, rows(week, 1.0), {"week_start": week})
        store = Store(place.home / "spark", timedelta(0))
        before = store.committed().tables[comparison.full_name].parts
        assert sorted(before) == [str(first), str(second)]
        warehouse.load_rows(comparison, rows(second, 2.0), {"week_start": second})
        after = store.committed().tables[comparison.full_name].parts
        assert after[str(first)] == before[str(first)]
        assert after[str(second)] != before[str(second)]
        found = warehouse.read("SELECT estimate FROM marts.tier_comparison ORDER BY week_start")
        assert found.column("estimate").to_pylist() == [1.0, 2.0]


@pytest.mark.contract
def test_old_files_go_when_no_reader_can_need_them(place: Settings) -> None:
    data = place.home / "spark" / "data"
    with open_warehouse(place) as warehouse:
        with warehouse.transaction():
            warehouse.create(table("ops.warehouse_state"))
            warehouse.create(DELIVERIES)
            warehouse.load_rows(DELIVERIES, deliveries("a"))
        warehouse.publish()
        with open_reader(place) as reader:
            warehouse.load_rows(DELIVERIES, deliveries("b"))
            warehouse.publish()
            assert recipients(reader) == ["a"]
        left_behind = data / "20200101T000000-killed" / "ops.report_deliveries" / "1"
        left_behind.mkdir(parents=True)
        (left_behind / "part-0.parquet").write_bytes(b"half")
    assert len(list(data.rglob("*.parquet"))) == 3
    Store(place.home / "spark", timedelta(0)).clean()
    [kept] = data.rglob("*.parquet")
    assert pq.read_table(kept).column("recipient").to_pylist() == ["b"]


@pytest.mark.contract
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT CAST('x' AS BIGINT) AS load_key", "cannot hold bigint|CAST_INVALID"),
        ("SELECT CAST(NULL AS TEXT) AS load_key", "is NULL and must not be"),
        ("SELECT 'a' AS load_key, 1 AS more", "2 columns for the 1"),
        ("SELECT 1 / 0 AS load_key", "cannot hold double|DIVIDE_BY_ZERO"),
    ],
)
def test_a_model_that_does_not_fit_its_table_is_an_error(
    place: Settings, tmp_path: Path, sql: str, said: str
) -> None:
    from dataclasses import replace

    query = tmp_path / "changed_loads.sql"
    query.write_text(sql)
    with open_warehouse(place) as warehouse:
        one = replace(table("stage.changed_loads"), query=query)
        warehouse.create(one)
        with pytest.raises(WarehouseError, match=said):
            warehouse.run(one)
        assert warehouse.read("SELECT * FROM stage.changed_loads").num_rows == 0


@pytest.mark.contract
def test_a_reader_lists_and_describes_tables(place: Settings) -> None:
    with open_warehouse(place) as warehouse:
        with warehouse.transaction():
            warehouse.create(DELIVERIES)
        warehouse.publish()
    with open_reader(place) as reader:
        assert reader.query("show tables;").to_pylist() == [{"table_name": "ops.report_deliveries"}]
        rows = {row["column_name"]: row for row in reader.query("DESCRIBE ops.report_deliveries").to_pylist()}
        assert rows["sent_at"]["column_type"] == "timestamp"
        assert rows["sent_at"]["comment"] == f"{DELIVERIES.column('sent_at').meaning} [UTC]"
        with pytest.raises(WarehouseError, match="no table"):
            reader.query("DESCRIBE ops.nothing")


@pytest.mark.contract
def test_rows_of_the_lake_are_validated_as_spark_reads_them(place: Settings) -> None:
    lake = Lake(place.lake)
    land(lake, "a", posts=[{"post_key": "instagram:1", "likes": 1}])
    good = lake.dataset_files("post_observations", lake.manifests())
    [path] = good
    rows = pq.read_table(path)
    spoiled = rows.set_column(
        rows.column_names.index("views"), "views", pa.array([-1] * rows.num_rows, pa.int64())
    )
    staged = mirror("post_observations")
    with open_warehouse(place) as warehouse:
        with warehouse.transaction():
            warehouse.stage_files(staged, good)
            warehouse.drop(staged)
        pq.write_table(spoiled, path)
        with pytest.raises(WarehouseError, match=r"views .*-1"):
            warehouse.stage_files(staged, good)


@pytest.mark.contract
def test_no_master_and_no_java_are_said(tmp_path: Path) -> None:
    require()
    asked = subprocess.run(
        [sys.executable, "-m", "creator_tiers.cli", "rebuild"],
        env={
            **os.environ,
            "CREATOR_TIERS_HOME": str(tmp_path),
            "CREATOR_TIERS_WAREHOUSE": "spark://127.0.0.1:9?wait=1",
        },
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert asked.returncode == 1
    assert "no Spark master answers (127.0.0.1:9" in asked.stderr


@pytest.mark.e2e
def test_a_warehouse_moves_between_local_and_cluster(place: Settings) -> None:
    """The files are the warehouse: another process with Spark inside reads what the cluster wrote."""
    lake = Lake(place.lake)
    land(lake, "a", posts=[{"post_key": "instagram:1", "published_at": T0 - WEEK, "likes": 3, "comments": 1}])
    build(place)
    sql = "SELECT post_key FROM marts.post_engagement"
    asked = subprocess.run(
        [sys.executable, "-m", "creator_tiers.cli", "query", sql, "--format", "json"],
        env={
            **os.environ,
            "CREATOR_TIERS_HOME": str(place.home),
            "CREATOR_TIERS_WAREHOUSE": local_place(place.home / "spark"),
        },
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (asked.returncode, "instagram:1" in asked.stdout) == (0, True), asked.stderr
