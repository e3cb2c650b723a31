"""How much memory a build may take on this machine."""

from __future__ import annotations

import os
from pathlib import Path

LEAST_MB = 640
"""What a build gets on any machine, MB."""

SHARE = 4
"""A build may take one part in so many of the memory: others work beside it."""

_GROUPS = Path("/sys/fs/cgroup")
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")


def fair_share(memory: int | None = None) -> int:
    """A quarter of the memory that this process may use, at least `LEAST_MB`, in MB.

    Args:
        memory: bytes that it may use; None to ask the machine.
    """
    return max(LEAST_MB, (usable_memory() if memory is None else memory) // SHARE // 1_000_000)


def usable_memory(groups: Path = _GROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes that this process may use: the machine's, or less where a container or a service has a limit.

    Args:
        groups: where Linux keeps the control groups.
        own: the file that names this process's group.
    """
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    folders = [groups]
    for line in _text(own).splitlines():
        if line.startswith("0::/"):
            group = groups / line.removeprefix("0::/")
            folders += [group, *(parent for parent in group.parents if parent.is_relative_to(groups))]
    for folder in folders:
        for name in _LIMITS:
            limit = _text(folder / name).strip()  # `max` where there is none
            if limit.isdigit():
                found.append(int(limit))
    return min(found)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
