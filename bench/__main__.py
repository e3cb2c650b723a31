"""The benchmark: ours beside the floor and beside what a user would pick instead, in one run on one machine.

    python -m bench [--only KIND ...] [--rows N ...] [--engine-rows N] [--creators N] [--quick]

Each piece of work runs alone in a process (`bench/work.py`); its processor time and peak memory are the kernel's, and
results are checked against those beside it. Ratios are of processor time, which bears other work on the machine, but
where a server or Airflow does the work: there they are of the clock. `--quick` measures small sizes, the best of some
tries each, and fails when a ratio is 1.5 times what `bench/recorded.yaml` says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.kinds import KINDS, Plan, lines
from bench.measuring import FailedError, WrongResultError
from bench.peers import peers
from bench.quick import worse_than_recorded
from bench.table import HEAD, Line


def main() -> int:
    """Run the benchmark; 1 when something failed, has a wrong result, or is worse than recorded."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--engine-rows", type=int, default=1_000_000)
    parser.add_argument("--creators", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory(prefix="creator-tiers-bench-") as folder:
        if chosen.quick:
            return _report(worse_than_recorded(Path(folder)))
        plan = Plan(
            folder=Path(folder),
            rows=tuple(sorted(chosen.rows)),
            engine_rows=chosen.engine_rows,
            creators=chosen.creators,
            peers=peers(),
        )
        return _report(_measure(plan, chosen.only))


def _measure(plan: Plan, kinds: list[str]) -> list[str]:
    """Print every line; what failed."""
    failed = []
    for kind in kinds:
        started = time.monotonic()
        try:
            for line in lines(kind, plan):
                print(line, flush=True)
        except (FailedError, WrongResultError) as error:
            failed.append(f"{kind}: {error}")
            print(Line(kind, "", "failed", None), flush=True)
        print(f"{kind}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return failed


def _report(bad: list[str]) -> int:
    for one in bad:
        print(f"BAD: {one}", flush=True)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
