"""The embedded DuckDB in which a file's cells are read; one per process."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml

from creator_tiers.exports.disclosures import disclosure_pattern
from creator_tiers.exports.months import month_numbers
from creator_tiers.exports.sql import literal

HERE = Path(__file__).parent
MEMORY_LIMIT = "320MB"
LEAST_MEMORY = "64MB"
BLANKS = (
    " \t\n\v\f\r\u00a0\u200b\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""What is trimmed from a cell: white space, and marks of direction, which nobody sees."""


@contextmanager
def workbench(threads: int = 2, hash_key: bytes | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch database with the cell macros; large files spill into a temporary folder that goes with it.

    Args:
        threads: DuckDB's threads.
        hash_key: what personal data is hashed with; None for a key that nobody keeps.
    """
    with tempfile.TemporaryDirectory(prefix="creator-tiers-") as folder:
        connection = duckdb.connect(
            ":memory:", config={"memory_limit": MEMORY_LIMIT, "temp_directory": folder, "threads": threads}
        )
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_external_file_cache = false")
            # With the default of 1 MB threads that keep an order wait for each other, and pay for it.
            connection.execute("SET streaming_buffer_size = '32MB'")
            connection.execute("SET enable_progress_bar = true")  # for `query_progress`
            connection.execute("SET enable_progress_bar_print = false")
            connection.execute("SET VARIABLE blanks = ?", [BLANKS])
            months = month_numbers()
            connection.execute("SET VARIABLE months = map(?, ?)", [list(months), list(months.values())])
            words = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
            kinds = {word: kind for kind, spelled in words["kinds"].items() for word in spelled}
            connection.execute("SET VARIABLE kind_words = map(?, ?)", [list(kinds), list(kinds.values())])
            connection.execute("SET VARIABLE total_words = ?", [words["totals"]])
            connection.execute("SET VARIABLE no_values = ?", [words["no_values"]])
            padded = _padded(hash_key or secrets.token_bytes(32))
            for name, mask in (("inner_key", 0x36), ("outer_key", 0x5C)):
                connection.execute(
                    f"SET VARIABLE {name} = CAST(? AS BLOB)", [bytes(byte ^ mask for byte in padded)]
                )
            connection.execute((HERE / "cells.sql").read_text(encoding="utf-8"))
            connection.execute(
                "CREATE OR REPLACE MACRO discloses(caption) AS "
                f"coalesce(regexp_matches(lower(caption), {literal(disclosure_pattern())}), false)"
            )
            yield connection
        finally:
            connection.close()


def release_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Give memory that only might be used again back to the system, before other work that needs much."""
    pa.default_memory_pool().release_unused()
    connection.execute(f"SET memory_limit = '{LEAST_MEMORY}'")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")


def _padded(key: bytes) -> bytes:
    """A key as HMAC pads it."""
    return (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
