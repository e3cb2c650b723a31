"""A manifest: what became of one load of an export file, as JSON."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Status = Literal["loaded", "partial", "ignored", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What became of one load: the columns of `lake.export_files`, with all paths.

    Attributes:
        load_key: identity of the load.
        file_id: sha256 of the bytes.
        paths: where the bytes lay, relative to `landing/`, sorted; the first is the path that tables show.
        datasets: the datasets of the lake that have a Parquet file `<load_key>.parquet`.
        validation: rows of `lake.validation_results`, as told by the run that loaded it; times as ISO texts.
        revision: how often the load was made again since (a replay, an erasure); its Parquet files are those of it.
        token: in an object store, the folder of its Parquet files, which no other try has; empty in a folder.
        others: see the description of `lake.export_files`.
    """

    load_key: str
    file_id: str
    paths: tuple[str, ...]
    source_format: str
    platform: str | None
    account_handle: str | None
    observed_at: datetime | None
    observed_from: str | None
    rows_read: int
    rows_accepted: int
    rows_duplicate: int
    rows_rejected: int
    rows_ignored: int
    status: Status
    message: str | None
    loaded_at: datetime
    datasets: tuple[str, ...] = ()
    validation: tuple[dict[str, Any], ...] = ()
    revision: int = 0
    token: str = ""

    @property
    def path(self) -> str:
        """The path that tables show."""
        return self.paths[0]

    def with_path(self, path: str) -> Manifest:
        """The same load, seen at one place more."""
        return dataclasses.replace(self, paths=tuple(sorted({*self.paths, path})))

    def to_json(self) -> str:
        """JSON text, keys in the order of the fields."""
        record = dataclasses.asdict(self)
        for name in ("observed_at", "loaded_at"):
            record[name] = format_time(record[name])
        return json.dumps(record, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """The manifest of a JSON text.

        Raises:
            ValueError: the text is no manifest.
        """
        try:
            record = json.loads(text)
            for name in ("observed_at", "loaded_at"):
                record[name] = parse_time(record[name])
            for name in ("paths", "datasets", "validation"):
                record[name] = tuple(record[name])
            return cls(**record)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a manifest: {error}") from error


def load_key(file_id: str, parts: Sequence[str | None]) -> str:
    """The identity of a load: the bytes, and what is stated about them (platform, account, time of observation)."""
    return hashlib.sha256("\0".join([file_id, *(part or "" for part in parts)]).encode()).hexdigest()[:40]


def failure_key(path: str) -> str:
    """The identity of what is told of a file that could not be read; `path` is relative to `landing/`."""
    return load_key("failed", [path])


def format_time(instant: datetime | None) -> str | None:
    """An instant as `2026-05-09T18:00:00.000000Z`."""
    if instant is None:
        return None
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str | None) -> datetime | None:
    """The instant of `format_time`'s text."""
    return None if text is None else datetime.fromisoformat(text)
