"""The rows of a batch, validated together: asking about each file alone would take as long as reading it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from creator_tiers.contracts.checks import checked_columns
from creator_tiers.contracts.digest import Digest
from creator_tiers.contracts.expectations import ValidationResult
from creator_tiers.contracts.files import validate_files
from creator_tiers.lake.manifests import format_time
from creator_tiers.tables import Table, table

log = logging.getLogger(__name__)

VALIDATION_ROWS = 250_000

LOAD = "load_key"
"""The same bytes of two accounts, or at two times, are two loads: what must be unique is so inside each."""


@dataclass(slots=True)
class Validated:
    """What validation says: its results, and the keys of the guilty loads with the reason."""

    results: list[dict[str, Any]]
    guilty: dict[str, str]


def validate_rows(files: Mapping[str, Mapping[str, Path]], run_id: str, validated_at: datetime) -> Validated:
    """Ask Great Expectations about the rows of all files of a dataset at once, in chunks of bounded size.

    Args:
        files: dataset to its Parquet files, each by the key of its load.
        run_id: the run that validates.
        validated_at: when.
    """
    validated = Validated([], {})
    for dataset, parquet in files.items():
        described = table(f"lake.{dataset}")
        columns = checked_columns(described)
        if _rows_of(parquet.values()) > VALIDATION_ROWS:
            digest = Digest(described, within=(LOAD,))
            for chunk in _told(described, _chunks(parquet, columns)):
                if not digest.add(chunk):
                    break
            if (results := digest.results(run_id, validated_at)) is not None:
                validated.results += map(_as_kept, results)
                continue
        for chunk in _told(described, _chunks(parquet, columns)):
            verdict = validate_files(chunk, described, run_id, validated_at, LOAD)
            validated.guilty |= verdict.guilty
            validated.results += map(_as_kept, verdict.results)
    return validated


def _as_kept(result: ValidationResult) -> dict[str, Any]:
    return {**asdict(result), "validated_at": format_time(result.validated_at)}


def _rows_of(files: Iterable[Path]) -> int:
    return sum(pq.read_metadata(file).num_rows for file in files)


def _told(described: Table, chunks: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The chunks; where there are many, the log says how far they are."""
    done = 0
    for chunk in chunks:
        yield chunk
        done += chunk.num_rows
        if done > VALIDATION_ROWS:
            log.info("%s: %s rows validated", described.full_name, f"{done:,}")


def _chunks(files: Mapping[str, Path], columns: Sequence[str]) -> Iterator[pa.Table]:
    """Some columns of the rows of many files and their load's key, about VALIDATION_ROWS at a time."""
    waiting: list[pa.Table] = []
    for key, file in files.items():
        with pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as parquet:
            for batch in parquet.iter_batches(VALIDATION_ROWS, columns=columns):
                rows = pa.Table.from_batches([batch])
                waiting.append(rows.append_column(LOAD, pa.repeat(key, rows.num_rows)))
                if sum(one.num_rows for one in waiting) >= VALIDATION_ROWS:
                    yield pa.concat_tables(waiting)
                    waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
