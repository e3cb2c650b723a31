"""The files of a Spark warehouse: immutable Parquet, and two small files that say which of them are the tables.

    <home>/committed.json            the tables as the last writer left them
    <home>/published.json            the tables as readers see them
    <home>/data/<version>/<table>/<n>[/week=2026-01-05]/*.parquet

A file of `data/` is written once and never changed. Whoever writes makes new files in a folder of its own and then
puts a new `committed.json` in the place of the old one, in one atomic step: that is the commit of every table at once.
What a killed writer leaves behind is named nowhere, so that nobody reads it, and is removed some day. Files that a
commit no longer names stay as long as readers may use them (`keep`).
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from creator_tiers.tables import ColumnType, Table
from creator_tiers.warehouse.errors import NothingPublishedError, WarehouseBusyError, WarehouseError

WHOLE = ""
"""The partition of a table that has none."""

Parts = Mapping[str, tuple[str, ...]]
"""Files by partition, relative to the home."""


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as it was described when its table was created."""

    name: str
    type: ColumnType
    nullable: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A table at one moment: its columns and the files with its rows."""

    columns: tuple[StoredColumn, ...]
    parts: Parts = field(default_factory=dict)

    @classmethod
    def empty(cls, table: Table) -> Stored:
        """The described table without rows."""
        return cls(
            tuple(
                StoredColumn(
                    column.name,
                    column.type,
                    column.nullable,
                    f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
                )
                for column in table.columns
            )
        )

    @property
    def files(self) -> list[str]:
        """Every file."""
        return [name for files in self.parts.values() for name in files]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All tables at one moment.

    Attributes:
        version: who wrote it: a name nobody else has; "" for a warehouse that was never written.
        tables: by full name.
        retired: files that no table names any more, with the time since when.
    """

    version: str = ""
    tables: Mapping[str, Stored] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)


class Store:
    """The folder of a Spark warehouse.

    Args:
        home: the folder, made when it is missing.
        keep: how long files that no table names any more stay.
    """

    def __init__(self, home: Path, keep: timedelta) -> None:
        self.home = home
        self._keep = keep

    def committed(self) -> Snapshot:
        """The tables as the last writer left them."""
        return self._read("committed.json") or Snapshot()

    def published(self) -> Snapshot:
        """The tables as readers see them.

        Raises:
            NothingPublishedError: there are none yet.
        """
        found = self._read("published.json")
        if found is None:
            raise NothingPublishedError(
                f"{self.home / 'published.json'} does not exist: nothing has been built in this warehouse yet; "
                "`make run` builds and publishes it"
            )
        return found

    def new_version(self) -> str:
        """A name for the next version, that sorts by time."""
        return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"

    def commit(self, before: Snapshot, version: str, tables: Mapping[str, Stored]) -> Snapshot:
        """Make these the tables, all at once.

        Args:
            before: what the writer began with.
            version: the new version's name.
            tables: every table there now is.

        Raises:
            WarehouseBusyError: somebody else has committed since; nothing has changed.
        """
        if self.committed().version != before.version:
            raise WarehouseBusyError(
                f"another writer has committed to {self.home} in between; nothing was written, try again"
            )
        now = datetime.now(UTC)
        named = {name for one in tables.values() for name in one.files}
        gone = {name for one in before.tables.values() for name in one.files} - named
        retired = {
            name: since
            for name, since in before.retired.items()
            if datetime.fromisoformat(since) > now - self._keep
        }
        snapshot = Snapshot(
            version, dict(tables), {**retired, **dict.fromkeys(sorted(gone), now.isoformat())}
        )
        self._write("committed.json", _as_json(snapshot))
        return snapshot

    def publish(self) -> None:
        """Let readers see what was committed last."""
        self._write("published.json", _as_json(self.committed()))

    def clean(self) -> None:
        """Remove files that nobody needs: not the tables', not retired lately, not written lately."""
        data = self.home / "data"
        published = self._read("published.json") or Snapshot()
        committed = self.committed()
        now = datetime.now(UTC)
        needed = {
            name for one in (committed, published) for stored in one.tables.values() for name in stored.files
        }
        needed |= {
            name
            for name, since in committed.retired.items()
            if datetime.fromisoformat(since) > now - self._keep
        }
        folders = {self.home / name for name in needed}
        in_use = {parent for path in folders for parent in path.parents}
        oldest = (now - self._keep).timestamp()
        for version in data.iterdir() if data.exists() else ():
            if version in in_use:
                for path in [path for path in version.rglob("*.parquet") if path not in folders]:
                    if path.stat().st_mtime < oldest:
                        path.unlink(missing_ok=True)
            elif version.stat().st_mtime < oldest:
                shutil.rmtree(version, ignore_errors=True)

    def files_under(self, folder: Path) -> Parts:
        """The Parquet files that were written into a folder, by partition."""
        found: dict[str, tuple[str, ...]] = {}
        for path in sorted(folder.rglob("*.parquet")):
            inside = path.relative_to(folder).parts
            partition = inside[0].partition("=")[2] if len(inside) > 1 else WHOLE
            found[partition] = (*found.get(partition, ()), str(path.relative_to(self.home)))
        return found

    def paths(self, files: Iterable[str]) -> list[Path]:
        """Where the files lie."""
        return [self.home / name for name in files]

    def _read(self, name: str) -> Snapshot | None:
        path = self.home / name
        try:
            return _from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WarehouseError(f"{path} cannot be read: {error}") from error

    def _write(self, name: str, content: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        unfinished = self.home / f"{name}.unfinished"
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.home / name)
        folder = os.open(self.home, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _as_json(snapshot: Snapshot) -> str:
    tables = {
        name: {
            "columns": [[one.name, one.type, one.nullable, one.meaning] for one in stored.columns],
            "parts": dict(stored.parts),
        }
        for name, stored in snapshot.tables.items()
    }
    told = {"version": snapshot.version, "tables": tables, "retired": dict(snapshot.retired)}
    return json.dumps(told, ensure_ascii=False, indent=1)


def _from_json(told: Mapping[str, Any]) -> Snapshot:
    tables = {
        name: Stored(
            tuple(StoredColumn(*column) for column in one["columns"]),
            {partition: tuple(files) for partition, files in one["parts"].items()},
        )
        for name, one in told["tables"].items()
    }
    return Snapshot(told["version"], tables, told["retired"])
