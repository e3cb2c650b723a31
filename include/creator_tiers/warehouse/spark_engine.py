"""Apache Spark, written: tables are Parquet files that a cluster reads and writes; a commit switches one small file.

`spark_reader` has the tables as they are read, `spark_url` the form of the URL, `spark_store` the files, `spark_sql`
the SQL, `writer_lock` the one writer.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from creator_tiers.tables import Table, tables
from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import ARROW_TYPES, conform
from creator_tiers.warehouse.spark_frames import fit, read_files, split_weeks, week_of
from creator_tiers.warehouse.spark_reader import SparkTables
from creator_tiers.warehouse.spark_session import spark_errors
from creator_tiers.warehouse.spark_store import WHOLE, Parts, Snapshot, Store, Stored
from creator_tiers.warehouse.statements import model
from creator_tiers.warehouse.writer_lock import WriterLock

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from creator_tiers.warehouse.spark_url import SparkPlace

WEEKLY: Mapping[str, str] = {
    "core.post_metrics": "observed_at",
    "marts.post_engagement": "week_start",
    "marts.creator_engagement": "week_start",
    "marts.tier_comparison": "week_start",
    "marts.claim_verdicts": "week_start",
    "marts.sensitivity": "week_start",
    "marts.stratified_comparison": "week_start",
    "marts.tier_rates": "week_start",
    "marts.creator_league": "week_start",
}
"""Tables that are kept by the ISO week of a column: what changes a few weeks leaves the files of the others alone."""

MOST_FILES = 16
"""A partition of more files is written anew when something is added to it."""

VALIDATED = ("post_observations", "follower_observations", "account_observations")
"""Rows of the lake that Great Expectations looks at again as Spark has read them."""


class SparkWarehouse(SparkTables):
    """Writes the tables of a Spark warehouse.

    Args:
        place: cluster and folder.
        state_url: the state store, which holds the writers' lock.
        validates: whether Great Expectations looks at the lake's rows as Spark has read them.

    Raises:
        WarehouseBusyError: another writer has it, for longer than `place.wait`.
    """

    def __init__(self, place: SparkPlace, state_url: str, *, validates: bool = True) -> None:
        self._lock = WriterLock(state_url, f"the Spark warehouse {place.home}", place.wait)
        self._lock.acquire()
        try:
            store = Store(place.home, place.keep)
            self._before: Snapshot = store.committed()
            super().__init__(place, store, self._before.tables)
        except BaseException:
            self._lock.release()
            raise
        self._validates = validates
        self._version = store.new_version()
        self._writes = 0
        self._in_transaction = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Warehouse.transaction`. What is written inside lies in files that nobody knows until the end."""
        if self._in_transaction:
            raise WarehouseError("a transaction is open already")
        shown, staged = dict(self._shown), dict(self._staged)
        self._in_transaction = True
        try:
            yield
            self._commit()
        except BaseException:
            self._shown, self._staged = shown, staged
            shutil.rmtree(self._folder(), ignore_errors=True)
            raise
        finally:
            self._in_transaction = False

    def exists(self, table: Table) -> bool:
        """See `Warehouse.exists`."""
        return table.full_name in self._shown or table.full_name in self._staged

    def create(self, table: Table) -> None:
        """See `Warehouse.create`."""
        if self.exists(table):
            raise WarehouseError(f"the table {table.full_name} exists already")
        self._put(table, Stored.empty(table))

    def drop(self, table: Table) -> None:
        """See `Warehouse.drop`."""
        self._staged.pop(table.full_name, None)
        if self._shown.pop(table.full_name, None) is not None:
            self._written()

    def stage_files(self, table: Table, files: Iterable[Path]) -> None:
        """See `Warehouse.stage_files`. Spark reads the files in place; Great Expectations looks at what it reads.

        Raises:
            WarehouseError: a column has another type than described, or a check that stops rows does not hold.
        """
        from pyspark.sql import functions as f

        if self.exists(table):
            raise WarehouseError(f"the table {table.full_name} exists already")
        paths = list(files)
        _check_types(table, paths)
        own = [one for one in Stored.empty(table).columns if one.name != "load_key"]
        with spark_errors():
            rows = read_files(self._spark(), paths, own)
            key = f.regexp_replace(f.col("_metadata.file_name"), "[.]parquet$", "") if paths else f.lit(None)
            columns = [
                key.cast("string").alias("load_key") if column.name == "load_key" else f.col(column.name)
                for column in table.columns
            ]
            frame = rows.select(*columns)
            if paths and self._validates and table.name in VALIDATED:
                self._validate(frame, tables()[f"lake.{table.name}"])
        self._staged[table.full_name] = frame

    def load_rows(self, table: Table, rows: pa.Table, only: Mapping[str, object] = NOTHING) -> None:
        """See `Warehouse.load_rows`. The rows are in this process already, and so is the writing of them."""
        fitting = conform(rows, table)
        before = self._stored(table)
        kept: dict[str, tuple[str, ...]] = {}
        if only:
            values = {table.column(name).name: value for name, value in only.items()}
            for week, files in before.parts.items():
                stays = self._without(table, files, values)
                if stays is None:
                    kept[week] = files
                elif stays.num_rows:
                    kept[week] = tuple(self._write_rows(stays, table)[week])
        self._put(table, Stored(before.columns, _merge(kept, self._write_rows(fitting, table))))

    def run(self, table: Table, parameters: Mapping[str, object] = NOTHING) -> None:
        """See `Warehouse.run`."""
        try:
            with spark_errors():
                self._run_model(table, parameters)
        except WarehouseError as error:
            raise WarehouseError(f"include/sql/{table.layer}/{table.name}.sql: {error}") from error

    def allow_memory(self) -> None:
        """See `Warehouse.allow_memory`. The server has its own limits."""

    def write_anew(self) -> None:
        """See `Warehouse.write_anew`. A publication removes the files that nobody reads any more."""

    def publish(self, *, keep_former: bool = True) -> None:  # noqa: ARG002 - files without readers are removed
        """See `Warehouse.publish`."""
        self._lock.check()
        self._store.publish()
        self._store.clean()

    def close(self) -> None:
        """See `Reader.close`."""
        super().close()
        self._lock.release()

    def _run_model(self, table: Table, parameters: Mapping[str, object]) -> None:
        before = self._stored(table)
        mode = table.write.mode if table.write else "replace_all"
        new = self._write_frame(fit(self._frame(model(table), parameters), table), table)
        if mode == "replace_all":
            before = Stored(before.columns)
        elif mode == "replace_keys" and before.files:
            before = Stored(before.columns, self._keep(table, before, new))
        self._put(table, Stored(before.columns, _merge(before.parts, new)))

    def _keep(self, table: Table, before: Stored, new: Parts) -> Parts:
        """What stays of a table's files when the rows of its window go: partitions without such rows as they are."""
        write = table.write
        if write is None or write.window is None:
            raise WarehouseError(f"{table.full_name} has no window to replace")
        keys = list(write.keys)
        window = self._frame(f"SELECT DISTINCT {', '.join(keys)} FROM {write.window}", NOTHING)
        column = WEEKLY.get(table.full_name)
        asked = set(before.parts)
        if column in keys:
            asked &= {row[0] for row in window.select(week_of(str(column))).distinct().collect()}
        touched = {week for week in new if len(before.parts.get(week, ())) >= MOST_FILES}
        if asked:
            old = self._table_frame(before, [name for week in asked for name in before.parts[week]])
            hit = old.join(window, keys, "left_semi")
            if column is None:
                touched |= {WHOLE} if hit.limit(1).count() else set()
            else:
                touched |= {row[0] for row in hit.select(week_of(column)).distinct().collect()}
        if not touched:
            return before.parts
        old = self._table_frame(before, [name for week in touched for name in before.parts[week]])
        names = [one.name for one in before.columns]
        stays = self._write_frame(old.join(window, keys, "left_anti").select(*names), table)
        return {**{week: files for week, files in before.parts.items() if week not in touched}, **stays}

    def _validate(self, frame: DataFrame, described: Table) -> None:
        from creator_tiers.contracts.spark import validate_frame

        broken = [result for result in validate_frame(frame, described) if result.stops]
        if broken:
            said = "; ".join(f"{one.expectation}: {one.outcome}, {one.observed}" for one in broken)
            raise WarehouseError(f"rows of {described.full_name} as Spark reads them do not hold: {said}")

    def _without(self, table: Table, files: Sequence[str], values: Mapping[str, object]) -> pa.Table | None:
        """The rows of these files but for those with the values; None where none has them."""
        rows = pq.ParquetDataset(self._store.paths(files), partitioning=None).read()
        rows = conform(rows, table)
        equal = pa.array([True] * rows.num_rows)
        for name, value in values.items():
            kind = ARROW_TYPES[table.column(name).type]
            equal = pc.and_kleene(equal, pc.equal(rows.column(name), pa.scalar(value).cast(kind)))
        goes = pc.fill_null(equal, fill_value=False)
        return rows.filter(pc.invert(goes)) if pc.any(goes).as_py() else None

    def _write_rows(self, rows: pa.Table, table: Table) -> Parts:
        folder = self._new_folder(table)
        for week, part in split_weeks(rows, WEEKLY.get(table.full_name)).items():
            inside = folder / f"week={week}" if week != WHOLE else folder
            inside.mkdir(parents=True, exist_ok=True)
            pq.write_table(part, inside / "part-0.parquet", compression="zstd")
        return self._store.files_under(folder)

    def _write_frame(self, frame: DataFrame, table: Table) -> Parts:
        folder = self._new_folder(table)
        column = WEEKLY.get(table.full_name)
        if column is None:
            frame.write.parquet(str(folder))
        else:
            # One task a week, or more where a week is large.
            split = frame.withColumn("week", week_of(column)).hint("rebalance", "week")
            split.write.partitionBy("week").parquet(str(folder))
        return self._store.files_under(folder)

    def _new_folder(self, table: Table) -> Path:
        self._writes += 1
        return self._folder() / table.full_name / str(self._writes)

    def _folder(self) -> Path:
        return self._store.home / "data" / self._version

    def _stored(self, table: Table) -> Stored:
        if table.full_name not in self._shown:
            raise WarehouseError(f"there is no table {table.full_name} to write to")
        return self._shown[table.full_name]

    def _put(self, table: Table, stored: Stored) -> None:
        self._shown[table.full_name] = stored
        self._written()

    def _written(self) -> None:
        if not self._in_transaction:
            self._commit()

    def _commit(self) -> None:
        self._lock.check()
        self._before = self._store.commit(self._before, self._version, self._shown)
        self._version = self._store.new_version()
        self._writes = 0


def _merge(one: Parts, other: Parts) -> Parts:
    weeks = dict.fromkeys([*one, *other])
    return {week: (*one.get(week, ()), *other.get(week, ())) for week in weeks}


def _check_types(table: Table, paths: Iterable[Path]) -> None:
    """Refuse files whose columns have other types than described; Spark itself would find out late, or convert."""
    for path in paths:
        found = pq.read_schema(path)
        for column in table.columns:
            position = found.get_field_index(column.name)
            expected = ARROW_TYPES[column.type]
            if position >= 0 and found.field(position).type != expected:
                raise WarehouseError(
                    f"{table.full_name}.{column.name} is {expected}, but the lake's Parquet says "
                    f"{found.field(position).type}: {path}"
                )
