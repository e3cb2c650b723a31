"""What a user would pick instead, in a virtualenv of its own: nothing of ours is imported here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import clock
from bench.pieces.ingestion import READ, TYPES, sums

BATCH = 200_000
"""Rows that dlt gets at once."""


def dlt(home: Path, file: str) -> dict[str, Any]:
    """dlt into DuckDB by its fastest way: Arrow tables, which it stores as Parquet and loads from there.

    Its own `read_csv_duckdb` with `use_pyarrow` does the same in batches, and takes 4 to 30 % longer.
    """
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    import duckdb

    def posts() -> Iterator[Any]:
        import pyarrow as pa

        with duckdb.connect(config={"threads": 2}) as reading:
            for batch in reading.execute(f"SELECT * FROM {READ}", [file, TYPES]).to_arrow_reader(BATCH):
                yield pa.Table.from_batches([batch])

    folder = home / "dlt"
    into = dlt.destinations.duckdb(str(folder / "dlt.duckdb"))
    folder.mkdir()
    pipeline = dlt.pipeline("bench", pipelines_dir=str(folder), destination=into, dataset_name="raw")
    pipeline.run(dlt.resource(posts, name="posts"), loader_file_format="parquet")
    clock.end()
    with duckdb.connect(str(folder / "dlt.duckdb")) as connection:
        return sums(
            connection.execute(
                "SELECT count(*), sum(views), sum(likes), sum(comments), sum(saves), sum(reach)"
                " FROM (SELECT DISTINCT ON (post_id) * FROM raw.posts WHERE post_id IS NOT NULL)"
            ).fetchone()
        )


def dbt(home: Path, _file: str) -> dict[str, Any]:
    """dbt-duckdb over the project that `prepare_dbt` wrote."""
    from dbt.cli.main import dbtRunner

    project = home / "dbt"
    arguments = ["--quiet", "run", "--project-dir", str(project), "--profiles-dir", str(project)]
    result = dbtRunner().invoke(arguments)
    clock.end()
    if not result.success:
        raise RuntimeError(str(result.exception or [one.message for one in result.result]))
    import duckdb

    from bench.pieces.marts import compare

    with duckdb.connect(str(project / "tiers.duckdb")) as connection:
        return compare(connection, home)
