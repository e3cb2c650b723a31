"""What keeps an installation alive: backup and restore."""

from creator_tiers.operations.backup import Done, back_up
from creator_tiers.operations.restore import restore

__all__ = ["Done", "back_up", "restore"]
