"""The warehouse on PostgreSQL and on Spark, beside the bare COPY and the bare read of the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock
from bench.pieces.ingestion import SUMS, marking, sums

AT_ONCE = 1 << 20


def postgresql(_home: Path, _file: str) -> dict[str, Any]:
    """Load and marts in the warehouse that the environment names."""
    return _build()


def spark(_home: Path, _file: str) -> dict[str, Any]:
    """The same; the mark `ready` is when Spark has been started."""
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse.connect import open_warehouse

    with open_warehouse(load_settings()):
        clock.mark("ready")
    return _build()


def copy(home: Path, _file: str) -> dict[str, Any]:
    """`COPY FROM STDIN` of the lake's observations, as a CSV file that is there, into a table with ours' index."""
    import duckdb
    import psycopg

    from creator_tiers.settings import load_settings
    from creator_tiers.tables import table
    from creator_tiers.warehouse.postgres_sql import create_table

    file = home / "observations.csv"
    described = table("lake.post_observations")
    names = ", ".join(column.name for column in described.columns)
    duckdb.execute(
        f"COPY (SELECT {names} FROM read_parquet('{home}/lake/post_observations/*.parquet'))"
        f" TO '{file}' (FORMAT csv, HEADER false)"
    )
    url = load_settings().warehouse_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA lake")
        connection.execute(create_table(described))
        clock.begin()
        with (
            connection.transaction(),
            connection.cursor().copy("COPY lake.post_observations FROM STDIN (FORMAT csv)") as into,
            file.open("rb") as stream,
        ):
            while block := stream.read(AT_ONCE):
                into.write(block)
        connection.execute("CREATE INDEX ON lake.post_observations (post_key, observed_at)")
        clock.end()
        row = connection.execute(f"SELECT {SUMS} FROM lake.post_observations").fetchone()
    file.unlink()
    return sums(row)


def spark_read(home: Path, _file: str) -> dict[str, Any]:
    """Spark's own read of the lake's Parquet files: every column of every row looked at, written nowhere."""
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse.spark_session import open_session
    from creator_tiers.warehouse.spark_url import parse_url

    settings = load_settings()
    session = open_session(parse_url(settings.warehouse_url, home / "spark"))
    clock.begin()
    rows = session.read.parquet(str(home / "lake" / "post_observations"))
    rows.write.format("noop").mode("overwrite").save()
    clock.end()
    row = rows.selectExpr(*_split(SUMS)).first()
    return sums(tuple(row))


def _build() -> dict[str, Any]:
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse import open_reader
    from creator_tiers.warehouse.build import build

    settings = load_settings()
    clock.mark("begun")
    build(settings, marking)
    clock.end()
    with open_reader(settings) as reader:
        return sums(tuple(reader.query(f"SELECT {SUMS} FROM core.post_metrics").to_pylist()[0].values()))


def _split(columns: str) -> list[str]:
    return columns.split(", ")
