"""A number of a report, back to the export files and rows that it rests on.

A cell is named like `instagram/feed/er_followers_settled/micro-mega` (a ratio of the tier comparison), `C1` (the ratio
behind a claim) or `campaign/<campaign>/orders_net` (a figure of a campaign); see `cells`.
"""

from creator_tiers.tracing.cells import CampaignCell, RatioCell, parse_cell
from creator_tiers.tracing.trace import ROWS, Trace, trace

__all__ = ["ROWS", "CampaignCell", "RatioCell", "Trace", "parse_cell", "trace"]
