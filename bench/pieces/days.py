"""One more day on a history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock


def day(_home: Path, _file: str) -> dict[str, Any]:
    """Whatever is new in the landing zone, to the marts: the ingestion and the build, as their tasks call them."""
    from creator_tiers.ingestion import ingest, plan
    from creator_tiers.settings import load_settings
    from creator_tiers.warehouse import open_reader
    from creator_tiers.warehouse.build import build

    settings = load_settings()
    for batch in plan(settings):
        ingest(settings, batch)
    clock.mark("ingested")
    report = build(settings)
    clock.end()
    with open_reader(settings) as reader:
        [row] = reader.query(
            "SELECT count(*) AS observations, sum(views) AS views FROM core.post_metrics"
            " WHERE observed_at > TIMESTAMP '2026-11-01 00:00:00'"
        ).to_pylist()
    return {"rebuilt": report.rebuilt_because, "loads": report.loads} | {
        name: int(value) for name, value in row.items()
    }
