"""Small landing zones, and what the lake holds of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from creator_tiers.ingestion import ingest, plan
from creator_tiers.lake import Manifest, open_lake
from creator_tiers.settings import Settings
from creator_tiers.stores import open_store

MODIFIED_AT = datetime(2026, 5, 9, 12, tzinfo=UTC)
HEADER = "Content,Video title,Video publish time,Views,Likes\n"


def video(number: int, views: object = 10, likes: object = 1) -> str:
    return f'VIDEO{number:06d},Title {number},"Jun 12, 2025",{views},{likes}\n'


def videos(*numbers: int, views: object = 10) -> str:
    return HEADER + "".join(video(number, views) for number in numbers)


def drop(settings: Settings, path: str, content: str | bytes, modified_at: datetime = MODIFIED_AT) -> Path:
    """Put a file into the landing zone."""
    content = content.encode() if isinstance(content, str) else content
    if settings.landing_url:
        open_store(settings.landing_url, settings).write(path, content)
        return Path(path)
    file = settings.landing / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (modified_at.timestamp(),) * 2)
    return file


def ingest_all(settings: Settings) -> list[dict[str, Any]]:
    return [ingest(settings, batch) for batch in plan(settings)]


def manifests(settings: Settings) -> dict[str, Manifest]:
    """The loads by the path that tables show."""
    return {one.path: one for one in open_lake(settings).manifests()}


def rows(settings: Settings, dataset: str = "post_observations") -> list[dict[str, Any]]:
    lake = open_lake(settings)
    files = lake.dataset_files(dataset, lake.manifests())
    tables = [pq.read_table(file) for file in files]
    return pa.concat_tables(tables).to_pylist() if tables else []


def contents(settings: Settings) -> dict[str, Any]:
    """All that counts in the lake, without the time of the run."""
    lake = open_lake(settings)
    found: dict[str, Any] = {}
    for one in lake.manifests():
        told = {
            "paths": one.paths,
            "format": one.source_format,
            "fates": (
                one.rows_read,
                one.rows_accepted,
                one.rows_duplicate,
                one.rows_rejected,
                one.rows_ignored,
            ),
            "status": one.status,
            "observed_at": one.observed_at,
        }
        for dataset in one.datasets:
            table = pq.read_table(lake.file(one, dataset))
            told[dataset] = table.drop_columns(
                [name for name in ("loaded_at", "rejected_at") if name in table.column_names]
            ).to_pylist()
        found[one.load_key] = told
    return found
