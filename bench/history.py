"""A lake with a long history, made up without reading files, and the exports of the days after it.

A load a week with 100,000 observations of Instagram posts: those of the last five weeks, 20,000 of which are new, one
each 30 seconds, of 2,000 accounts. Each load counts the followers of every account. A longer history reaches further
back and is no denser: the newest weeks are alike in each. Some likes fall, some follower counts jump.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from bench.exports import ACCOUNTS, HEADER

LOAD_ROWS = 100_000
NEW_POSTS = 20_000
END = datetime(2026, 11, 1, tzinfo=UTC)
"""When the newest load was made."""
LAST_POST = 10_000_000
"""The number of the first post after `END`: 500 weeks of posts have one."""
DAY_ROWS = 10_000
DAY_FILES = (
    "instagram/bench/Oct-30-2026_Nov-03-2026_1.csv",
    "instagram/bench/Oct-31-2026_Nov-04-2026_1.csv",
)

_POSTS = f"""
    SELECT
        range AS n,
        range - $first + 2 AS row_number,
        hash(range) AS h,
        CAST(17840000000000000 + range * 13 AS VARCHAR) AS id,
        'creator_' || (range % {ACCOUNTS}) AS handle,
        hash(range % {ACCOUNTS}) % 900000000 + 100000000 AS account_number,
        CAST($origin AS TIMESTAMP) + to_minutes(range * 504 // 1000) AS published_at,
        'https://www.instagram.com/p/C' || lpad(to_base(range + 46656, 36), 9, '0') || '/' AS permalink,
        CAST(exp(4 + (hash(range + 7) % 1000) / 160.0) AS BIGINT)
        * (1 + least(greatest(date_diff('hour', CAST($origin AS TIMESTAMP) + to_minutes(range * 504 // 1000),
            CAST($observed_at AS TIMESTAMP)), 0), 840)) // 841 AS views
    FROM range($first, $first + $rows)
"""

_OBSERVATIONS = f"""
    SELECT
        'instagram:' || id AS post_key,
        'instagram' AS platform,
        'instagram:' || handle AS account_key,
        CAST(account_number AS VARCHAR) AS account_id,
        'Creator ' || (n % {ACCOUNTS}) AS account_name,
        CASE h % 3 WHEN 0 THEN 'reel' WHEN 1 THEN 'image' ELSE 'carousel' END AS kind,
        published_at,
        'Morning run number ' || (h % 100000) || ' along the river' AS caption,
        permalink,
        'instagram:C' || lpad(to_base(n + 46656, 36), 9, '0') AS link_key,
        CASE WHEN h % 3 = 0 THEN CAST(h % 90 AS DOUBLE) END AS duration_seconds,
        CAST(NULL AS BOOLEAN) AS has_branded_label,
        h % 10 = 2 AS has_disclosure,
        CASE WHEN h % 7 <> 3 THEN views END AS views,
        CAST(NULL AS BIGINT) AS impressions,
        CASE WHEN n % 200 <> 9 THEN views * 4 // 5 END AS reach,
        views // CASE
            WHEN h % 50 = 1 AND date_diff('week', CAST($origin AS TIMESTAMP), CAST($observed_at AS TIMESTAMP)) % 2 = 1
                THEN 40
            ELSE 20
        END AS likes,
        views // 300 AS comments,
        views // 400 AS shares,
        views // 250 AS saves,
        CASE WHEN n % 200 <> 9 THEN views // 1000 END AS follows,
        TRUE AS is_lifetime,
        CAST($observed_at AS TIMESTAMP) AS observed_at,
        CAST(NULL AS VARCHAR) AS flags,
        CAST(NULL AS VARCHAR) AS extra,
        $key AS file_id,
        row_number,
        CAST($loaded_at AS TIMESTAMP) AS loaded_at
    FROM ({_POSTS})
"""

_FOLLOWERS = f"""
    SELECT
        'instagram:creator_' || range AS account_key,
        'instagram' AS platform,
        CAST($observed_at AS DATE) AS observed_on,
        CAST($observed_at AS TIMESTAMP) AS observed_at,
        (CAST(exp(7 + (hash(range) % 1000) / 110.0) AS BIGINT) + $load * (range % 50))
        * CASE WHEN range % 500 = 7 AND $load % 2 = 1 THEN 6 ELSE 1 END AS followers,
        $key AS file_id,
        range + 2 AS row_number,
        CAST($loaded_at AS TIMESTAMP) AS loaded_at
    FROM range({ACCOUNTS})
"""

_EXPORT = f"""
    SELECT
        id, account_number, handle, 'Creator ' || (n % {ACCOUNTS}),
        'Morning run number ' || (h % 100000) || ' along the river',
        CASE WHEN h % 3 = 0 THEN h % 90 END,
        strftime(timezone('America/Los_Angeles', timezone('UTC', published_at)), '%m/%d/%Y %H:%M'),
        permalink, CASE h % 3 WHEN 0 THEN 'IG reel' WHEN 1 THEN 'IG image' ELSE 'IG carousel' END, NULL, 'Lifetime',
        CASE WHEN h % 7 <> 3 THEN views END, views // 20, views // 400, views // 300, views // 250,
        CASE WHEN n % 200 <> 9 THEN views * 4 // 5 END, CASE WHEN n % 200 <> 9 THEN views // 1000 END
    FROM ({_POSTS})
"""


def write_history(lake_folder: Path, rows: int) -> None:
    """Write a lake of so many observations, in loads of `LOAD_ROWS`.

    Args:
        lake_folder: the lake's folder.
        rows: observations of posts; a multiple of `LOAD_ROWS`.
    """
    from creator_tiers.lake import Lake, Manifest

    lake, loads = Lake(lake_folder), rows // LOAD_ROWS
    with duckdb.connect(config={"threads": 2}) as connection:
        for number in range(loads):
            observed_at = END - timedelta(weeks=loads - 1 - number)
            key = f"load{number:05d}"
            given: dict[str, object] = {
                "observed_at": _naive(observed_at),
                "loaded_at": _naive(observed_at + timedelta(hours=1)),
                "key": key,
            }
            manifest = Manifest(
                load_key=key, file_id=key, paths=(f"instagram/bench/{key}.csv",),
                source_format="instagram_meta_posts", platform="instagram", account_handle="bench",
                observed_at=observed_at, observed_from="sidecar", rows_read=LOAD_ROWS, rows_accepted=LOAD_ROWS,
                rows_duplicate=0, rows_rejected=0, rows_ignored=0, status="loaded", message=None,
                loaded_at=observed_at + timedelta(hours=1), datasets=("follower_observations", "post_observations"),
            )  # fmt: skip
            posts = given | _span(LAST_POST - LOAD_ROWS - (loads - 1 - number) * NEW_POSTS, LOAD_ROWS)
            lake.put(manifest, "post_observations", _writer(connection, _OBSERVATIONS, posts))
            counts = given | {"load": number}
            lake.put(manifest, "follower_observations", _writer(connection, _FOLLOWERS, counts))
            lake.commit(manifest)


def write_day(landing: Path, number: int = 0) -> None:
    """Write the export of a day after any history: half its posts are known, half are new.

    Args:
        landing: the landing zone.
        number: which of `DAY_FILES`.
    """
    path = landing / DAY_FILES[number]
    path.parent.mkdir(parents=True, exist_ok=True)
    given = _span(LAST_POST + (number - 1) * (DAY_ROWS // 2), DAY_ROWS) | {
        "observed_at": _naive(END + timedelta(days=2 + number))
    }
    names = ", ".join(f'"{name}"' for name in HEADER)
    query = f"SELECT * FROM ({_EXPORT}) AS made ({names})"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)", given)


def _span(first: int, rows: int) -> dict[str, object]:
    """Posts by number, from the one that was published first of all that may be asked for."""
    return {"origin": _naive(END - timedelta(weeks=LAST_POST // NEW_POSTS)), "first": first, "rows": rows}


def _writer(
    connection: duckdb.DuckDBPyConnection, query: str, given: dict[str, object]
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)", given)

    return write


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
