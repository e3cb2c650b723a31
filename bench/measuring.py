"""Running pieces of work, each alone in a process, and what they used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class WrongResultError(Exception):
    """A piece of work whose result is not the one that it is measured beside."""


class FailedError(Exception):
    """A piece of work that failed; the message has the end of what it said."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A piece of work.

    Attributes:
        seconds: by the wall clock.
        processor: seconds of processor time, user and system.
        memory: peak resident memory, MB.
        figures: its result, to be compared.
        marks: processor seconds that had been used at named points.
        moments: seconds by the wall clock at the same points.
        peaks: peak resident memory, MB, at the same points.
    """

    seconds: float
    processor: float
    memory: float
    figures: Any
    marks: dict[str, float] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)

    def until(self, name: str) -> Measured:
        """The work until a mark."""
        return Measured(self.moments[name], self.marks[name], self.peaks[name], self.figures)

    def through(self, step: str) -> Measured:
        """The work until a step of a build was done: marks tell when steps begin."""
        names = list(self.marks)
        return self.until(names[names.index(step) + 1])

    def __add__(self, other: Measured) -> Measured:
        """One after the other; the result is the other's."""
        return Measured(
            self.seconds + other.seconds,
            self.processor + other.processor,
            max(self.memory, other.memory),
            other.figures,
        )


def measure(
    name: str, home: Path, file: Path | str = "-", python: Path | str = sys.executable, **environment: str
) -> Measured:
    """Run a piece of work in a process of its own.

    Args:
        name: one of `work.PIECES`.
        home: the home that it works in.
        file: what it works on.
        python: the interpreter, another one for peers.
        environment: more variables.

    Raises:
        FailedError: it failed.
    """
    home.mkdir(parents=True, exist_ok=True)
    variables = os.environ | {
        "CREATOR_TIERS_HOME": str(home),
        "PYTHONWARNINGS": "ignore",
        **environment,
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [str(python), str(ROOT / "bench" / "work.py"), name, str(home), str(file)],
        capture_output=True,
        env=variables,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedError(f"{name} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def must_equal(name: str, found: Any, wanted: Any) -> None:
    """Compare a result with the one beside it.

    Raises:
        WrongResultError: they differ.
    """
    if found != wanted:
        raise WrongResultError(f"{name}: {found}, but it should be {wanted}")
