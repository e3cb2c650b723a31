"""The benchmark: ours beside the floor and beside what a user would pick instead, in one run on one machine.

    python bench/bench.py [--rows N ...] [--quick]

Each piece of work runs alone in a process (`bench/work.py`); its processor time and peak memory are the kernel's, and
results are checked against the floor's. The ratio is of processor time: it bears other work on the machine.
`--quick` runs a small file and fails when a ratio is 1.5 times what `bench/recorded.yaml` says.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from exports import write_meta_export

HERE = Path(__file__).parent
RECORDED = HERE / "recorded.yaml"
QUICK_ROWS = 300_000
TOLERANCE = 1.5
PEER_ROWS = 1_000_000
"""A peer that keeps the whole file in memory is not asked for more."""
FILE = "instagram/bench/Aug-01-2026_Oct-31-2026_1.csv"


class WrongResultError(Exception):
    """A piece of work whose result is not the floor's."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A piece of work.

    Attributes:
        seconds: by the wall clock.
        processor: seconds of processor time, user and system.
        memory: peak resident memory, MB.
        figures: its result, to be compared.
    """

    seconds: float
    processor: float
    memory: float
    figures: dict[str, Any]


def measure(name: str, home: Path, file: Path) -> Measured:
    """Run a piece of work in a process of its own.

    Raises:
        CalledProcessError: it failed.
    """
    environment = os.environ | {"CREATOR_TIERS_HOME": str(home), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(HERE / "work.py"), name, str(home), str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
        check=True,
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def compare(rows: int, folder: Path) -> list[tuple[str, Measured, float]]:
    """(work, measured, ratio of its processor time to the floor's) for a file of so many rows.

    Raises:
        WrongResultError: ours is not the floor's result.
    """
    home = folder / str(rows)
    file = home / "landing" / FILE
    write_meta_export(file, rows)
    names = ["floor", "lake", "tables"] + (["pandas"] if rows <= PEER_ROWS else [])
    results = {name: measure(name, home, file) for name in names}
    for name in ("lake", "tables"):
        if results[name].figures != results["floor"].figures:
            raise WrongResultError(f"{name}: {results[name].figures}, floor: {results['floor'].figures}")
    return [(name, one, one.processor / results["floor"].processor) for name, one in results.items()]


def show(rows: int, results: list[tuple[str, Measured, float]]) -> None:
    """Print lines of the table."""
    for name, one, ratio in results:
        print(
            f"| {rows:,} | {name} | {one.seconds:.1f} | {one.processor:.1f} | {one.memory:,.0f} | {ratio:.1f} |",
            flush=True,
        )


def main() -> int:
    """Run the benchmark; 1 when a ratio is worse than recorded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    print("| rows | work | seconds | processor seconds | peak MB | x floor |\n|---|---|---|---|---|---|")
    worse = []
    with tempfile.TemporaryDirectory(prefix="creator-tiers-bench-") as folder:
        for rows in [QUICK_ROWS] if chosen.quick else chosen.rows:
            results = compare(rows, Path(folder))
            show(rows, results)
            if chosen.quick:
                recorded = yaml.safe_load(RECORDED.read_text(encoding="utf-8"))
                worse = [
                    f"{name}: {ratio:.1f} times the floor, recorded {recorded[name]}"
                    for name, _, ratio in results
                    if name in recorded and ratio > TOLERANCE * recorded[name]
                ]
    for line in worse:
        print(f"WORSE: {line}")
    return bool(worse)


if __name__ == "__main__":
    sys.exit(main())
