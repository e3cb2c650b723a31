"""How long each stage of a run took, by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable


class Stages:
    """Stages that follow one another, from now on.

    Args:
        clock: seconds from any moment on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._last = clock()
        self._done: list[tuple[str, float]] = []

    def done(self, name: str) -> None:
        """The stage of this name ends now, the next one begins."""
        now = self._clock()
        self._done.append((name, now - self._last))
        self._last = now

    def lines(self) -> list[str]:
        """Seconds and name of each stage, and of all together."""
        every = [*self._done, ("in all", self._last - self._began)]
        return [f"  {seconds:6.1f} s  {name}" for name, seconds in every]
