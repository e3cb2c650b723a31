"""Analysts read while the pipeline writes: does any of them wait, see an error or a table half built?

    python bench/readers.py [--readers 50] [--seconds 60] [--warehouse postgresql+psycopg://...]

Each reader is a process, as an analyst's tool is. It opens, asks questions whose answers must fit each other, closes,
and waits a moment, until the time is over. Meanwhile one process drops export files and reads them into the lake, and
another builds, writes a week's comparison, builds, and builds everything again. Without `--warehouse`: DuckDB in a
folder of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from typing import Any

from creator_tiers.settings import Settings, load_settings
from creator_tiers.weeks import Week

POSTS = 200
"""Videos of each file that all files have; every file has as many of its own."""

PAUSE = 2.0
"""Seconds that a reader thinks between its looks. A look costs 50 ms of a core, so two cores answer 40 a second."""

WEEK = Week.parse("2026-W09")

ENGINES = tuple(f"creator_tiers.warehouse.{name}" for name in ("connect", "duckdb_engine", "postgres_engine"))
"""What every process would import for itself, which takes a second of a core each, and is imported once for all."""

PATIENCE = 240.0
"""Seconds that all processes together may take to come up, and to end."""

STATE = "SELECT value FROM ops.warehouse_state WHERE name = 'revision'"
FITTING = """
    WITH newest AS (
        SELECT views, row_number() OVER (PARTITION BY post_key ORDER BY observed_at DESC) AS place
        FROM core.post_metrics
    )
    SELECT
        (SELECT count(*) FROM core.posts) AS posts,
        (SELECT count(*) FROM marts.post_engagement) AS engagements,
        (SELECT sum(posts) FROM marts.creator_engagement) AS posts_of_creators,
        (SELECT sum(views) FROM newest WHERE place = 1) AS views_observed,
        (SELECT sum(views) FROM marts.creator_engagement) AS views_of_creators,
        (SELECT sum(rows_loaded) FROM ops.export_files) AS rows_told,
        (SELECT count(*) FROM core.post_metrics) AS rows_there,
        (SELECT count(*) FROM marts.claim_verdicts) AS claims
"""
EQUAL = (
    ("posts", "engagements", "posts_of_creators"),
    ("views_observed", "views_of_creators"),
    ("rows_told", "rows_there"),
)
GROWING = ("revision", "posts", "rows_there", "claims")
"""What a later look may not have less of."""


@dataclass(slots=True)
class Seen:
    """What the readers and the writers saw."""

    reads: int = 0
    builds: int = 0
    rebuilds: int = 0
    comparisons: int = 0
    files: int = 0
    errors: list[str] = field(default_factory=list)
    unfitting: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Take in what another process saw."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def summary(self) -> dict[str, object]:
        """Numbers for people and for tests."""
        ordered, processor = sorted(self.seconds) or [0.0], sorted(self.processor) or [0.0]
        return {
            **{name: value for name, value in asdict(self).items() if name not in ("seconds", "processor")},
            "median_seconds": round(ordered[len(ordered) // 2], 3),
            "p99_seconds": round(ordered[int(len(ordered) * 0.99)], 3),
            "longest_seconds": round(ordered[-1], 3),
            "median_processor_seconds": round(processor[len(processor) // 2], 3),
        }


def run(settings: Settings, readers: int, seconds: float) -> Seen:
    """Write and read at once; what was seen.

    Raises:
        RuntimeError: a writer failed; the message says how.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.readers", *ENGINES])
    course = _Course(context, seconds)
    writers = [context.Process(target=one, args=(settings, course)) for one in (_ingest, _build)]
    analysts = [context.Process(target=_read, args=(settings, course)) for _ in range(readers)]
    seen = Seen()
    try:
        for process in (*writers, *analysts):
            process.start()
        course.begin(readers, writers)
        for _ in (*writers, *analysts):
            seen.add(course.told.get(timeout=seconds + PATIENCE))
    finally:
        for process in (*writers, *analysts):
            process.terminate()
            process.join()
    return seen


class _Course:
    """What all the processes share: when to begin, when to end, what was seen."""

    def __init__(self, context: ForkServerContext, seconds: float) -> None:
        self.seconds = seconds
        self.landed, self.built, self.begun = context.Event(), context.Event(), context.Event()
        self.there = context.Semaphore(0)
        self.until = context.Value("d", 0.0)
        self.told: Any = context.Queue()

    def begin(self, readers: int, writers: Sequence[BaseProcess]) -> None:
        """Let everybody start, once all readers and the first build are there."""
        deadline = time.monotonic() + PATIENCE
        for _ in range(readers + 1):
            while not self.there.acquire(timeout=1):
                if time.monotonic() > deadline or not all(one.is_alive() for one in writers):
                    raise RuntimeError("readers or writers did not come up; their tracebacks are above")
        self.until.value = time.monotonic() + self.seconds
        self.begun.set()

    def wait(self) -> None:
        """Say that one is there; wait for the others."""
        self.there.release()
        self.begun.wait()

    @property
    def is_over(self) -> bool:
        """Whether the time has passed."""
        return self.begun.is_set() and time.monotonic() >= self.until.value


def _ingest(settings: Settings, course: _Course) -> None:
    """Drop a file and read it into the lake, again and again."""
    from creator_tiers.ingestion import ingest, plan

    seen = Seen()
    while not course.is_over:
        _drop(settings, seen.files)
        for batch in plan(settings):
            ingest(settings, batch)
        seen.files += 1
        course.landed.set()
        if not course.begun.is_set():
            course.begun.wait()
    course.told.put(seen)


def _build(settings: Settings, course: _Course) -> None:
    """Build what is new, write a week's comparison, build everything, again and again."""
    from creator_tiers.publishing import compare
    from creator_tiers.warehouse.build import build, rebuild

    seen = Seen()
    course.landed.wait()
    build(settings)
    course.built.set()
    course.wait()
    while not course.is_over or not seen.rebuilds:
        build(settings)
        seen.builds += 1
        compare(settings, WEEK)
        seen.comparisons += 1
        build(settings)
        seen.builds += 1
        rebuild(settings)
        seen.rebuilds += 1
    course.told.put(seen)


def _read(settings: Settings, course: _Course) -> None:
    """Look, check, think, until the time is over."""
    seen = Seen()
    course.built.wait()
    before, _ = _look(settings)
    course.wait()
    time.sleep(PAUSE * (os.getpid() % 50) / 50)  # people do not press the key at the same instant
    while not course.is_over:
        began, worked = time.monotonic(), time.process_time()
        try:
            found, again = _look(settings)
        except Exception as error:  # whatever a reader meets is a finding
            seen.errors.append(f"{type(error).__name__}: {error}"[:300])
        else:
            seen.reads += 1
            seen.seconds.append(time.monotonic() - began)
            seen.processor.append(time.process_time() - worked)
            equal = found == again and all(len({found[one] for one in names}) == 1 for names in EQUAL)
            if not equal or any(found[name] < before[name] for name in GROWING):
                seen.unfitting.append(f"{found}, then {again}, before {before}")
            before = found
        time.sleep(PAUSE)
    course.told.put(seen)


def _look(settings: Settings) -> tuple[dict[str, int], dict[str, int]]:
    """Twice the same questions in one session."""
    from creator_tiers.warehouse import open_reader

    with open_reader(settings) as reader:
        looks = []
        for _ in range(2):
            [row], [state] = reader.read(FITTING).to_pylist(), reader.read(STATE).to_pylist()
            looks.append({name: int(value) for name, value in {**row, "revision": state["value"]}.items()})
    return looks[0], looks[1]


def _drop(settings: Settings, number: int) -> None:
    """An export file: the shared videos observed once more, and as many new ones."""
    names = [f"shared{n:05d}" for n in range(POSTS)] + [f"f{number:05d}n{n:04d}" for n in range(POSTS)]
    lines = [f'{name},A title,"Feb 2, 2026",{number + n},1' for n, name in enumerate(names)]
    observed_at = datetime(2026, 2, 3, tzinfo=UTC) + timedelta(hours=number)
    path = settings.landing / "youtube" / "ann" / f"{number:05d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent.parent / f"{path.name}.tmp"
    unfinished.write_text("\n".join(["Content,Video title,Video publish time,Views,Likes", *lines, ""]))
    os.utime(unfinished, (observed_at.timestamp(),) * 2)
    unfinished.replace(path)


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
