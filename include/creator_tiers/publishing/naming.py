"""Which reports on disk name an account."""

from __future__ import annotations

import re

from creator_tiers.settings import Settings

_READ = ("*.json", "*.csv", "*.txt", "inputs/*.arrow")
"""What of a report's folder is looked through; its pages and its message say nothing else."""


def reports_naming(settings: Settings, account_key: str) -> list[str]:
    """The folders of reports and drafts, relative to the home, in which an account's handle stands.

    Args:
        settings: where reports are.
        account_key: `platform:handle`.
    """
    handle = re.escape(account_key.partition(":")[2].encode())
    word = re.compile(
        rb"(?<![a-z0-9_-])(?<![a-z0-9]\.)" + handle + rb"(?![a-z0-9_-]|\.[a-z0-9])", re.IGNORECASE
    )
    folders = [
        folder
        for parent in (settings.reports, settings.reports / ".drafts")
        if parent.is_dir()
        for folder in sorted(parent.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
    ]
    return [
        folder.relative_to(settings.home).as_posix()
        for folder in folders
        if any(word.search(path.read_bytes()) for pattern in _READ for path in folder.glob(pattern))
    ]
