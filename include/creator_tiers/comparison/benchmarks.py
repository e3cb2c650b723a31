"""Published values to print beside a user's own, matched by definition, never by name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from creator_tiers.settings import RESOURCES

SEED = RESOURCES / "seeds" / "benchmarks.csv"
CORE = "likes + comments"
NOT_STATED = "not stated"
DEFINITIONS = {
    "er_followers_settled": (CORE, "followers"),
    "er_reach_settled": (CORE, "reach"),
    "er_views_settled": (CORE, "views"),
}
"""What each rate of ours is: numerator, denominator."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published value.

    Attributes:
        publisher, report, year: who said it, where and when.
        platform, subject: about whom.
        numerator, denominator, statistic: what exactly was divided by what, and how it was averaged.
        value: a ratio.
        url: where it was read.
    """

    publisher: str
    report: str
    year: int
    platform: str
    subject: str
    numerator: str
    denominator: str
    statistic: str
    value: float
    url: str

    def difference(self, metric: str) -> str | None:
        """Why it must be shown greyed beside a metric of ours; None when numerator and denominator are the same.

        Raises:
            KeyError: no such metric.
        """
        numerator, denominator = DEFINITIONS[metric]
        if NOT_STATED in (self.numerator, self.denominator):
            return "definition not stated"
        if self.denominator != denominator:
            return "different denominator"
        return None if self.numerator == numerator else "different numerator"


def load_benchmarks(path: Path = SEED) -> tuple[Benchmark, ...]:
    """Read the seed file.

    Raises:
        ValueError: a row lacks a column, or its year or value is no number in range; the message names the line.
    """
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if None in row or set(row) != set(Benchmark.__dataclass_fields__) or not all(row.values()):
                raise ValueError(f"{path.name}, line {line}: every column has to be there and filled")
            try:
                year, value = int(row["year"]), float(row["value"])
            except ValueError as error:
                raise ValueError(f"{path.name}, line {line}: {error}") from error
            if not (2000 <= year <= 2100 and 0 < value < 1):
                raise ValueError(f"{path.name}, line {line}: year {year} or value {value} is out of range")
            typed: dict[str, Any] = {**row, "year": year, "value": value}
            found.append(Benchmark(**typed))
    return tuple(found)


def beside(metric: str, platform: str, path: Path = SEED) -> list[tuple[Benchmark, str | None]]:
    """The published values of a platform, those with our definition first, each with why it is greyed, if it is."""
    rows = [(one, one.difference(metric)) for one in load_benchmarks(path) if one.platform == platform]
    return sorted(rows, key=lambda row: (row[1] is not None, -row[0].year, row[0].publisher, row[0].subject))
