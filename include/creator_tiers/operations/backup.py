"""A copy of everything that cannot be made again: the lake, the state, what reports have written, the hash key.

The folder of a backup:

    backup.json     last: what is in it, each file with its sha256. Without it the folder is no backup
    lake/           the lake's objects by their names: only loads that count, and what was noted about files
    tables/         tables of the warehouse that no query fills (comparisons, verdicts, deliveries), a Parquet file each
    state.sqlite    the tables of the state store (the outbox), whatever its engine is
    home/           hash.key, reports/, thresholds.yaml, expected_exports.yaml: what there is of them

It may be taken while the pipeline works: a load that is committed meanwhile is in it whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.keys import NAME as HASH_KEY
from creator_tiers.lake import Lake, Manifest, open_lake
from creator_tiers.lake.mirror import MANIFESTS
from creator_tiers.operations.state import copy_state
from creator_tiers.settings import Settings
from creator_tiers.stores import LocalStore
from creator_tiers.thresholds import NAME as THRESHOLDS
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.errors import NothingPublishedError
from creator_tiers.warehouse.state import kept_tables

LIST = "backup.json"
FORMAT = 1
NOTES = ("seen", "plans", "forgotten")
"""Folders of the lake that are copied before its manifests: what is noted as read must be among the loads."""

TRIES = 5


@dataclass(slots=True)
class Done:
    """What a backup or a restore did.

    Attributes:
        loads: loads of the lake.
        files: files of the backup.
        size: their bytes.
        seconds: what each step took.
    """

    loads: int = 0
    files: int = 0
    size: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 3)


def back_up(settings: Settings, folder: Path) -> Done:
    """Write a backup into a new folder.

    Raises:
        ContractError: the folder holds something already.
        TransientError: the lake changed all the time, or the store does not answer: try again.
        OSError: the folder cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ContractError(f"{folder} is not empty; name a folder of its own for each backup")
    folder.mkdir(parents=True, exist_ok=True)
    done = Done()
    with done.timed("lake"):
        done.loads = _copy_lake(open_lake(settings), folder / "lake")
    with done.timed("state"):
        copy_state(settings.state_url, f"sqlite:///{folder / 'state.sqlite'}")
    with done.timed("tables"):
        _copy_tables(settings, folder / "tables")
    with done.timed("home"):
        _copy_home(settings, folder / "home")
    with done.timed("checksums"):
        files = {name: digest(folder / name) for name in names(folder)}
    done.files, done.size = len(files), sum((folder / name).stat().st_size for name in files)
    listed: dict[str, Any] = {
        "format": FORMAT,
        "version": version("creator-tiers"),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "loads": done.loads,
        "files": files,
    }
    LocalStore(folder).write(LIST, json.dumps(listed, indent=1).encode())
    return done


def names(folder: Path) -> list[str]:
    """The files of a backup but its list, relative, sorted."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != LIST)


def digest(path: Path) -> str:
    """A file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_lake(lake: Lake, target: Path) -> int:
    """Notes first, then manifests, then the rows that they name; all again when some are replaced meanwhile."""
    for _ in range(TRIES):
        shutil.rmtree(target, ignore_errors=True)
        copies = LocalStore(target)
        try:
            noted = [entry.name for note in NOTES for entry in lake.store.entries(note)]
            noted += [entry.name for entry in lake.store.siblings("")]
            lake.store.download({name: target / name for name in noted})
            manifests = lake.manifests()
            for manifest in manifests:
                _copy_load(lake, manifest, copies)
        except FileNotFoundError:  # made again, forgotten, or a plan was done with
            continue
        return len(manifests)
    raise TransientError("the lake is changed all the time; take the backup when no replay runs")


def _copy_load(lake: Lake, manifest: Manifest, copies: LocalStore) -> None:
    lake.store.download({name: copies.root / name for name in lake.names_of(manifest)})
    copies.write(f"{MANIFESTS}/{manifest.load_key}.json", manifest.to_json().encode())


def _copy_tables(settings: Settings, target: Path) -> None:
    target.mkdir(exist_ok=True)
    try:
        with open_reader(settings) as reader:
            for one in kept_tables():
                rows = reader.read(f"SELECT * FROM {one.full_name}")
                pq.write_table(rows, target / f"{one.full_name}.parquet")
    except NothingPublishedError:
        return


def _copy_home(settings: Settings, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for path in (settings.home / HASH_KEY, settings.home / THRESHOLDS, settings.expected_exports):
        if path.is_file():
            shutil.copy2(path, target / path.name)
    if settings.reports.is_dir():
        shutil.copytree(settings.reports, target / "reports", ignore=shutil.ignore_patterns(".*"))
