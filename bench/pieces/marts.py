"""The marts of a long history: the build, the script by hand, and what dbt needs to run the same SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock
from bench.pieces.ingestion import marking

SCRIPT = Path(__file__).resolve().parents[1] / "marts.sql"
SEEDS = Path(__file__).resolve().parents[2] / "include" / "seeds"
MADE = (
    "core.post_metrics",
    "core.posts",
    "core.accounts",
    "core.follower_counts",
    "marts.post_engagement",
    "marts.creator_engagement",
    "marts.branded_engagement",
    "marts.counter_falls",
    "marts.follower_jumps",
)
"""The tables that the script makes."""


def observe(home: Path, rows: str) -> dict[str, Any]:
    """Write a history of so many observations into the home's lake."""
    from bench.history import write_history

    write_history(home / "lake", int(rows))
    return {}


def marts(_home: Path, _file: str) -> dict[str, Any]:
    """Every table, by `build`; the marks tell when each step began."""
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse.build import build

    build(load_settings(), marking)
    clock.mark("published")
    clock.end()
    return {}


def script(home: Path, _file: str) -> dict[str, Any]:
    """The script by hand; then its tables are compared with those of `marts`."""
    import duckdb

    with duckdb.connect(str(home / "script.duckdb"), config={"threads": 2}) as connection:
        connection.execute("CREATE SCHEMA lake; CREATE SCHEMA seeds")
        for name in ("post_observations", "follower_observations"):
            connection.execute(
                f"CREATE VIEW lake.{name} AS SELECT *, parse_filename(filename, true) AS load_key"
                f" FROM read_parquet('{home}/lake/{name}/*.parquet', filename = true)"
            )
        for name in ("settling_ages", "tiers"):
            connection.execute(
                f"CREATE TABLE seeds.{name} AS FROM read_csv('{SEEDS / name}.csv', header = true)"
            )
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        clock.end()
        return compare(connection, home)


def prepare_dbt(home: Path, _file: str) -> dict[str, Any]:
    """A dbt project whose models are our queries, over a DuckDB file with our empty tables, seeds and staged lake."""
    from bench.dbt_project import write_project

    return {"models": write_project(home)}


def compare(connection: Any, home: Path) -> dict[str, dict[str, int]]:
    """The tables of a database beside those of `marts` in the home, row by row.

    Returns:
        Of each table `rows`, and how many of them are `only_here`, `only_built` or, by numbers with a point, `differ`
        by more than a billionth: the script's sums of floats depend on the order of their parts, and rounding would
        tell two of them apart where they lie on both sides of a half. Ours may have more columns.
    """
    connection.execute(f"ATTACH '{home}/warehouse.duckdb' AS ours (READ_ONLY)")
    return {name: _compare(connection, name) for name in MADE}


def _compare(connection: Any, name: str) -> dict[str, int]:
    kinds = {column: kind for column, kind, *_ in connection.execute(f"DESCRIBE {name}").fetchall()}
    floats = [column for column, kind in kinds.items() if kind == "DOUBLE"]
    texts = {column: f"CAST({column} AS VARCHAR)" for column in kinds if column not in floats}
    exact = ", ".join(f"{text} AS {column}" for column, text in texts.items())
    hashed = ", ".join([f"hash({', '.join(texts.values())}) AS exactly", *floats])
    differs = " OR ".join(
        f"(here.{column} IS NULL) <> (built.{column} IS NULL) OR abs(here.{column} - built.{column}) > 1e-9"
        for column in floats
    )
    here, built = f"SELECT {exact} FROM {name}", f"SELECT {exact} FROM ours.{name}"
    count = connection.execute(
        f"SELECT (SELECT count(*) FROM ({here})), (SELECT count(*) FROM ({here} EXCEPT ALL {built})),"
        f" (SELECT count(*) FROM ({built} EXCEPT ALL {here})),"
        f" (SELECT count(*) FROM (SELECT {hashed} FROM {name}) AS here"
        f" JOIN (SELECT {hashed} FROM ours.{name}) AS built USING (exactly) WHERE {differs or 'false'})"
    ).fetchone()
    return dict(zip(("rows", "only_here", "only_built", "differ"), count, strict=True))
