"""Loads that were read and wait for validation: judged, put into the lake, committed. Also for a replay."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from creator_tiers.ingestion.refusals import SCHEMA
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake.manifests import Manifest
from creator_tiers.lake.store import Lake

REJECTED = "rejected_rows"


@dataclass(slots=True)
class Load:
    """A file that was read and waits for validation: its manifest, and its rows in a scratch folder."""

    manifest: Manifest
    rows: dict[str, Path]


def by_dataset(loads: Iterable[Load]) -> dict[str, dict[str, Path]]:
    """The Parquet files with accepted rows of some loads, by dataset and load key."""
    files: dict[str, dict[str, Path]] = {}
    for load in loads:
        for dataset, parquet in load.rows.items():
            if dataset != REJECTED:
                files.setdefault(dataset, {})[load.manifest.load_key] = parquet
    return files


def judge(load: Load, validated: Validated) -> None:
    """Refuse a file that breaks the contract."""
    manifest = load.manifest
    if manifest.load_key in validated.guilty and manifest.status in ("loaded", "partial"):
        reason = f"the accepted rows break the contract of the lake: {validated.guilty[manifest.load_key]}"
        load.manifest = _refused(manifest, reason)
        load.rows = {REJECTED: _one_rejection(load.manifest, load, reason)}


def keep(lake: Lake, load: Load, validated: Validated, known: Manifest | None = None) -> Manifest:
    """Move a load's rows into the lake and commit it; a file that breaks the contract is refused.

    Args:
        lake: where.
        load: what; a revision above 0 takes the place of `known`.
        validated: what validation says; its results go to the first load that is kept.
        known: the load as it is in the lake.

    Returns:
        The load that counts: another machine's where that one was quicker.

    Raises:
        TransientError: another machine made another revision meanwhile.
    """
    judge(load, validated)
    manifest = replace(
        load.manifest,
        token=lake.new_token(),
        validation=(*load.manifest.validation, *validated.results),
    )
    validated.results = []
    for dataset, scratch in load.rows.items():
        lake.put(manifest, dataset, partial(_move, scratch))
    if manifest.revision:
        lake.replace(manifest, known)
        return manifest
    counts = lake.commit(manifest)
    if counts.token != manifest.token:
        lake.discard(manifest)
    return counts


def _move(source: Path, target: Path) -> None:
    shutil.move(source, target)


def _refused(manifest: Manifest, reason: str) -> Manifest:
    return replace(
        manifest,
        status="refused",
        message=reason,
        rows_accepted=0,
        rows_duplicate=0,
        rows_ignored=0,
        rows_rejected=manifest.rows_read,
        datasets=(REJECTED,),
    )


def _one_rejection(manifest: Manifest, load: Load, reason: str) -> Path:
    values: dict[str, Any] = {
        "load_key": manifest.load_key,
        "file_id": manifest.file_id,
        "rule": "broken_contract",
        "value": reason,
        "rejected_at": manifest.loaded_at.replace(tzinfo=None),
    }
    target = next(iter(load.rows.values())).with_suffix(".refusal")
    pq.write_table(pa.Table.from_pylist([values], schema=SCHEMA), target)
    return target
