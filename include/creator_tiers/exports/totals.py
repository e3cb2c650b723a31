"""The sums over a file's accepted rows that `inspect` shows."""

from __future__ import annotations

from collections.abc import Mapping
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
    "account_observations": {"accounts": "count(DISTINCT account_key)", "followers": "sum(followers)"},
}
"""What is summed, by the first dataset of a format."""

_COUNTED = ("posts", "accounts")
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
        return {name: 0 if name in _COUNTED else None for name in columns}
    source = identifier(f"out_{dataset}")
    row = connection.execute(f"SELECT {', '.join(columns.values())} FROM {source}").fetchone() or ()
    return {name: int(value) if value is not None else None for name, value in zip(columns, row, strict=True)}
