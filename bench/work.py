"""One piece of the benchmark's work, alone in a process, so that its time and memory are its own.

    python bench/work.py NAME HOME FILE

Prints one JSON object: `figures`, by which the results are compared, and what the work used until then: `processor`
(seconds, user and system), `seconds` since the process began, `memory` (peak, MB). Looking at the result is no work.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Figures = dict[str, Any]

STARTED = time.perf_counter()
USED: dict[str, float] = {}

COUNTS = ("Views", "Likes", "Shares", "Comments", "Saves", "Reach", "Follows")
SUMS = "count(*), sum(views), sum(likes), sum(comments), sum(saves), sum(reach)"


def floor(home: Path, file: Path) -> Figures:
    """DuckDB's `read_csv` with types into a table of a database file: the same columns, nothing checked."""
    import duckdb
    from exports import HEADER

    kinds = {"Duration (sec)": "DOUBLE", "Publish time": "TIMESTAMP"} | dict.fromkeys(COUNTS, "BIGINT")
    columns = {name: kinds.get(name, "VARCHAR") for name in HEADER}
    with duckdb.connect(str(home / "floor.duckdb"), config={"threads": 2}) as connection:
        connection.execute(
            "CREATE TABLE posts AS SELECT * FROM read_csv(?, columns = ?, header = true,"
            " timestampformat = '%m/%d/%Y %H:%M', ignore_errors = true)",
            [str(file), columns],
        )
        end_of_work()
        return _figures(
            connection.execute(
                f'SELECT {SUMS} FROM (SELECT DISTINCT ON ("Post ID") * FROM posts WHERE "Post ID" IS NOT NULL)'
            ).fetchone()
        )


def lake(_home: Path, _file: Path) -> Figures:
    """Landing to lake, by the code that the tasks call: recognised, typed, validated, quarantined, committed."""
    from creator_tiers.ingestion import ingest, plan
    from creator_tiers.settings import load_settings

    settings = load_settings()
    for batch in plan(settings):
        ingest(settings, batch)
    end_of_work()
    import duckdb

    rows = f"read_parquet('{settings.lake}/post_observations/*.parquet')"
    return _figures(duckdb.execute(f"SELECT {SUMS} FROM {rows}").fetchone())


def tables(_home: Path, _file: Path) -> Figures:
    """Lake to core and marts: `build`, on what `lake` left."""
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse import open_reader
    from creator_tiers.warehouse.build import build

    settings = load_settings()
    build(settings)
    end_of_work()
    with open_reader(settings) as reader:
        return _figures(tuple(reader.query(f"SELECT {SUMS} FROM core.post_metrics").to_pylist()[0].values()))


def pandas(home: Path, file: Path) -> Figures:
    """What a script would do: pandas reads the file, `to_sql` writes it to SQLite; nothing checked."""
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"sqlite:///{home}/pandas.sqlite")
    rows = pd.read_csv(file, dtype={"Post ID": str, "Account ID": str})
    for name in COUNTS:
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    rows["Publish time"] = pd.to_datetime(rows["Publish time"], format="%m/%d/%Y %H:%M", errors="coerce")
    rows = rows[rows["Post ID"].notna()].drop_duplicates("Post ID")
    rows.to_sql("posts", engine, index=False, chunksize=50_000)
    end_of_work()
    return {"rows": len(rows)}


def end_of_work() -> None:
    """Note what the process has used so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    USED.update(
        processor=usage.ru_utime + usage.ru_stime,
        seconds=time.perf_counter() - STARTED,
        memory=usage.ru_maxrss / 1024,
    )


WORK: dict[str, Callable[[Path, Path], Figures]] = {
    "floor": floor,
    "lake": lake,
    "tables": tables,
    "pandas": pandas,
}


def _figures(row: Any) -> Figures:
    names = ("rows", "views", "likes", "comments", "saves", "reach")
    return dict(zip(names, (None if value is None else int(value) for value in row), strict=True))


if __name__ == "__main__":
    name, home, file = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    print(json.dumps({"figures": WORK[name](home, file), **USED}))
