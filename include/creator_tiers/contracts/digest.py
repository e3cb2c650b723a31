"""Rows too many for one frame: what tells of them is gathered chunk by chunk, and Great Expectations is asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from creator_tiers.contracts.expectations import (
    ValidationResult,
    checks_for,
    expectation_of,
    known_values,
    none_breaks,
    result_of,
    verdict_on,
)
from creator_tiers.contracts.frames import telling_rows
from creator_tiers.tables import Check, Table

MOST_VALUES = 250_000
"""When more values than these tell of a column, the rows themselves are asked about."""

_OF_A_ROW = ("unique", "compound_unique", "at_least_column")
"""Checks whose telling rows cannot be told from others: one row tells that all is well, or none does."""


@dataclass(slots=True)
class _Told:
    check: Check
    telling: pa.Table
    seen: int = 0


class Digest:
    """The rows of a table, chunk by chunk, as far as they tell whether every check passes: a few rows a check.

    `unique` and `compound_unique` are looked at inside a chunk.
    """

    def __init__(self, table: Table, within: Sequence[str] = ()) -> None:
        """Begin without rows.

        Args:
            table: the description.
            within: columns inside whose groups `unique` and `compound_unique` hold.
        """
        self._table = table
        self._within = tuple(within)
        self._told: list[_Told] | None = None
        self._is_plain = True

    def add(self, rows: pa.Table) -> bool:
        """Take further rows in, every chunk with the same columns.

        Returns:
            False as soon as it is known that the rows themselves must be asked about.
        """
        if self._told is None:
            self._told = [_Told(check, rows.slice(0, 0)) for check in checks_for(self._table, rows)]
        for told in self._told:
            self._tell(told, rows)
        return self._is_plain

    def results(self, run_id: str, validated_at: datetime) -> list[ValidationResult] | None:
        """Each check's result where all of them pass; None where the rows themselves must be asked about.

        Args:
            run_id: the run that validates, for the results.
            validated_at: when, for the results.
        """
        if not self._is_plain or any(self._breaks(told) for told in self._told or ()):
            return None
        return [
            result_of(told.check, self._table, "passed", none_breaks(told.seen), run_id, validated_at)
            for told in self._told or ()
        ]

    def _breaks(self, told: _Told) -> bool:
        try:
            expectation = expectation_of(told.check, self._table, self._within)
            outcome, _ = verdict_on(expectation, told.check, told.telling, self._within)
        except Exception:  # no answer: the rows themselves are asked about, and say why
            return True
        return outcome != "passed"

    def _tell(self, told: _Told, rows: pa.Table) -> None:
        if not self._is_plain:
            return
        found = telling_rows(told.check, rows, self._within)
        told.seen += known_values(told.check, rows)
        if told.check.kind in _OF_A_ROW:
            told.telling = found
            self._is_plain = found.num_rows <= 1
        elif told.telling.num_rows:
            both = pa.concat_tables([told.telling, found])
            told.telling = telling_rows(told.check, both, self._within)
        else:
            told.telling = found
        self._is_plain = self._is_plain and told.telling.num_rows <= MOST_VALUES
