"""What the workbench keeps, in memory or on disk: the same rows, the same order, nothing left behind."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creator_tiers.exports import progress
from creator_tiers.exports.progress import telling
from creator_tiers.exports.shelf import keep_batches, keep_rows, remove_rows, view_rows, write_rows

pytestmark = pytest.mark.unit
MANY = 200_000


def files(cells: duckdb.DuckDBPyConnection) -> list[Path]:
    [folder] = cells.execute("SELECT current_setting('temp_directory')").fetchone() or ("",)
    return list(Path(folder).glob("kept.*"))


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_query_may_read_what_it_replaces(cells: duckdb.DuckDBPyConnection, on_disk: bool) -> None:
    keep_rows(cells, "kept", "SELECT range AS n FROM range(5)", on_disk=on_disk)
    keep_rows(cells, "kept", "SELECT n * 2 AS n FROM kept", on_disk=on_disk)

    assert cells.execute("SELECT n FROM kept ORDER BY n").fetchall() == [(0,), (2,), (4,), (6,), (8,)]
    assert len(files(cells)) == on_disk


def test_a_large_file_follows_a_small_one_and_the_other_way_round(cells: duckdb.DuckDBPyConnection) -> None:
    for number, on_disk in enumerate((False, True, False, True, True)):
        keep_rows(cells, "kept", f"SELECT {number} AS n", on_disk=on_disk)
        assert cells.execute("SELECT n FROM kept").fetchall() == [(number,)]


def test_rows_on_disk_stay_in_order(cells: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    cells.execute("SET threads = 2")
    batches = pa.table({"row_number": pa.array(range(MANY))}).to_batches(5_000)
    cells.execute("CREATE OR REPLACE TABLE others AS SELECT range AS row_number FROM range(7, 9)")

    keep_batches(cells, "kept", iter(batches), batches[0].schema)
    keep_rows(cells, "derived", "SELECT row_number FROM kept WHERE row_number <> 5", on_disk=True)
    view_rows(cells, "out_kept", "SELECT * FROM derived ANTI JOIN others USING (row_number)")
    write_rows(cells, "out_kept", tmp_path / "rows.parquet")

    written = pq.read_table(tmp_path / "rows.parquet")["row_number"].to_pylist()
    assert written == [number for number in range(MANY) if number not in (5, 7, 8)]


def test_a_file_that_cannot_be_written_is_closed_and_removed(
    cells: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers: list[pq.ParquetWriter] = []

    class Full(pq.ParquetWriter):
        def write_batch(self, *_: object, **__: object) -> None:
            writers.append(self)
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "ParquetWriter", Full)
    batch, before = pa.record_batch({"n": [1]}), files(cells)
    with pytest.raises(OSError, match="No space left"):
        keep_batches(cells, "kept", iter([batch, batch]), batch.schema)

    assert [writer.is_open for writer in writers] == [False]
    assert files(cells) == before


@pytest.mark.parametrize("on_disk", [False, True])
def test_rows_are_taken_away(cells: duckdb.DuckDBPyConnection, on_disk: bool) -> None:
    keep_rows(
        cells, "kept", "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (3, NULL)) AS v (n, w)", on_disk=on_disk
    )

    remove_rows(cells, "kept", "list_contains(?, w)", [["a"]])

    assert cells.execute("SELECT n FROM kept ORDER BY n").fetchall() == [(2,), (3,)]


def test_long_work_tells_where_it_is(
    cells: duckdb.DuckDBPyConnection, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS", 0.05)
    caplog.set_level(logging.INFO)

    with telling(cells, "instagram/a.csv") as work:
        work.rows, work.step = 1_234, "converting"
        time.sleep(0.3)

    assert any("instagram/a.csv: converting" in line and "1,234 rows" in line for line in caplog.messages)
