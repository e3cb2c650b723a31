"""Records that continue another one: an order's further line items. They share one fate."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from creator_tiers.exports.fragments import Fault, with_values
from creator_tiers.exports.shelf import keep_rows
from creator_tiers.exports.source import Fold
from creator_tiers.exports.sql import identifier

ORPHAN = "missing_order"


def fold(
    connection: duckdb.DuckDBPyConnection, rule: Fold, faults: Sequence[Fault], *, on_disk: bool
) -> list[Fault]:
    """Join the records of `typed` that tell of one fact.

    `typed` gains `is_companion` (the record continues another one), and its `line_rows` becomes the number of records
    of the fact. A record belongs to the last beginning before it with its key, else to the first one after it. The
    first fault among the records of a fact refuses all of them; one that belongs to none is a fault itself.

    Returns:
        The faults by number, the new ones after those that were given: the same rules for the companions of a broken
        record, whose own cells are not to blame.
    """
    count = len(faults)
    key = f"t.{identifier(rule.key)}"
    connection.execute(f"""
        CREATE OR REPLACE TABLE folded AS
        WITH marked AS (
            SELECT
                t.row_number, {key} AS fold_key, coalesce({with_values(rule.begins)}, false) AS begins, typed.fault
            FROM valued AS t
            INNER JOIN typed ON t.row_number = typed.row_number
            WHERE NOT typed.is_ignored
        ),
        placed AS (
            SELECT
                row_number, fault, begins,
                coalesce(
                    max(CASE WHEN begins THEN row_number END) OVER (PARTITION BY fold_key ORDER BY row_number),
                    min(CASE WHEN begins THEN row_number END) OVER (PARTITION BY fold_key),
                ) AS beginning
            FROM marked
            WHERE fold_key IS NOT NULL
        ),
        judged AS (
            SELECT
                *,
                count(*) OVER (PARTITION BY beginning) AS line_rows,
                min_by(fault, row_number) FILTER (fault IS NOT NULL) OVER (PARTITION BY beginning) AS shared_fault
            FROM placed
        )
        SELECT
            row_number,
            NOT begins AND beginning IS NOT NULL AS is_companion,
            line_rows,
            CASE
                WHEN fault IS NOT NULL THEN fault
                WHEN beginning IS NULL THEN {2 * count}
                WHEN shared_fault IS NOT NULL THEN {count} + shared_fault
            END AS fault
        FROM judged
    """)
    select = """
        SELECT
            typed.* REPLACE (
                coalesce(folded.fault, typed.fault) AS fault, coalesce(folded.line_rows, 1) AS line_rows
            ),
            coalesce(folded.is_companion, false) AS is_companion
        FROM typed
        LEFT JOIN folded ON typed.row_number = folded.row_number
        ORDER BY typed.row_number
    """
    keep_rows(connection, "typed", select, on_disk=on_disk)
    return [*faults, *(Fault(fault.rule, "") for fault in faults), Fault(ORPHAN, rule.key)]
