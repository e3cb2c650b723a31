"""What can go wrong in a warehouse, told apart by whether another try may help."""

from __future__ import annotations

from creator_tiers.errors import ContractError, TransientError


class WarehouseError(ContractError):
    """A statement, a table or a setting that cannot work; the message says which and what to do."""


class NothingPublishedError(WarehouseError):
    """There is no published copy yet: nothing has been built in this home."""


class WarehouseBusyError(TransientError):
    """Another process writes to the warehouse; it passes by itself."""


class WarehouseUnreachableError(TransientError):
    """The warehouse's server does not answer, or broke off; it passes by itself."""
