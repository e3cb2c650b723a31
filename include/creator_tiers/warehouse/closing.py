"""What every engine's reader and writer do at the end of a `with` block."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class ClosedAtEnd:
    """Closed when its `with` block ends, however that ends."""

    def close(self) -> None:
        """See `Reader.close`."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
