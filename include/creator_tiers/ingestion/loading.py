"""A batch of landing files becomes rows of the lake."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from structlog.contextvars import bind_contextvars, bound_contextvars

from creator_tiers.errors import TransientError
from creator_tiers.exports.containers import Member, members
from creator_tiers.exports.context import read_context, valid_text
from creator_tiers.exports.export import Outcome, read_export
from creator_tiers.exports.faults import RefusedFileError
from creator_tiers.exports.fingerprint import fingerprint
from creator_tiers.exports.reading import Limits
from creator_tiers.exports.shelf import write_rows
from creator_tiers.exports.sql import literal
from creator_tiers.exports.workbench import release_memory, workbench
from creator_tiers.ingestion.erasing import FORGOTTEN_MEANWHILE, erase_from
from creator_tiers.ingestion.forgotten import Forgotten
from creator_tiers.ingestion.keeping import REJECTED, Load, by_dataset, keep
from creator_tiers.ingestion.landing import LandingFile, open_landing
from creator_tiers.ingestion.scratch import scratch_folder, sweep
from creator_tiers.ingestion.validating import validate_rows
from creator_tiers.keys import hash_key
from creator_tiers.lake import Lake, open_lake
from creator_tiers.lake.manifests import Manifest, failure_key, format_time, load_key, parse_time
from creator_tiers.settings import Settings
from creator_tiers.stores import StoreDownError, StoreRefusedError
from creator_tiers.tables import table
from creator_tiers.thresholds import read_limits

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Progress:
    loads: dict[str, Load] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    done: list[LandingFile] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def ingest(settings: Settings, batch: dict[str, Any]) -> dict[str, Any]:
    """Read, validate and keep the files of a batch; files that were read before are skipped.

    Returns:
        Counts of `files`, `rows_read`, `rows_accepted`, `rows_duplicate`, `rows_rejected`, `rows_ignored`, and of files
        by status.

    Raises:
        TransientError: some files were still being written or could not be opened, or failed by a fault of ours;
            all others are kept.
    """
    lake = open_lake(settings, for_writing=True)
    lake.root.mkdir(parents=True, exist_ok=True)
    zone = open_landing(settings)
    loaded_at = parse_time(batch["stamp"]) or datetime.now(UTC)
    limits = read_limits(settings)
    forgotten = Forgotten(lake.store, hash_key(settings))
    progress = _Progress()
    sweep(lake.root)
    with scratch_folder(lake.root) as scratch, workbench(hash_key=hash_key(settings)) as connection:
        seen = lake.seen()
        for number, path in enumerate(batch["paths"], 1):
            landing = zone.describe(path)
            if landing is None or landing.state in seen:
                continue
            with bound_contextvars(file=valid_text(path), file_id=""):  # fields of every line in the log
                try:
                    with landing.fetched(scratch) as here:
                        _read(connection, lake, here, loaded_at, limits, scratch, progress, forgotten)
                    progress.done.append(landing)
                except (StoreDownError, StoreRefusedError):
                    raise
                except TransientError as error:
                    progress.waiting.append(str(error))
                except PermissionError as error:
                    progress.waiting.append(f"{valid_text(path)} cannot be opened: {error.strerror}")
                    _note_failure(
                        lake, landing, forgotten, f"the file cannot be opened: {error.strerror}", loaded_at
                    )
                except Exception as error:
                    log.exception("%s could not be read", valid_text(path))
                    progress.failed.append(valid_text(path))
                    fault = f"a fault of the pipeline, not of the file: {str(error) or type(error).__name__}"
                    _note_failure(lake, landing, forgotten, fault, loaded_at)
                log.info("%d of %d: %s", number, len(batch["paths"]), valid_text(path))
        release_memory(connection)
        validated = validate_rows(by_dataset(progress.loads.values()), f"ingest {batch['stamp']}", loaded_at)
        if forgotten.has_changed():
            raise TransientError(FORGOTTEN_MEANWHILE)
        manifests = [keep(lake, load, validated) for load in progress.loads.values()]
        if forgotten.has_changed():
            with lake.replacing():
                erase_from(lake, hash_key(settings), connection, {*progress.loads, *progress.known})
            raise TransientError(FORGOTTEN_MEANWHILE)
    lake.withdraw(*(failure_key(valid_text(one.path)) for one in progress.done))
    lake.mark_seen({one.state: json.dumps({"path": forgotten.masked(one.path)}) for one in progress.done})
    if progress.waiting or progress.failed:
        raise TransientError(
            "; ".join([*progress.waiting, *(f"{path}: see the log above" for path in progress.failed)])
        )
    return _summary(manifests)


def _read(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    landing: LandingFile,
    loaded_at: datetime,
    limits: Limits,
    scratch: Path,
    progress: _Progress,
    forgotten: Forgotten,
) -> None:
    """Read a landing file's members and add them to the loads; what was loaded before only gains a path."""
    loads = progress.loads
    staged: dict[str, Load] = {}
    known_at: list[tuple[str, str]] = []
    for member, outcome in outcomes(connection, landing, loaded_at, limits, scratch):
        bind_contextvars(file_id=outcome.file_id)  # the caller unbinds it
        key = identity(outcome)
        forgotten.strip(connection, outcome)
        if key in loads or key in staged or _is_kept(lake, key):
            known_at.append((key, outcome.path))
        else:
            staged[key] = stage(connection, outcome, key, loaded_at, scratch)
        if member.inner is not None:
            member.file.unlink(missing_ok=True)
    if landing.has_changed():
        raise TransientError(f"{valid_text(landing.path)} is still being written")
    loads |= staged
    for key, path in known_at:
        if key in loads:
            loads[key].manifest = loads[key].manifest.with_path(path)
        elif (manifest := lake.manifest(key)) is not None:
            lake.commit(manifest.with_path(path))
            progress.known.add(key)


def _is_kept(lake: Lake, key: str) -> bool:
    """Whether the lake has a load, whole; one that is not is read again."""
    manifest = lake.manifest(key)
    return manifest is not None and lake.is_whole(manifest)


def outcomes(
    connection: duckdb.DuckDBPyConnection,
    landing: LandingFile,
    loaded_at: datetime,
    limits: Limits,
    scratch: Path,
    wanted: str | None = None,
) -> Iterator[tuple[Member, Outcome]]:
    """Each member with what became of it; a refusal of the file itself is one outcome.

    Args:
        connection: the workbench.
        landing: the file.
        loaded_at: UTC; stamped on the rows.
        limits: when refused rows refuse a file.
        scratch: a folder for intermediate files.
        wanted: only members whose bytes have this sha256.
    """
    try:
        for member in members(landing.file, scratch):
            if wanted is not None and fingerprint(member.file).file_id != wanted:
                continue
            path = valid_text(landing.path if member.inner is None else f"{landing.path}/{member.inner}")
            context = read_context(landing.file, path)
            outcome = read_export(
                connection, member, context, loaded_at, limits, scratch, must_have_account=True
            )
            yield member, outcome
    except RefusedFileError as refusal:
        outcome = Outcome(path=valid_text(landing.path), file_id=fingerprint(landing.file).file_id)
        outcome.refuse(refusal, 0)
        yield Member(landing.file, None), outcome


def identity(outcome: Outcome) -> str:
    """The key of the load that an outcome makes."""
    stated = outcome.observed_from in ("sidecar", "file_name", "content")
    return load_key(
        outcome.file_id,
        [outcome.platform, outcome.account, format_time(outcome.observed_at) if stated else None],
    )


def stage(
    connection: duckdb.DuckDBPyConnection,
    outcome: Outcome,
    key: str,
    loaded_at: datetime,
    scratch: Path,
) -> Load:
    """Write the rows of the file in the workbench to scratch files."""
    rows: dict[str, Path] = {}
    for dataset in outcome.datasets:
        rows[dataset] = scratch / f"{key}.{dataset}.parquet"
        write_rows(connection, f"out_{dataset}", rows[dataset])
    if outcome.refusal is not None or outcome.rows_rejected:
        rows[REJECTED] = scratch / f"{key}.{REJECTED}.parquet"
        _write_rejected(connection, outcome, key, loaded_at, rows[REJECTED])
    manifest = Manifest(
        load_key=key,
        file_id=outcome.file_id,
        paths=(outcome.path,),
        source_format=outcome.source_format,
        platform=outcome.platform,
        account_handle=outcome.account,
        observed_at=outcome.observed_at,
        observed_from=outcome.observed_from,
        rows_read=outcome.rows_read,
        rows_accepted=outcome.rows_accepted,
        rows_duplicate=outcome.rows_duplicate,
        rows_rejected=outcome.rows_rejected,
        rows_ignored=outcome.rows_ignored,
        status=outcome.status,
        message=outcome.message,
        loaded_at=loaded_at,
        datasets=tuple(rows),
    )
    return Load(manifest, rows)


def _write_rejected(
    connection: duckdb.DuckDBPyConnection, outcome: Outcome, key: str, loaded_at: datetime, target: Path
) -> None:
    refusal = outcome.refusal
    if refusal is None:
        source, values = "refused", []
    else:
        source = "(SELECT CAST(NULL AS BIGINT) AS row_number, ? AS rule, ? AS column_name, ? AS value, NULL AS raw)"
        values = [refusal.rule, refusal.column, refusal.message]
    columns = {
        "load_key": literal(key),
        "file_id": literal(outcome.file_id),
        "rejected_at": literal(loaded_at.replace(tzinfo=None).isoformat(sep=" ")),
        "resolved_at": "NULL",
    }
    types = {"bigint": "BIGINT", "timestamp": "TIMESTAMP"}
    select = ", ".join(
        f"CAST({columns.get(column.name, column.name)} AS {types.get(column.type, 'VARCHAR')}) AS {column.name}"
        for column in table(f"lake.{REJECTED}").columns
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE rejected AS SELECT {select} FROM {source} ORDER BY row_number", values
    )
    connection.execute(f"COPY rejected TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")


def _note_failure(
    lake: Lake, landing: LandingFile, forgotten: Forgotten, fault: str, loaded_at: datetime
) -> None:
    """Keep a line about a file that we failed on; a later try replaces it."""
    try:
        file_id = fingerprint(landing.file).file_id
    except OSError:
        file_id = ""
    lake.commit(
        Manifest(
            load_key=failure_key(valid_text(landing.path)),
            file_id=file_id,
            paths=(forgotten.masked(valid_text(landing.path)),),
            source_format="unknown",
            platform=None,
            account_handle=None,
            observed_at=None,
            observed_from=None,
            rows_read=0,
            rows_accepted=0,
            rows_duplicate=0,
            rows_rejected=0,
            rows_ignored=0,
            status="failed",
            message=f"{fault[:400]}; it will be tried again",
            loaded_at=loaded_at,
        )
    )


def _summary(manifests: list[Manifest]) -> dict[str, Any]:
    counts = ("rows_read", "rows_accepted", "rows_duplicate", "rows_rejected", "rows_ignored")
    summary: dict[str, Any] = {"files": len(manifests)}
    summary |= {name: sum(getattr(manifest, name) for manifest in manifests) for name in counts}
    for manifest in manifests:
        summary[manifest.status] = summary.get(manifest.status, 0) + 1
    return summary
