"""Quarantine, read again: landing files whose rows were refused, by today's rules.

A load that reads differently now is replaced as a whole and keeps its first `loaded_at`, so that the lake is as if
today's rules had been there when the file was received. Refusals that no longer stand stay in the quarantine, with the
time at which they were settled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from structlog.contextvars import bound_contextvars

from creator_tiers.errors import TransientError
from creator_tiers.exports.context import valid_text
from creator_tiers.exports.fingerprint import fingerprint
from creator_tiers.exports.workbench import workbench
from creator_tiers.ingestion.erasing import FORGOTTEN_MEANWHILE, erase_from
from creator_tiers.ingestion.forgotten import Forgotten
from creator_tiers.ingestion.keeping import REJECTED, Load, by_dataset, judge, keep
from creator_tiers.ingestion.landing import LandingFile, open_landing
from creator_tiers.ingestion.loading import identity, outcomes, stage
from creator_tiers.ingestion.refusals import history, read_refusals, standing
from creator_tiers.ingestion.sameness import is_same, refusals_of
from creator_tiers.ingestion.scratch import scratch_folder, sweep
from creator_tiers.ingestion.validating import Validated, validate_rows
from creator_tiers.keys import hash_key
from creator_tiers.lake import Lake, Manifest, open_lake
from creator_tiers.settings import Settings
from creator_tiers.stores import StoreDownError, StoreRefusedError
from creator_tiers.thresholds import read_limits

log = logging.getLogger(__name__)

TOGETHER = 100
"""Loads whose rows lie in scratch files at once."""

STATES = ("replaced", "unchanged", "missing", "waiting")

Progress = Callable[[int, int, str], None]
"""Told before each file: files done, files in all, the file's path."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a file read again turned out to be.

    Attributes:
        path: where it lies, relative to `landing/`.
        file_id: sha256 of its bytes.
        state: `replaced` (it reads differently now), `unchanged`, `missing` (its bytes are no longer in the landing
            zone), `waiting` (it is still being written, or cannot be opened: try again).
        rows_accepted: rows accepted now, less those accepted before.
        rows_resolved: refusals that do not stand any more; that of a whole file is one.
        rows_rejected: rows refused still.
        message: what to know of it.
    """

    path: str
    file_id: str
    state: str
    rows_accepted: int = 0
    rows_resolved: int = 0
    rows_rejected: int = 0
    message: str | None = None


def replay(
    settings: Settings, rule: str | None = None, file: str | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Read the files of the quarantine again and replace the loads that read differently now.

    Args:
        settings: where everything is.
        rule: only files with a row refused by this rule.
        file: only files whose path contains this text, or whose file_id begins with it; without a rule also those of
            them that have no refusals. Never one that failed by a fault of ours: ingestion tries that again.
        progress: told before each file.

    Returns:
        Counts of `files`, of files by state, of `rows_accepted`, `rows_resolved`, `rows_rejected`; and `answers`, one
        object a load (`Replayed`) in the order of the paths. The warehouse is not touched: build it.
    """
    lake = open_lake(settings, for_writing=True)
    with lake.replacing():
        answers = _Replay(settings, lake).run(chosen(lake, rule, file), progress)
    for one in answers:
        level = logging.WARNING if one.state in ("missing", "waiting") else logging.INFO
        log.log(level, "%s: %s %s", one.state, one.path, one.message or "")
    counted: dict[str, Any] = {"files": len(answers)}
    counted |= {state: sum(one.state == state for one in answers) for state in STATES}
    for name in ("rows_accepted", "rows_resolved", "rows_rejected"):
        counted[name] = sum(getattr(one, name) for one in answers)
    counted["answers"] = [asdict(one) for one in answers]
    return counted


def chosen(lake: Lake, rule: str | None = None, file: str | None = None) -> list[Manifest]:
    """The loads with refusals that stand, or all that `file` names; by path. Arguments as in `replay`."""
    found = []
    for one in lake.manifests():
        if file and not one.file_id.startswith(file) and not any(file in path for path in one.paths):
            continue
        if one.status == "failed":
            continue
        # A renamed column refuses nothing: its values are unknown until the file is read again.
        if file and not rule:
            found.append(one)
            continue
        rules = set(standing(refusals_of(lake, one))["rule"].unique().to_pylist())
        if rules and (not rule or rule in rules):
            found.append(one)
    return sorted(found, key=lambda one: (one.path, one.load_key))


@dataclass(slots=True)
class _Reading:
    """A load read again: the loads that its bytes make now, and what to say when there are none."""

    old: Manifest
    loads: list[Load] = field(default_factory=list)
    state: str = "missing"
    message: str | None = "its bytes are in the landing zone no longer: put the file back to read it again"


class _Replay:
    """Reads loads again, some together."""

    def __init__(self, settings: Settings, lake: Lake) -> None:
        self.settings = settings
        self.lake = lake
        self.now = datetime.now(UTC)
        self.limits = read_limits(settings)
        self.forgotten = Forgotten(lake.store, hash_key(settings))
        self.landing = {valid_text(one.path): one for one in open_landing(settings).find()}

    def run(self, manifests: list[Manifest], progress: Progress | None) -> list[Replayed]:
        """Read, validate, compare and keep."""
        answers = []
        sweep(self.lake.root)
        for first in range(0, len(manifests), TOGETHER):
            with (
                scratch_folder(self.lake.root) as scratch,
                workbench(hash_key=hash_key(self.settings)) as connection,
            ):
                readings = []
                for number, old in enumerate(manifests[first : first + TOGETHER], first):
                    if progress:
                        progress(number, len(manifests), old.path)
                    with bound_contextvars(file=old.path, file_id=old.file_id):
                        readings.append(self._read_again(connection, old, scratch))
                loads = [load for reading in readings for load in reading.loads]
                validated = validate_rows(by_dataset(loads), f"replay {self.now.isoformat()}", self.now)
                for load in loads:
                    judge(load, validated)
                answers += [self._answer(connection, one, scratch, validated) for one in readings]
                if self.forgotten.has_changed():
                    touched = {load.manifest.load_key for load in loads}
                    erase_from(self.lake, hash_key(self.settings), connection, touched)
                    raise TransientError(FORGOTTEN_MEANWHILE)
        return answers

    def _read_again(self, connection: duckdb.DuckDBPyConnection, old: Manifest, scratch: Path) -> _Reading:
        reading = _Reading(old)
        for path in old.paths:
            landing = self._landing(path)
            if landing is None:
                continue
            try:
                with landing.fetched(scratch) as here:
                    loads = self._read(connection, old, here, scratch, old.loaded_at)
                    known = self.lake.manifest(loads[0].manifest.load_key) if len(loads) == 1 else None
                    if known is not None and known.loaded_at != old.loaded_at:
                        loads = self._read(connection, old, here, scratch, known.loaded_at)
            except (StoreDownError, StoreRefusedError):
                raise
            except TransientError as error:
                reading.state, reading.message = "waiting", str(error)
                continue
            except OSError as error:
                reading.state, reading.message = "waiting", f"it cannot be opened: {error.strerror or error}"
                continue
            if landing.has_changed():
                reading.state, reading.message = "waiting", "it is still being written"
            elif loads:
                reading.loads = loads
                break
        return reading

    def _landing(self, path: str) -> LandingFile | None:
        """The file at a path; for an archive's member the archive."""
        parts = path.split("/")
        for end in range(len(parts), 0, -1):
            if found := self.landing.get("/".join(parts[:end])):
                return found
        return None

    def _read(
        self,
        connection: duckdb.DuckDBPyConnection,
        old: Manifest,
        landing: LandingFile,
        scratch: Path,
        loaded_at: datetime,
    ) -> list[Load]:
        """The loads that the old load's bytes make now; none when they do not lie here."""
        is_whole = fingerprint(landing.file).file_id == old.file_id
        loads = {}
        for member, outcome in outcomes(
            connection, landing, loaded_at, self.limits, scratch, None if is_whole else old.file_id
        ):
            if is_whole or outcome.file_id == old.file_id:
                key = identity(outcome)
                self.forgotten.strip(connection, outcome)
                loads[key] = load = stage(connection, outcome, key, loaded_at, scratch)
                if outcome.file_id == old.file_id:
                    load.manifest = replace(load.manifest, paths=old.paths)
            if member.inner is not None:
                member.file.unlink(missing_ok=True)
        return list(loads.values())

    def _answer(
        self,
        connection: duckdb.DuckDBPyConnection,
        reading: _Reading,
        scratch: Path,
        validated: Validated,
    ) -> Replayed:
        """Keep the loads that the lake does not have as they are, with the refusals that are settled now."""
        old = reading.old
        if not reading.loads:
            message = reading.message
            return Replayed(
                old.path, old.file_id, reading.state, rows_rejected=old.rows_rejected, message=message
            )
        settled = self._add_history(reading, scratch)
        accepted = -old.rows_accepted
        state = "unchanged"
        for load in reading.loads:
            known = self.lake.manifest(load.manifest.load_key)
            accepted += load.manifest.rows_accepted
            if known is not None and is_same(connection, load, self.lake, known):
                continue
            state = "replaced"
            if known is not None:
                load.manifest = replace(
                    load.manifest,
                    revision=known.revision + 1,
                    paths=tuple(sorted({*known.paths, *load.manifest.paths})),
                    validation=known.validation,
                )
            keep(self.lake, load, validated, known)
        if all(load.manifest.load_key != old.load_key for load in reading.loads):
            state = "replaced"
            self.lake.remove(old)
        rejected = sum(load.manifest.rows_rejected for load in reading.loads)
        message = "; ".join(filter(None, (load.manifest.message for load in reading.loads))) or None
        return Replayed(old.path, old.file_id, state, accepted, settled, rejected, message)

    def _add_history(self, reading: _Reading, scratch: Path) -> int:
        """Append what is settled to the first load's refusals; how many refusals stood until now."""
        [first, *_] = reading.loads
        other = self.lake.manifest(first.manifest.load_key)
        before = [reading.old]
        if other is not None and other.load_key != reading.old.load_key:
            before.append(other)
        past = history(
            pa.concat_tables([refusals_of(self.lake, one) for one in before]),
            pa.concat_tables([read_refusals(load.rows.get(REJECTED)) for load in reading.loads]),
            self.now.replace(tzinfo=None),
            first.manifest.load_key,
            is_refused=any(
                load.manifest.status == "refused" and load.manifest.file_id == reading.old.file_id
                for load in reading.loads
            ),
        )
        if not past.num_rows:
            return 0
        both = pa.concat_tables([read_refusals(first.rows.get(REJECTED)), past])
        target = scratch / f"{first.manifest.load_key}.refusals.parquet"
        pq.write_table(both, target, compression="zstd")
        first.rows[REJECTED] = target
        first.manifest = replace(
            first.manifest, datasets=tuple(dict.fromkeys([*first.manifest.datasets, REJECTED]))
        )
        return int(
            pa.compute.sum(pa.compute.equal(past["resolved_at"], self.now.replace(tzinfo=None))).as_py()
        )
