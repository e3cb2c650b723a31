"""The sums over a file's accepted rows that `inspect` shows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb

from creator_tiers.exports.registry import FORMATS
from creator_tiers.exports.sql import identifier

TOTALS: Mapping[str, Mapping[str, str]] = {
    "post_observations": {
        "posts": "count(DISTINCT post_key)",
        **{name: f"sum({name})" for name in ("views", "likes", "comments", "shares", "saves", "reach")},
    },
    "follower_observations": {
        "accounts": "count(DISTINCT account_key)",
        "followers": "arg_max(followers, observed_on)",
    },
    "orders": {
        "orders": "count(DISTINCT order_key)",
        **{name: f"sum({name})" for name in ("subtotal", "total", "refunded")},
        "orders_with_code": "count(DISTINCT order_key) FILTER (WHERE discount_codes <> '')",
    },
    "web_sessions": {"days": "count(DISTINCT day)", "sessions": "sum(sessions)"},
    "affiliate_events": {"events": "count(DISTINCT event_key)", "amount": "sum(amount)"},
    "campaigns": {"campaigns": "count(DISTINCT campaign_key)"},
    "placements": {"placements": "count(DISTINCT placement_key)", "fee": "sum(fee)"},
    "rate_days": {"days": "count(DISTINCT rate_on)"},
    "account_observations": {"accounts": "count(DISTINCT account_key)", "followers": "sum(followers)"},
}
"""What is summed, by the first dataset of a format."""

_COUNTED = ("posts", "accounts", "orders", "orders_with_code", "days", "events", "campaigns", "placements")
_DATASETS = {known.name: known.rows.outputs[0].dataset for known in FORMATS if known.rows is not None}


def totals(connection: duckdb.DuckDBPyConnection, source_format: str, *, has_rows: bool) -> dict[str, Any]:
    """The totals of the file in the workbench; None where no accepted row has a value.

    A format whose rows are read always has all its keys; one whose rows are not read has none.
    """
    dataset = _DATASETS.get(source_format)
    if dataset is None:
        return {}
    columns = TOTALS[dataset]
    if not has_rows:
        nothing: dict[str, Any] = {name: 0 if name in _COUNTED else None for name in columns}
        return nothing | {"codes": {}} if dataset == "orders" else nothing
    source = identifier(f"out_{dataset}")
    row = connection.execute(f"SELECT {', '.join(columns.values())} FROM {source}").fetchone() or ()
    sums: dict[str, Any] = {
        name: value if value is None or isinstance(value, Decimal) else int(value)
        for name, value in zip(columns, row, strict=True)
    }
    return sums | _codes(connection) if dataset == "orders" else sums


def _codes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """`codes`: orders by normalised code, those of nobody too."""
    rows = connection.execute("""
        SELECT code, count(DISTINCT order_key)
        FROM (SELECT order_key, unnest(split_codes(discount_codes, ' [+] ')) AS code FROM out_orders)
        GROUP BY code ORDER BY code
    """).fetchall()
    return {"codes": dict(rows)}
