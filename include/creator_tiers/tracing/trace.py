"""The rows under a cell, and the cell's number worked out from them again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import ContractError
from creator_tiers.settings import Settings
from creator_tiers.tracing.cells import CampaignCell, RatioCell, parse_cell
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = (
    "arm",
    "creator_key",
    "account_key",
    "item",
    "quantity",
    "value",
    "observed_at",
    "path",
    "row_number",
    "file_id",
)
"""The columns of `Trace.rows`: a line is one value used, with the export file and row that it stands in."""


@dataclass(frozen=True)
class Trace:
    """Where a number comes from.

    Attributes:
        week: the report's week.
        cell: the cell's full name.
        reported: the number as the warehouse has it for the report; None where it is unknown.
        recomputed: the same worked out from `rows`.
        facts: more of what was reported, for people.
        rows: the values used, columns `ROWS`. `item` is a post, an order or a placement.
    """

    week: str
    cell: str
    reported: float | None
    recomputed: float | None
    facts: dict[str, Any]
    rows: pa.Table

    @property
    def agrees(self) -> bool:
        """Whether the rows give the reported number; not so when exports came later than the report was made."""
        if self.reported is None or self.recomputed is None:
            return self.reported is self.recomputed
        return math.isclose(self.reported, self.recomputed, rel_tol=1e-9, abs_tol=1e-9)


def trace(settings: Settings, week: Week, name: str) -> Trace:
    """A report's number back to the export rows that it rests on.

    A ratio is traced as of the week's end, by the same rules as the report's. A campaign's figures are those of now.

    Args:
        settings: which warehouse, which tier scheme.
        week: the report's week.
        name: the cell.

    Raises:
        ContractError: there is no such cell, or the week has no such number.
        WarehouseError: nothing has been built yet, or the warehouse cannot be used.
    """
    from creator_tiers.tracing.campaigns import trace_campaign
    from creator_tiers.tracing.ratios import trace_ratio
    from creator_tiers.warehouse import open_reader

    cell = parse_cell(name)
    with open_reader(settings) as reader:
        if isinstance(cell, RatioCell):
            return trace_ratio(reader, settings, week, cell)
        if isinstance(cell, CampaignCell):
            return trace_campaign(reader, week, cell)
    raise ContractError(f"{name} cannot be traced")
