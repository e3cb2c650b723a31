"""Which files are new, and in which batches they are read."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from creator_tiers.exports.context import valid_text
from creator_tiers.hygiene import one_line
from creator_tiers.ingestion.forgotten import Forgotten
from creator_tiers.ingestion.landing import LandingFile, open_landing
from creator_tiers.keys import hash_key
from creator_tiers.lake import Lake, open_lake
from creator_tiers.lake.manifests import Manifest, failure_key, format_time
from creator_tiers.settings import Settings

log = logging.getLogger(__name__)

BATCH_BYTES = 64 << 20
BATCH_FILES = 150
MAX_BATCHES = 1000
"""Airflow maps a task over at most 1,024 items unless told otherwise."""

PLANS = "plans"
"""Folder of the lake with the plans that are not finished."""

Batch = dict[str, Any]


def plan(settings: Settings, batch_bytes: int = BATCH_BYTES, batch_files: int = BATCH_FILES) -> list[Batch]:
    """The files never read before, in batches: a large file alone, small ones together.

    A batch is a JSON object: `label`, `paths` (relative to `landing/`), `stamp` (the time that all files of this plan
    count as received). A file of a plan that was killed keeps that plan's stamp, so that what is in the end in the
    tables does not depend on the kill.
    """
    lake = open_lake(settings, for_writing=True)
    zone = open_landing(settings)
    seen = lake.seen()
    files = list(zone.find())
    new = [file for file in files if file.state not in seen]
    known = lake.manifests() if new else []
    if new:
        _forget_failures(lake, known, {failure_key(valid_text(file.path)) for file in files})
    open_plans = _open_plans(lake, {file.state for file in new})
    stamp = format_time(_now(known)) or ""
    by_stamp: dict[str, list[LandingFile]] = defaultdict(list)
    for file in new:
        by_stamp[open_plans.get(file.state, stamp)].append(file)
    if by_stamp[stamp]:
        forgotten = Forgotten(lake.store, hash_key(settings))
        planned = {file.state: forgotten.masked(file.path) for file in by_stamp[stamp]}
        name = f"{PLANS}/{stamp.replace(':', '')}.json"
        lake.store.write(name, json.dumps({"stamp": stamp, "files": planned}).encode("utf-8"))
    batches = _all_batches(by_stamp, batch_bytes, batch_files)
    while len(batches) > max(MAX_BATCHES, len(by_stamp)):  # a plan has one batch at least, however large
        batch_bytes, batch_files = 2 * batch_bytes, 2 * batch_files
        batches = _all_batches(by_stamp, batch_bytes, batch_files)
    return batches


def _forget_failures(lake: Lake, known: Sequence[Manifest], there: set[str]) -> None:
    """Withdraw what was told of files that could not be read, and that have gone from where they lay since."""
    told = (one.load_key for one in known if one.status == "failed")
    lake.withdraw(*(key for key in told if key not in there))


def _now(known: Sequence[Manifest]) -> datetime:
    """This instant, and never one before the newest load: the order of receipt decides which of equal rows counts."""
    now = datetime.now(UTC)
    newest = max((one.loaded_at for one in known), default=None)
    if newest is None or newest < now:
        return now
    if newest - now > timedelta(seconds=1):
        log.warning("the clock was put back, or was ahead: it is %s, the newest load is of %s", now, newest)
    return newest + timedelta(microseconds=1)


def waiting(settings: Settings) -> list[LandingFile]:
    """The files never read before, in the order of the paths; nothing is written."""
    seen = open_lake(settings).seen()
    return [file for file in open_landing(settings).find() if file.state not in seen]


def _open_plans(lake: Lake, new: set[str]) -> dict[str, str]:
    """State of a new file to the stamp of the plan that never finished it; plans without new files are removed.

    A plan older than the newest load is over: what it left behind counts as received later, or rows that are already
    in tables would change their owner.
    """
    stamps: dict[str, str] = {}
    plans = lake.store.read_many(one.name for one in lake.store.entries(PLANS))
    records = {name: json.loads(content) for name, content in plans.items()}
    newest = format_time(max((one.loaded_at for one in lake.manifests()), default=None)) if records else None
    over = []
    for name, record in sorted(records.items()):
        waiting = new & record["files"].keys()
        if not waiting or (newest is not None and record["stamp"] < newest):
            over.append(name)
            continue
        for state in waiting:
            stamps.setdefault(state, record["stamp"])
    lake.store.delete(over)
    return stamps


def _all_batches(by_stamp: Mapping[str, list[LandingFile]], most_bytes: int, most_files: int) -> list[Batch]:
    return [
        batch for one in sorted(by_stamp) for batch in _batches(by_stamp[one], one, most_bytes, most_files)
    ]


def _batches(files: list[LandingFile], stamp: str, most_bytes: int, most_files: int) -> Iterator[Batch]:
    group: list[LandingFile] = []
    for file in files:
        if group and (len(group) >= most_files or sum(one.size for one in group) + file.size > most_bytes):
            yield _batch(group, stamp)
            group = []
        group.append(file)
    if group:
        yield _batch(group, stamp)


def _batch(files: list[LandingFile], stamp: str) -> Batch:
    size = sum(file.size for file in files) / 1e6
    folders = sorted({file.path.split("/", 1)[0] for file in files})
    label = files[0].path if len(files) == 1 else f"{', '.join(folders)}: {len(files)} files"
    return {
        "label": f"{one_line(label)}, {size:.1f} MB",
        "paths": [file.path for file in files],
        "stamp": stamp,
    }
