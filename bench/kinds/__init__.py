"""The kinds of work that are measured, in the order of the table."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.table import Line

KINDS = (
    "ingestion",
    "airflow",
    "marts",
    "days",
    "comparison",
    "report",
    "postgresql",
    "spark",
    "dags",
    "demo",
)
"""A module of this package each, whose `lines(plan)` measures."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures.

    Attributes:
        folder: where it may write; gone afterwards.
        rows: sizes of files and histories, ascending.
        engine_rows: observations for PostgreSQL and Spark.
        creators: creators of the comparison.
        peers: the interpreter that has the peers; None when they could not be installed.
    """

    folder: Path
    rows: tuple[int, ...] = (1_000_000, 10_000_000)
    engine_rows: int = 1_000_000
    creators: int = 100_000
    peers: Path | None = None


def lines(kind: str, plan: Plan) -> Iterator[Line]:
    """Measure a kind of work, line by line."""
    found: Iterator[Line] = importlib.import_module(f"bench.kinds.{kind}").lines(plan)
    return found
