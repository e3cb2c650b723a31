"""Validation of the rows of many files in one frame, so that one bad file never harms its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.contracts.checks import columns_of
from creator_tiers.contracts.expectations import ValidationResult, checks_for, run_check, validate
from creator_tiers.contracts.frames import as_arrow, plain
from creator_tiers.tables import Table

if TYPE_CHECKING:
    import pandas as pd

Run = Callable[[pa.Table], ValidationResult]
"""A check, ready to be asked about some of the rows."""


@dataclass(frozen=True, slots=True)
class FilesVerdict:
    """What validation says of the rows of several files.

    Attributes:
        results: every expectation's outcome over all rows.
        guilty: the files that must not be kept, each with the reason. The rows of all other files passed every check
            of severity `fail` or `reject`.
    """

    results: tuple[ValidationResult, ...]
    guilty: dict[str, str]


def validate_files(
    frame: pa.Table | pd.DataFrame,
    table: Table,
    run_id: str,
    validated_at: datetime,
    file_column: str = "file_id",
) -> FilesVerdict:
    """Check the rows of many files at once; when a check stops them, find the files which it is about.

    The whole frame is checked first, which is all that happens on a good day. Each check that stops it is then asked
    about halves of the files, and halves of those, until the guilty ones are alone. `unique` and `compound_unique` hold
    inside a file: what two files share is no fault of either.

    Args:
        frame: the accepted rows of the files.
        table: their description.
        run_id: the run that validates.
        validated_at: when.
        file_column: the column that tells the files apart.

    Raises:
        KeyError: the frame has no such column.
    """
    rows = as_arrow(frame)
    if file_column not in rows.column_names:
        raise KeyError(
            f"the rows of {table.full_name} do not tell their file: the column {file_column} is missing"
        )
    within = (file_column,)
    results = validate(rows, table, run_id, validated_at, within)
    stopped = [check for check, result in zip(checks_for(table, rows), results, strict=True) if result.stops]
    guilty: dict[str, str] = {}
    if stopped:
        needed = {file_column, *(name for check in stopped for name in columns_of(check))}
        rows = plain(rows.select([name for name in rows.column_names if name in needed])).sort_by(file_column)
    for check in stopped:
        run = partial(run_check, check, table=table, run_id=run_id, validated_at=validated_at, within=within)
        for file, reason in _guilty(rows, file_column, run).items():
            guilty[file] = f"{guilty[file]}; {reason}" if file in guilty else reason
    return FilesVerdict(tuple(results), guilty)


def _guilty(rows: pa.Table, file_column: str, run: Run) -> dict[str, str]:
    files = pc.value_counts(rows[file_column]).to_pylist()
    names, sizes = [file["values"] for file in files], [file["counts"] for file in files]
    empty = run(rows.slice(0, 0))
    if empty.outcome == "errored":  # not even without rows: the frame is at fault, and so is every file in it
        return dict.fromkeys(names, _reason(empty))
    found = _halve(rows, names, sizes, run)
    # A check that stops the whole but none of the files has no answer for any of them: keep none.
    return found or dict.fromkeys(names, _reason(run(rows)))


def _halve(rows: pa.Table, names: Sequence[str], sizes: Sequence[int], run: Run) -> dict[str, str]:
    result = run(rows)
    if not result.stops:
        return {}
    if len(names) == 1:
        return {names[0]: _reason(result)}
    middle = len(names) // 2
    cut = sum(sizes[:middle])
    return _halve(rows.slice(0, cut), names[:middle], sizes[:middle], run) | _halve(
        rows.slice(cut), names[middle:], sizes[middle:], run
    )


def _reason(result: ValidationResult) -> str:
    if result.outcome == "errored":
        return f"{result.expectation}: could not be checked: {result.observed}"
    return f"{result.expectation}: {result.observed}"
