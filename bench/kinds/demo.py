"""`make demo` in a bare checkout, as a user begins: its stages, by the clock."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator

from bench.kinds import Plan
from bench.measuring import ROOT, FailedError, Measured
from bench.table import Line

KIND = "demo"
MOST_SECONDS = 120.0
STAGE = re.compile(r"^ +(\d+(?:\.\d)?) s  (.+)$")
"""How `make demo` tells its stages at its end."""


def lines(plan: Plan) -> Iterator[Line]:
    """Clone what is committed, and run it in a home of its own."""
    checkout = plan.folder / "demo"
    _run(["git", "clone", "--quiet", str(ROOT), str(checkout)])
    started = time.monotonic()
    told = _run(["make", "-C", str(checkout), "demo"], CREATOR_TIERS_HOME=str(plan.folder / "demo-home"))
    seconds = time.monotonic() - started
    for line in told.splitlines():
        if found := STAGE.match(line):
            yield Line(KIND, f"{found[1]} s", found[2], None)
    ratio = seconds / MOST_SECONDS
    whole = Measured(seconds, 0.0, 0.0, {})
    yield Line(KIND, "", "bare checkout to report", whole, ratio, "2 minutes", 1.0, "at most 2 minutes")


def _run(call: list[str], **environment: str) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("VIRTUAL_ENV")}
    done = subprocess.run(call, capture_output=True, text=True, env=variables | environment, check=False)  # noqa: S603
    if done.returncode:
        raise FailedError(
            f"{' '.join(call)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    return done.stdout
