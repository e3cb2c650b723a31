"""What a piece of work has used: the kernel's counts for this process, from its start or from `begin`."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Used:
    processor: float = 0.0
    seconds: float = 0.0
    memory: float = 0.0
    marks: dict[str, float] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)


_STARTED = time.perf_counter()
_BEGAN = {"processor": 0.0, "seconds": 0.0}
_USED = _Used()


def begin() -> None:
    """The work begins here: what was before, such as making its input, does not count."""
    _BEGAN.update(processor=_processor(), seconds=time.perf_counter() - _STARTED)


def mark(name: str) -> None:
    """Remember under a name what has been used so far."""
    _USED.marks[name] = _processor() - _BEGAN["processor"]
    _USED.moments[name] = time.perf_counter() - _STARTED - _BEGAN["seconds"]
    _USED.peaks[name] = _peak()


def end() -> None:
    """The work ends here: looking at its result does not count."""
    _USED.processor = _processor() - _BEGAN["processor"]
    _USED.seconds = time.perf_counter() - _STARTED - _BEGAN["seconds"]
    _USED.memory = _peak()


def used() -> dict[str, object]:
    """What was used until `end`: `processor` and `seconds`, `memory` (peak of the process, MB); and until each mark:
    `marks` (processor), `moments` (seconds), `peaks` (MB).
    """
    names = ("processor", "seconds", "memory", "marks", "moments", "peaks")
    return {name: getattr(_USED, name) for name in names}


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
