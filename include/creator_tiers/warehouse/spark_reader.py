"""Apache Spark, read: the tables of a snapshot as views of a session."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from creator_tiers.warehouse.closing import ClosedAtEnd
from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.spark_frames import plain_times, read_files
from creator_tiers.warehouse.spark_session import open_session, release_session, spark_errors
from creator_tiers.warehouse.spark_sql import Said, guard, say, view_name
from creator_tiers.warehouse.spark_store import Store, Stored

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from creator_tiers.warehouse.spark_url import SparkPlace

_SHOW_TABLES = re.compile(r"\s*show\s+tables\s*;?\s*", re.IGNORECASE)
_DESCRIBE = re.compile(r"\s*desc(?:ribe)?\s+(?:table\s+)?(\w+\.\w+)\s*;?\s*", re.IGNORECASE)


class SparkTables(ClosedAtEnd):
    """Tables of a snapshot as views of a Spark session, which starts when it is first needed."""

    engine = "spark"

    def __init__(self, place: SparkPlace, store: Store, shown: Mapping[str, Stored]) -> None:
        self._place = place
        self._store = store
        self._shown = dict(shown)
        self._staged: dict[str, DataFrame] = {}
        self._viewed: dict[str, object] = {}
        self._session: SparkSession | None = None

    def read(self, sql: str, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """See `Reader.read`."""
        with spark_errors():
            return plain_times(self._frame(sql, parameters).toArrow())

    def query(self, sql: str) -> pa.Table:
        """See `Reader.query`. Spark's SQL: one SELECT over the warehouse's tables, SHOW TABLES or DESCRIBE."""
        if _SHOW_TABLES.fullmatch(sql):
            return pa.table({"table_name": pa.array(sorted(self._shown), pa.string())})
        if described := _DESCRIBE.fullmatch(sql):
            return self._describe(described[1].lower())
        said = guard(sql, self._shown)
        with spark_errors():
            self._show(said.tables)
            return plain_times(self._spark().sql(said.text).toArrow())

    def close(self) -> None:
        """See `Reader.close`."""
        if self._session is not None:
            with contextlib.suppress(WarehouseError), spark_errors():
                for name in self._viewed:
                    self._session.catalog.dropTempView(view_name(name))
            release_session()
        self._session = None
        self._viewed.clear()
        self._staged.clear()

    def _spark(self) -> SparkSession:
        if self._session is None:
            self._session = open_session(self._place)
        return self._session

    def _frame(self, sql: str, parameters: Mapping[str, object]) -> DataFrame:
        said, values = say(sql, parameters)
        return self._run(said, values)

    def _run(self, said: Said, values: Mapping[str, object]) -> DataFrame:
        self._show(said.tables)
        return self._spark().sql(said.text, args=dict(values))

    def _show(self, names: Iterable[str]) -> None:
        """Make the views of these tables what the tables now are."""
        for name in names:
            source: object = self._staged.get(name, self._shown.get(name))
            if source is None:
                raise WarehouseError(f"there is no table {name}")
            if self._viewed.get(name) is not source:
                frame = self._staged.get(name)
                if frame is None:
                    frame = self._table_frame(self._shown[name], self._shown[name].files)
                frame.createOrReplaceTempView(view_name(name))
                self._viewed[name] = source

    def _table_frame(self, stored: Stored, files: Iterable[str]) -> DataFrame:
        return read_files(self._spark(), self._store.paths(files), stored.columns)

    def _describe(self, name: str) -> pa.Table:
        if name not in self._shown:
            raise WarehouseError(f"there is no table {name}; SHOW TABLES lists them")
        columns = self._shown[name].columns
        return pa.table(
            {
                "column_name": [column.name for column in columns],
                "column_type": [column.type for column in columns],
                "is_nullable": [column.nullable for column in columns],
                "comment": [column.meaning for column in columns],
            }
        )


class SparkReader(SparkTables):
    """Reads the tables as they were published when it was opened, whatever happens after.

    Raises:
        NothingPublishedError: nothing has been published yet.
    """

    def __init__(self, place: SparkPlace) -> None:
        store = Store(place.home, place.keep)
        super().__init__(place, store, store.published().tables)
