"""One export file: DuckDB alone, ours, and pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock
from bench.exports import COUNTS, HEADER

SUMS = ", ".join(
    [
        "count(*) AS n",
        *(f"sum({name}) AS {name}" for name in ("views", "likes", "comments", "saves", "reach")),
    ]
)
TYPES = dict.fromkeys(HEADER, "VARCHAR") | {
    "Duration (sec)": "DOUBLE",
    "Publish time": "TIMESTAMP",
    **dict.fromkeys(COUNTS, "BIGINT"),
}
READ = "read_csv(?, columns = ?, header = true, timestampformat = '%m/%d/%Y %H:%M', ignore_errors = true)"


def floor(home: Path, file: str) -> dict[str, Any]:
    """DuckDB's `read_csv` with types into a table of a database file: the same columns, nothing checked."""
    import duckdb

    with duckdb.connect(str(home / "floor.duckdb"), config={"threads": 2}) as connection:
        connection.execute(f"CREATE TABLE posts AS SELECT * FROM {READ}", [file, TYPES])
        clock.end()
        return sums(
            connection.execute(
                f'SELECT {SUMS} FROM (SELECT DISTINCT ON ("Post ID") * FROM posts WHERE "Post ID" IS NOT NULL)'
            ).fetchone()
        )


def lake(_home: Path, _file: str) -> dict[str, Any]:
    """Landing to lake, by the code that the tasks call: recognised, typed, validated, quarantined, committed."""
    from creator_tiers.ingestion import ingest, plan
    from creator_tiers.settings import load_settings

    settings = load_settings()
    for batch in plan(settings):
        ingest(settings, batch)
    clock.end()
    return sums_of_lake(settings.lake)


def tables(_home: Path, _file: str) -> dict[str, Any]:
    """Lake to core and marts: `build`, on what `lake` left. The marks tell when `core.post_metrics` stands."""
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse import open_reader
    from creator_tiers.warehouse.build import build

    settings = load_settings()
    build(settings, marking)
    clock.end()
    with open_reader(settings) as reader:
        return sums(tuple(reader.query(f"SELECT {SUMS} FROM core.post_metrics").to_pylist()[0].values()))


def pandas(home: Path, file: str) -> dict[str, Any]:
    """What a script would do: pandas reads the file, `to_sql` writes it to SQLite; nothing checked."""
    import pandas as pd
    import sqlalchemy as sa

    engine = sa.create_engine(f"sqlite:///{home}/pandas.sqlite")
    rows = pd.read_csv(file, dtype={"Post ID": str, "Account ID": str})
    for name in COUNTS:
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    rows["Publish time"] = pd.to_datetime(rows["Publish time"], format="%m/%d/%Y %H:%M", errors="coerce")
    rows = rows[rows["Post ID"].notna()].drop_duplicates("Post ID")
    rows.to_sql("posts", engine, index=False, chunksize=50_000)
    clock.end()
    return {"rows": len(rows)}


def marking(_done: int, _total: int, name: str) -> None:
    """The progress of a build, as marks: what had been used when each step began."""
    clock.mark(name)


def sums(row: Any) -> dict[str, Any]:
    """The figures by which results are compared."""
    names = ("rows", "views", "likes", "comments", "saves", "reach")
    return dict(zip(names, (None if value is None else int(value) for value in row), strict=True))


def sums_of_lake(lake: Path) -> dict[str, Any]:
    """The same of the posts in a lake."""
    import duckdb

    return sums(
        duckdb.execute(f"SELECT {SUMS} FROM read_parquet('{lake}/post_observations/*.parquet')").fetchone()
    )
