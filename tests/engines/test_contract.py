"""What every engine must do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creator_tiers.lake import Lake
from creator_tiers.settings import Settings
from creator_tiers.tables import Write, table
from creator_tiers.warehouse import (
    NothingPublishedError,
    Warehouse,
    WarehouseBusyError,
    WarehouseError,
    open_reader,
    open_warehouse,
)
from creator_tiers.warehouse.frames import schema
from creator_tiers.warehouse.staging import load_rows, mirror
from tests.engines.made_up import DELIVERIES, EVERY_TYPE, STATE, deliveries, hard_rows, held, recipients
from tests.warehouse.lakes import land

pytestmark = pytest.mark.contract


@pytest.fixture
def warehouse(place: Settings) -> Iterator[Warehouse]:
    with open_warehouse(place) as one:
        with one.transaction():
            for described in (STATE, DELIVERIES):
                one.create(described)
        one.publish()
        yield one


def test_loading_replaces_all_rows_or_those_that_are_meant(warehouse):
    for _ in range(2):
        warehouse.load_rows(DELIVERIES, deliveries("a", "b"))
        assert recipients(warehouse) == ["a", "b"]
    warehouse.load_rows(DELIVERIES, deliveries("x", report="r2"), {"report_id": "r2"})
    for _ in range(2):
        warehouse.load_rows(DELIVERIES, deliveries("c"), {"report_id": "r1"})
        assert recipients(warehouse) == ["c", "x"]
    warehouse.load_rows(DELIVERIES, deliveries())
    assert recipients(warehouse) == []


def test_values_come_back_as_they_went_in(warehouse):
    rows = hard_rows()
    warehouse.create(EVERY_TYPE)
    warehouse.load_rows(EVERY_TYPE, rows)
    found = warehouse.read("SELECT * FROM ops.made_up ORDER BY id")
    assert found.to_pylist() == rows.to_pylist()
    assert found.schema.types == schema(EVERY_TYPE).types


def test_staged_values_come_back_as_they_went_in(warehouse, tmp_path):
    staged = replace(EVERY_TYPE, layer="stage")
    pq.write_table(hard_rows(), tmp_path / "k1.parquet")
    warehouse.stage_files(staged, [tmp_path / "k1.parquet"])
    found = warehouse.read("SELECT * FROM stage.made_up ORDER BY id").to_pylist()
    assert found == hard_rows().to_pylist()


def test_every_value_finds_itself(warehouse):
    warehouse.create(EVERY_TYPE)
    warehouse.load_rows(EVERY_TYPE, hard_rows())
    for row in hard_rows().to_pylist():
        for name, value in row.items():
            if value is not None and name != "a_double":
                sql = f"SELECT id FROM ops.made_up WHERE {name} = $value AND id = $id"
                assert warehouse.read(sql, {"value": value, "id": row["id"]}).num_rows == 1, (name, value)


def test_an_error_takes_a_whole_transaction_back(warehouse):
    warehouse.load_rows(DELIVERIES, deliveries("a"))

    def fail() -> None:
        with warehouse.transaction():
            warehouse.load_rows(DELIVERIES, deliveries("b"))
            warehouse.create(EVERY_TYPE)
            warehouse.drop(DELIVERIES)
            assert not warehouse.exists(DELIVERIES)
            warehouse.create(DELIVERIES)
            warehouse.load_rows(DELIVERIES, deliveries("c", "d"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert recipients(warehouse) == ["a"]
    assert not warehouse.exists(EVERY_TYPE)
    warehouse.load_rows(DELIVERIES, deliveries("e"))
    assert recipients(warehouse) == ["e"]


def test_a_table_can_be_made_anew_in_a_transaction(warehouse):
    warehouse.load_rows(DELIVERIES, deliveries("a"))
    wider = replace(DELIVERIES, columns=(*DELIVERIES.columns, EVERY_TYPE.columns[1]))
    for described in (DELIVERIES, wider, DELIVERIES):
        with warehouse.transaction():
            warehouse.drop(described)
            warehouse.create(described)
            assert recipients(warehouse) == []
            warehouse.load_rows(described, deliveries("b"))
        names = warehouse.read("SELECT * FROM ops.report_deliveries").column_names
        assert names == [column.name for column in described.columns]
        assert recipients(warehouse) == ["b"]


def test_a_failing_statement_leaves_the_connection_usable(warehouse):
    def fail() -> None:
        with warehouse.transaction():
            warehouse.load_rows(DELIVERIES, deliveries("a"))
            warehouse.read("SELECT nonsense FROM ops.report_deliveries")

    for _ in range(2):
        with pytest.raises(WarehouseError):
            warehouse.read("SELECT nonsense FROM ops.report_deliveries")
        with pytest.raises(WarehouseError):
            fail()
        assert recipients(warehouse) == []


def test_parameters_are_bound_and_times_are_utc(warehouse):
    moment = datetime(2026, 1, 5, 12, tzinfo=UTC)
    values = {"at": moment, "text": "'; DROP TABLE ops.report_deliveries; -- %s", "unused": 1}
    rows = warehouse.read("SELECT $at AS at, $text AS text, '100%' AS share", values)
    assert rows.to_pylist() == [{"at": datetime(2026, 1, 5, 12), "text": values["text"], "share": "100%"}]
    assert rows.schema.field("at").type == pa.timestamp("us")


def test_a_forgotten_parameter_is_named(warehouse):
    with pytest.raises(WarehouseError, match=r"\$b"):
        warehouse.read("SELECT $a AS a, $b AS b", {"a": 1})


def test_creating_twice_is_an_error_and_dropping_twice_is_not(warehouse):
    assert warehouse.exists(DELIVERIES)
    with pytest.raises(WarehouseError):
        warehouse.create(DELIVERIES)
    warehouse.drop(DELIVERIES)
    warehouse.drop(DELIVERIES)
    assert not warehouse.exists(DELIVERIES)


def test_a_failing_model_is_named(warehouse):
    with pytest.raises(WarehouseError, match=r"include/sql/ops/rejected_rows\.sql"):
        warehouse.run(table("ops.rejected_rows"))


def test_wrong_values_are_refused_and_nothing_changes(warehouse):
    warehouse.load_rows(DELIVERIES, deliveries("a"))
    wrong = [
        pa.table({"report_id": ["r"], "recipient": ["b"], "state": ["sent"], "sent_at": ["soon"]}),
        pa.table({"report_id": ["r"], "recipient": ["b"]}),
        pa.table({"report_id": ["r"], "recipient": ["b"], "state": ["sent"], "more": [1]}),
    ]
    for rows in wrong:
        with pytest.raises(WarehouseError, match=r"ops\.report_deliveries"):
            warehouse.load_rows(DELIVERIES, rows)
    assert recipients(warehouse) == ["a"]


def test_staged_files_know_their_load_and_lack_nothing(warehouse, tmp_path):
    folder = tmp_path / "odd [name] it's?"
    folder.mkdir()
    pq.write_table(pa.table({"run_id": ["r1"]}), folder / "k1.parquet")
    pq.write_table(pa.table({"run_id": ["r2"], "suite": ["s"]}), folder / "k2.parquet")
    described = mirror("validation_results")
    staged = replace(described, columns=tuple(replace(one, nullable=True) for one in described.columns))
    warehouse.stage_files(staged, [folder / "k1.parquet", folder / "k2.parquet"])
    rows = warehouse.read("SELECT run_id, suite, load_key FROM stage.validation_results ORDER BY run_id")
    assert rows.to_pylist() == [
        {"run_id": "r1", "suite": None, "load_key": "k1"},
        {"run_id": "r2", "suite": "s", "load_key": "k2"},
    ]
    warehouse.drop(staged)
    warehouse.stage_files(staged, [])
    assert warehouse.read("SELECT * FROM stage.validation_results").num_rows == 0


def test_staged_files_of_a_wrong_type_are_refused(warehouse, tmp_path):
    pq.write_table(pa.table({"run_id": [1]}), tmp_path / "k1.parquet")
    with pytest.raises(WarehouseError, match=r"stage\.validation_results\.run_id"), warehouse.transaction():
        warehouse.stage_files(mirror("validation_results"), [tmp_path / "k1.parquet"])
    assert recipients(warehouse) == []


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


def test_readers_see_what_was_published_and_keep_it(warehouse, place):
    with warehouse.transaction():
        warehouse.load_rows(DELIVERIES, deliveries("a"))
    warehouse.publish()
    with open_reader(place) as reader:
        assert recipients(reader) == ["a"]
        with warehouse.transaction():
            warehouse.load_rows(DELIVERIES, deliveries("a", "b"))
            assert recipients(reader) == ["a"]
            with open_reader(place) as another:
                assert recipients(another) == ["a"]
        warehouse.publish()
        assert recipients(reader) == ["a"]
    with open_reader(place) as reader:
        assert recipients(reader) == ["a", "b"]


def test_nothing_published_is_said(place):
    with pytest.raises(NothingPublishedError, match="make run"):
        open_reader(place)


@pytest.mark.usefixtures("impatient")
def test_a_second_writer_is_told_that_there_is_one(place):
    with held(place), pytest.raises(WarehouseBusyError, match=r"writ|use"):
        open_warehouse(place)
    open_warehouse(place).close()


def test_a_killed_writer_leaves_no_lock(place):
    with held(place) as holder:
        holder.kill()
        holder.wait(timeout=60)
        open_warehouse(place).close()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE ops.report_deliveries",
        "INSERT INTO ops.report_deliveries VALUES ('r', 'x', 'sent', NULL, NULL)",
        "DELETE FROM ops.report_deliveries",
        "CREATE TABLE ops.mine AS SELECT 1 AS a",
        "CREATE TEMPORARY TABLE mine AS SELECT 1 AS a",
        "WITH gone AS (DELETE FROM ops.report_deliveries RETURNING *) SELECT * FROM gone",
        "COPY ops.report_deliveries TO '{folder}/stolen.csv'",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE ops.report_deliveries",
        "SELECT nonsense",
        "",
    ],
)
def test_a_reader_cannot_write(warehouse, place, tmp_path, sql):
    with warehouse.transaction():
        warehouse.load_rows(DELIVERIES, deliveries("a"))
    warehouse.publish()
    with open_reader(place) as reader:
        with pytest.raises(WarehouseError):
            reader.query(sql.format(folder=tmp_path))
        assert recipients(reader) == ["a"]
    assert recipients(warehouse) == ["a"]
    assert not (tmp_path / "stolen.csv").exists()


def test_a_reader_answers_queries(warehouse, place):
    with warehouse.transaction():
        warehouse.load_rows(DELIVERIES, deliveries("a", "b"))
    warehouse.publish()
    with open_reader(place) as reader:
        counted = reader.query("SELECT count(*) AS n, max(recipient) AS last FROM ops.report_deliveries;")
        assert counted.to_pylist() == [{"n": 2, "last": "b"}]
        empty = reader.query("SELECT recipient, sent_at FROM ops.report_deliveries WHERE 1 = 0")
        assert (empty.num_rows, empty.column_names) == (0, ["recipient", "sent_at"])
