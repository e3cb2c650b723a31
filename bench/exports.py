"""Made-up exports of any size for the benchmark: Meta's content export, with the faults that real ones have.

    python bench/exports.py ROWS FILE [--first N] [--day YYYY-MM-DD]

Of 10,000 rows about 20 have no id, 10 repeat another row, 5 have a cell that is no number, 5 have no publish time and
50 belong to somebody else (blank reach and follows); a tenth of the captions hold line breaks, quotes or emoji.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import duckdb

ACCOUNTS = 2_000
"""Accounts in a file, as many as an agency's export may have."""

COUNTS = ("Views", "Likes", "Shares", "Comments", "Saves", "Reach", "Follows")
"""The columns that count something."""

HEADER = (
    "Post ID",
    "Account ID",
    "Account username",
    "Account name",
    "Description",
    "Duration (sec)",
    "Publish time",
    "Permalink",
    "Post type",
    "Data comment",
    "Date",
    "Views",
    "Likes",
    "Shares",
    "Comments",
    "Saves",
    "Reach",
    "Follows",
)

_ROWS = """
    WITH numbered AS (
        SELECT
            range AS place,
            CASE WHEN range % 1000 = 501 THEN range - 1 ELSE range END AS n
        FROM range($first, $first + $rows)
    ),
    drawn AS (
        SELECT
            place,
            n,
            hash(n) AS h,
            hash(n % $accounts) % 900000000 + 100000000 AS account_number,
            'creator_' || (n % $accounts) AS handle,
            CAST(exp(4 + (hash(n + 7) % 1000) / 160.0) AS BIGINT) AS views
        FROM numbered
    )
    SELECT
        CASE WHEN n % 1000 IN (250, 750) THEN NULL ELSE CAST(17840000000000000 + n * 13 AS VARCHAR) END,
        account_number,
        handle,
        'Creator ' || (n % $accounts),
        CASE h % 10
            WHEN 0 THEN 'New this week: "the blue one"' || chr(10) || 'and more, see the link #' || (h % 5000)
            WHEN 1 THEN 'Sunday market 🍋 with friends, part ' || (h % 300)
            WHEN 2 THEN 'Paid partnership with a maker of tea #ad #tea' || (h % 70)
            ELSE 'Morning run number ' || (h % 100000) || ' along the river'
        END,
        CASE WHEN h % 3 = 0 THEN h % 90 END,
        CASE WHEN n % 2000 = 333 THEN NULL
            ELSE strftime($day - to_minutes(CAST(h % 1000000 AS BIGINT)), '%m/%d/%Y %H:%M') END,
        'https://www.instagram.com/p/C' || lpad(to_base(n + 46656, 36), 9, '0') || '/',
        CASE h % 3 WHEN 0 THEN 'IG reel' WHEN 1 THEN 'IG image' ELSE 'IG carousel' END,
        NULL,
        'Lifetime',
        CASE WHEN h % 7 = 3 THEN NULL ELSE views END,
        CASE WHEN n % 2000 = 777 THEN 'many' ELSE CAST(views // 20 AS VARCHAR) END,
        views // 400,
        views // 300,
        views // 250,
        CASE WHEN n % 200 = 9 THEN NULL ELSE views * 4 // 5 END,
        CASE WHEN n % 200 = 9 THEN NULL ELSE views // 1000 END
    FROM drawn
"""


def write_meta_export(path: Path, rows: int, *, first: int = 0, day: date = date(2026, 10, 31)) -> None:
    """Write a content export of Instagram posts.

    Args:
        path: the file to write.
        rows: its records.
        first: the number of the first post; files whose numbers overlap hold the same posts.
        day: no post is newer.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:", config={"memory_limit": "512MB"}) as connection:
        names = ", ".join(f'"{name}"' for name in HEADER)
        connection.execute(
            f"COPY (SELECT * FROM ({_ROWS}) AS made ({names})) TO '{path}' (FORMAT csv, HEADER)",
            {"first": first, "rows": rows, "accounts": ACCOUNTS, "day": day},
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--day", type=date.fromisoformat, default=date(2026, 10, 31))
    chosen = parser.parse_args()
    write_meta_export(chosen.file, chosen.rows, first=chosen.first, day=chosen.day)
