"""Analysts read while the pipeline writes: does any of them wait, see an error or a table half built?

    python bench/readers.py [--readers 50] [--seconds 60] [--warehouse postgresql+psycopg://...]

A writer, a process of its own, lands loads and builds, again and again, each third time everything. Each reader opens,
asks questions whose answers must fit each other, closes, and waits a moment, until the time is over. Without
`--warehouse`: DuckDB in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from creator_tiers.lake import Lake, Manifest
from creator_tiers.settings import Settings, load_settings
from creator_tiers.tables import table
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build, rebuild
from creator_tiers.warehouse.frames import conform, schema

POSTS = 500
"""Posts of each load; every load observes the same ones and as many of its own."""

PAUSE = 0.5
"""Seconds that a reader thinks between its questions."""

FITTING = """
    SELECT
        (SELECT count(*) FROM core.posts) AS posts,
        (SELECT count(*) FROM marts.post_engagement) AS engagements,
        (SELECT coalesce(sum(posts), 0) FROM marts.creator_engagement) AS posts_of_creators,
        (SELECT coalesce(sum(rows_loaded), 0) FROM ops.export_files) AS rows_told,
        (SELECT count(*) FROM core.post_metrics) AS rows_there
"""


@dataclass(slots=True)
class Seen:
    """What the readers and the writer saw."""

    reads: int = 0
    builds: int = 0
    rebuilds: int = 0
    errors: list[str] = field(default_factory=list)
    unfitting: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def summary(self) -> dict[str, object]:
        """Numbers for people and for tests."""
        ordered = sorted(self.seconds) or [0.0]
        return {
            "reads": self.reads,
            "builds": self.builds,
            "rebuilds": self.rebuilds,
            "errors": self.errors,
            "unfitting": self.unfitting,
            "median_seconds": round(ordered[len(ordered) // 2], 3),
            "p99_seconds": round(ordered[int(len(ordered) * 0.99)], 3),
            "longest_seconds": round(ordered[-1], 3),
        }


def run(settings: Settings, readers: int, seconds: float) -> Seen:
    """Write and read at once; what was seen."""
    seen = Seen()
    _land(settings, 0)
    build(settings)
    until = time.monotonic() + seconds
    processes = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    with processes as elsewhere, ThreadPoolExecutor(readers) as pool:
        writer = elsewhere.submit(_write_until, settings, until)
        for one in [pool.submit(_read_until, settings, until, seen) for _ in range(readers)]:
            one.result()
        seen.builds, seen.rebuilds = writer.result()
    return seen


def _write_until(settings: Settings, until: float) -> tuple[int, int]:
    """How often it built what is new, and everything."""
    builds = rebuilds = 0
    while time.monotonic() < until or not rebuilds:
        _land(settings, builds + rebuilds + 1)
        if builds < 2 * (rebuilds + 1):
            builds += 1
            build(settings)
        else:
            rebuilds += 1
            rebuild(settings)
    return builds, rebuilds


def _read_until(settings: Settings, until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            with open_reader(settings) as reader:
                [row] = reader.read(FITTING).to_pylist()
        except Exception as error:  # whatever a reader meets is a finding
            with seen.lock:
                seen.errors.append(f"{type(error).__name__}: {error}"[:300])
            continue
        fits = (
            row["posts"] == row["engagements"] == row["posts_of_creators"]
            and row["rows_told"] == row["rows_there"]
        )
        with seen.lock:
            seen.reads += 1
            seen.seconds.append(time.monotonic() - began)
            if not fits:
                seen.unfitting.append(str(row))
        time.sleep(PAUSE)


def _land(settings: Settings, number: int) -> None:
    """One load: the shared posts observed once more, and as many new ones."""
    lake, key = Lake(settings.lake), f"load{number:05d}"
    loaded_at = datetime(2026, 3, 2, 8, tzinfo=UTC) + timedelta(hours=number)
    naive = loaded_at.replace(tzinfo=None)
    names = [f"instagram:{n}" for n in range(POSTS)] + [f"instagram:{number}-{n}" for n in range(POSTS)]
    common = {
        "load_key": key, "file_id": key, "platform": "instagram", "account_key": "instagram:ann", "handle": "ann",
        "kind": "image", "has_disclosure": False, "is_lifetime": True, "observed_at": naive, "loaded_at": naive,
        "published_at": naive - timedelta(days=28, hours=number), "comments": 1,
    }  # fmt: skip
    columns: dict[str, pa.Array] = {
        name: pa.array([value] * len(names)) for name, value in common.items()
    } | {
        "post_key": pa.array(names),
        "row_number": pa.array(range(2, len(names) + 2)),
        "likes": pa.array([number + n for n in range(len(names))]),
    }
    described = table("lake.post_observations")
    known = {name: column for name, column in columns.items() if name in schema(described).names}
    rows = conform(pa.table(known), described)
    manifest = Manifest(
        load_key=key, file_id=key, paths=(f"instagram/ann/{key}.csv",), source_format="instagram_meta_posts",
        platform="instagram", account_handle="ann", observed_at=loaded_at, observed_from="sidecar",
        rows_read=len(names), rows_accepted=len(names), rows_duplicate=0, rows_rejected=0, rows_ignored=0,
        status="loaded", message=None, loaded_at=loaded_at, datasets=("post_observations",),
    )  # fmt: skip
    lake.put(manifest, "post_observations", _writer(rows))
    lake.commit(manifest)


def _writer(rows: pa.Table) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        pq.write_table(rows, path)

    return write


def main() -> None:
    """Run it and print what was seen, as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warehouse")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        said = {"CREATOR_TIERS_HOME": home, "CREATOR_TIERS_WAREHOUSE": given.warehouse or ""}
        seen = run(load_settings(said), given.readers, given.seconds)
    print(json.dumps({"cores": os.cpu_count(), "readers": given.readers, **seen.summary()}, indent=1))
    if seen.errors or seen.unfitting or not seen.rebuilds:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
