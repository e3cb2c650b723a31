"""A week's report, from the marts to the mail, in steps that each can be run again.

`compare` writes the week's comparison, `render` makes the files as a draft, `check_gates` holds the draft against the
gates, `deliver` publishes and sends it. The draft keeps the rows that it was made from, so that the last two steps
speak of the same report whatever is built meanwhile. `publish_week` is all four.
"""

from creator_tiers.publishing.steps import (
    Facts,
    PublishResult,
    build_warehouse,
    check_gates,
    compare,
    deliver,
    parse_week,
    publish_week,
    render,
)

__all__ = [
    "Facts",
    "PublishResult",
    "build_warehouse",
    "check_gates",
    "compare",
    "deliver",
    "parse_week",
    "publish_week",
    "render",
]
