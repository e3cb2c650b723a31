"""The two kinds of failure that decide whether a task is tried again. Imports nothing heavy."""

from __future__ import annotations


class TransientError(Exception):
    """Something that passes by itself: a locked file, one still being written. Worth another try."""


class ContractError(Exception):
    """The input or the configuration breaks a promise: the same try would fail again."""


class NothingYetError(ContractError):
    """There is nothing to work on, and never was: no failure, the work waits for its first input."""


class GateClosedError(ContractError):
    """A gate held a report back.

    Attributes:
        reasons: one sentence a gate, each naming the gate and what it found.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons
