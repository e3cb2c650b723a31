"""When a DuckDB file is worth being tidied.

Rows that are replaced leave gaps. To close them DuckDB writes three or four row groups of a table again, some 370,000
rows, at any checkpoint where that frees one of them: seconds of work after a day's 10,000 rows. So it closes gaps only
when they have become many, of all tables at once; row groups that are nothing but a gap go in any case.
"""

from __future__ import annotations

from creator_tiers.warehouse.engine import Reader

SHARE = 10
"""Gaps are many when one in so many of a table's rows is one."""

LEAST = 20_000
"""So few gaps do no harm."""


def has_gaps(file: Reader) -> bool:
    """Whether some table of a DuckDB file has many gaps."""
    laid = file.read(
        "SELECT schema_name AS layer, table_name AS name, estimated_size AS size FROM duckdb_tables()"
        f" WHERE NOT internal AND estimated_size > {LEAST}"
    )
    for row in laid.to_pylist():
        [found] = file.read(f"SELECT count(*) AS rows FROM {row['layer']}.{row['name']}").to_pylist()
        if row["size"] - found["rows"] > max(LEAST, row["size"] // SHARE):
            return True
    return False
