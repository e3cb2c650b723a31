"""The DuckDB engine: what every engine must do, and what is DuckDB's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creator_tiers.lake import Lake
from creator_tiers.tables import Write, table
from creator_tiers.warehouse import NothingPublishedError, WarehouseBusyError, WarehouseError, open_warehouse
from creator_tiers.warehouse.duckdb_engine import DuckDBReader, DuckDBWarehouse
from creator_tiers.warehouse.staging import load_rows, mirror

from .lakes import land

pytestmark = pytest.mark.contract

DELIVERIES = table("ops.report_deliveries")
HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def deliveries(*recipients: str, report: str = "r1") -> pa.Table:
    count = len(recipients)
    return pa.table({"report_id": [report] * count, "recipient": list(recipients), "state": ["sent"] * count})


def recipients(reader: DuckDBReader | DuckDBWarehouse) -> list[str]:
    rows = reader.read("SELECT recipient FROM ops.report_deliveries ORDER BY recipient")
    return rows.column("recipient").to_pylist()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(tmp_path / "w.duckdb", tmp_path / "published.duckdb") as one:
        one.create(DELIVERIES)
        yield one


def test_loading_replaces_all_rows_or_those_that_are_meant(warehouse):
    warehouse.load_rows(DELIVERIES, deliveries("a", "b"))
    warehouse.load_rows(DELIVERIES, deliveries("x", report="r2"), {"report_id": "r2"})
    warehouse.load_rows(DELIVERIES, deliveries("c"), {"report_id": "r1"})
    assert recipients(warehouse) == ["c", "x"]
    warehouse.load_rows(DELIVERIES, deliveries("z"))
    assert recipients(warehouse) == ["z"]


def test_a_build_spills_instead_of_taking_the_machines_memory(warehouse):
    [row] = warehouse.read("SELECT current_setting('memory_limit') AS most").to_pylist()
    assert row["most"] == "610.3 MiB"


def test_a_share_of_the_memory_is_taken_when_it_is_allowed(warehouse, monkeypatch):
    monkeypatch.setattr("creator_tiers.warehouse.duckdb_engine.fair_share", lambda: 2_000)
    with warehouse.transaction():
        warehouse.allow_memory()
        assert limits(warehouse)[0] == "1.8 GiB"


def test_an_error_takes_a_whole_transaction_back(warehouse):
    warehouse.load_rows(DELIVERIES, deliveries("a"))

    def fail() -> None:
        with warehouse.transaction():
            warehouse.load_rows(DELIVERIES, deliveries("b"))
            warehouse.drop(DELIVERIES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert recipients(warehouse) == ["a"]


def test_a_failing_statement_leaves_the_connection_usable(warehouse):
    with pytest.raises(WarehouseError), warehouse.transaction():
        warehouse.read("SELECT nonsense")
    assert recipients(warehouse) == []


def test_parameters_are_bound_and_times_are_utc(warehouse):
    moment = datetime(2026, 1, 5, 12, tzinfo=UTC)
    rows = warehouse.read("SELECT $at AS at, $text AS text", {"at": moment, "text": "'; DROP", "unused": 1})
    assert rows.to_pylist() == [{"at": datetime(2026, 1, 5, 12), "text": "'; DROP"}]
    assert rows.schema.field("at").type == pa.timestamp("us")


def test_a_forgotten_parameter_is_named(warehouse):
    with pytest.raises(WarehouseError, match=r"\$b"):
        warehouse.read("SELECT $a, $b", {"a": 1})


def test_creating_twice_is_an_error_and_dropping_twice_is_not(warehouse):
    assert warehouse.exists(DELIVERIES)
    with pytest.raises(WarehouseError, match="exists"):
        warehouse.create(DELIVERIES)
    warehouse.drop(DELIVERIES)
    warehouse.drop(DELIVERIES)
    assert not warehouse.exists(DELIVERIES)


def test_meanings_are_in_the_database(warehouse):
    said = warehouse.read(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'report_deliveries' AND column_name = 'sent_at'"
    )
    assert said.column("comment").to_pylist() == [f"{DELIVERIES.column('sent_at').meaning} [UTC]"]


def test_a_failing_model_is_named(warehouse):
    with pytest.raises(WarehouseError, match=r"include/sql/ops/rejected_rows\.sql: .*rejected_rows"):
        warehouse.run(table("ops.rejected_rows"))


def test_staged_files_know_their_load_and_lack_nothing(warehouse, tmp_path):
    folder = tmp_path / "odd [name] it's?"
    folder.mkdir()
    pq.write_table(pa.table({"run_id": ["r1"]}), folder / "k1.parquet")
    pq.write_table(pa.table({"run_id": ["r2"], "suite": ["s"]}), folder / "k2.parquet")
    staged = mirror("validation_results")
    warehouse.stage_files(staged, [folder / "k1.parquet", folder / "k2.parquet"])
    rows = warehouse.read(
        "SELECT run_id, suite, load_key FROM stage.validation_results ORDER BY run_id"
    ).to_pylist()
    assert rows == [
        {"run_id": "r1", "suite": None, "load_key": "k1"},
        {"run_id": "r2", "suite": "s", "load_key": "k2"},
    ]
    warehouse.drop(staged)
    warehouse.stage_files(staged, [])
    assert warehouse.read("SELECT * FROM stage.validation_results").num_rows == 0


def test_staged_files_of_a_wrong_type_are_refused(warehouse, tmp_path):
    pq.write_table(pa.table({"run_id": [1]}), tmp_path / "k1.parquet")
    with pytest.raises(WarehouseError, match=r"stage\.validation_results\.run_id is VARCHAR.*BIGINT"):
        warehouse.stage_files(mirror("validation_results"), [tmp_path / "k1.parquet"])


def test_a_model_replaces_the_rows_of_its_window_only(warehouse, tmp_path):
    rejected, staged, files = table("ops.rejected_rows"), mirror("rejected_rows"), mirror("export_files")
    for one in (rejected, staged, files):
        warehouse.create(one)
    row = {"file_id": ["f"], "rule": ["r"], "rejected_at": [datetime(2026, 1, 5)]}
    warehouse.load_rows(rejected, pa.table({k: v * 2 for k, v in row.items()} | {"load_key": ["a", "b"]}))
    warehouse.load_rows(staged, pa.table({**row, "rule": ["new"], "load_key": ["b"]}))
    warehouse.load_rows(files, load_rows([land(Lake(tmp_path / "lake"), "b")]))
    for _ in range(2):
        warehouse.run(rejected)
        found = warehouse.read("SELECT load_key, rule FROM ops.rejected_rows ORDER BY load_key").to_pylist()
        assert found == [{"load_key": "a", "rule": "r"}, {"load_key": "b", "rule": "new"}]


@pytest.mark.parametrize(("mode", "rows"), [("append", 2), ("replace_all", 1)])
def test_a_model_without_a_window_appends_or_replaces(warehouse, mode, rows):
    observed, staged = table("stage.observed_posts"), mirror("post_observations")
    written = replace(observed, write=Write(mode))
    for one in (written, staged, table("core.post_versions")):
        warehouse.create(one)
    row = {name: ["x"] for name in ("post_key", "platform", "account_key", "kind", "file_id", "load_key")}
    times = {name: [datetime(2026, 1, 5)] for name in ("observed_at", "loaded_at")}
    flags = {"has_disclosure": [False], "is_lifetime": [True], "row_number": [2]}
    warehouse.load_rows(staged, pa.table({**row, **times, **flags}))
    for _ in range(2):
        warehouse.run(written)
    assert warehouse.read("SELECT * FROM stage.observed_posts").num_rows == rows


def test_readers_see_what_was_published_and_keep_it(warehouse, tmp_path):
    warehouse.load_rows(DELIVERIES, deliveries("a"))
    warehouse.publish()
    warehouse.load_rows(DELIVERIES, deliveries("a", "b"))
    with DuckDBReader(tmp_path / "published.duckdb") as reader:
        assert recipients(reader) == ["a"]
        warehouse.publish()
        assert recipients(reader) == ["a"]
    with DuckDBReader(tmp_path / "published.duckdb") as reader:
        assert recipients(reader) == ["a", "b"]
    assert sorted(path.name for path in tmp_path.iterdir() if "unfinished" in path.name) == []


def test_publishing_keeps_the_lock(warehouse, tmp_path):
    warehouse.publish()
    other = subprocess.run(
        [sys.executable, "-c", HOLD, str(tmp_path / "w.duckdb")],
        input="", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert other.returncode != 0
    assert "lock" in other.stderr


def test_a_file_that_another_process_has_is_busy(tmp_path):
    path = tmp_path / "w.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(
            WarehouseBusyError, match=r"w\.duckdb is in use by another process.*published\.duckdb"
        ):
            DuckDBWarehouse(path)
        holder.stdin.close()
        holder.wait(timeout=60)
    DuckDBWarehouse(path).close()


def test_a_file_that_is_no_database_is_an_error(tmp_path):
    (tmp_path / "w.duckdb").write_text("not a database " * 1000)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        DuckDBWarehouse(tmp_path / "w.duckdb")


def test_nothing_published_is_said(tmp_path):
    with pytest.raises(NothingPublishedError, match="make run"):
        DuckDBReader(tmp_path / "published.duckdb")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE ops.report_deliveries",
        "INSERT INTO ops.report_deliveries VALUES ('r', 'x', 'sent', NULL, NULL)",
        "CREATE TABLE ops.mine AS SELECT 1 AS a",
        "CREATE TEMP TABLE mine AS SELECT 1 AS a",
        "COPY (SELECT 1) TO '{folder}/stolen.csv'",
        "COPY ops.report_deliveries TO '{folder}/stolen.parquet'",
        "EXPORT DATABASE '{folder}/stolen'",
        "ATTACH '{folder}/stolen.duckdb'",
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "SELECT * FROM read_text('{folder}/secret.csv')",
        "SELECT * FROM '{folder}/secret.csv'",
        "SELECT * FROM glob('{folder}/*')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET temp_directory = '{folder}'",
        "PRAGMA enable_profiling",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE ops.report_deliveries",
        "",
    ],
)
def test_a_reader_can_neither_write_nor_touch_files(warehouse, tmp_path, sql):
    warehouse.load_rows(DELIVERIES, deliveries("a"))
    warehouse.publish()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    with DuckDBReader(tmp_path / "published.duckdb") as reader:
        with pytest.raises(WarehouseError):
            reader.query(sql.format(folder=tmp_path))
        assert recipients(reader) == ["a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM ops.report_deliveries",
        "WITH a AS (SELECT 1 AS n) SELECT n FROM a",
        "FROM ops.report_deliveries;",
        "DESCRIBE ops.report_deliveries",
        "SHOW ALL TABLES",
        "EXPLAIN SELECT 1",
    ],
)
def test_a_reader_answers_queries(warehouse, tmp_path, sql):
    warehouse.load_rows(DELIVERIES, deliveries("a"))
    warehouse.publish()
    with DuckDBReader(tmp_path / "published.duckdb") as reader:
        assert reader.query(sql).num_rows > 0


def limits(warehouse):
    [row] = warehouse.query(
        "SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads"
    ).to_pylist()
    return row["memory"], row["threads"]


def test_the_url_sets_the_limits_of_a_build(settings, tmp_path):
    url = f"duckdb:///{tmp_path / 'w.duckdb'}"
    with open_warehouse(replace(settings, warehouse_url=f"{url}?memory_limit=1GB&threads=3")) as warehouse:
        warehouse.allow_memory()
        assert limits(warehouse) == ("953.6 MiB", 3)
    with open_warehouse(replace(settings, warehouse_url=url)) as warehouse:
        assert limits(warehouse)[0] == "610.3 MiB"
    for wrong in (
        "memory_limit=lots",
        "memory_limit=",
        "threads",
        "threads=0",
        "enable_external_access=true",
    ):
        with pytest.raises(WarehouseError, match="no limit of a build"):
            open_warehouse(replace(settings, warehouse_url=f"{url}?{wrong}"))


def test_the_url_of_another_database_is_no_warehouse_and_is_not_repeated(settings):
    url = "mysql://ann@host/tiers?password=hidden"
    with pytest.raises(WarehouseError, match="names no warehouse that can be opened") as caught:
        open_warehouse(replace(settings, warehouse_url=url))
    assert "hidden" not in str(caught.value)
