"""One piece of the benchmark's work, alone in a process, so that its time and memory are its own.

    python bench/work.py NAME HOME FILE

Prints one JSON object: `figures`, by which results are compared, and what the work used: `processor` (seconds, user and
system), `seconds`, `memory` (peak, MB), `marks`. The pieces are in `bench/pieces/`; without a FILE it is `-`.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

if __name__ == "__main__":  # beside this file lies nothing that may be imported by its bare name
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench import clock

PIECES = {
    "ingestion": ("floor", "lake", "tables", "pandas"),
    "peers": ("dlt", "dbt"),
    "scheduled": ("airflow",),
    "marts": ("observe", "marts", "script", "prepare_dbt"),
    "days": ("day",),
    "comparing": ("comparison", "weekly", "our_bootstrap", "scipy_bootstrap"),
    "reporting": ("sample", "report", "pdf"),
    "engines": ("copy", "postgresql", "spark_read", "spark"),
    "parsing": ("bare_airflow", "dag"),
}
"""The pieces of work by the module in which they are."""


def main(name: str, home: Path, file: str) -> None:
    """Do a piece of work and print what came of it."""
    module = next(module for module, names in PIECES.items() if name in names)
    figures = getattr(importlib.import_module(f"bench.pieces.{module}"), name)(home, file)
    print(json.dumps({"figures": figures, **clock.used()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
