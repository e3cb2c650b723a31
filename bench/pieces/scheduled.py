"""The ingestion by Airflow itself: its services, its scheduler, a process a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock


def airflow(_home: Path, _file: str) -> dict[str, Any]:
    """Start Airflow as `make run` does, let `ingest_exports` run once, stop it. The mark `ready` is before the run."""
    from creator_tiers.airflow_local.home import AirflowHome
    from creator_tiers.airflow_local.instance import running
    from creator_tiers.airflow_local.line import Line
    from creator_tiers.settings import load_settings

    settings = load_settings()
    with running(AirflowHome(settings), mode="run", port=None, say=_nothing) as (api, services):
        clock.mark("ready")
        outcome = Line(api, services.check, _nothing).ingest()
        clock.mark("ingested")
        clock.end()
        if not outcome.is_good:
            raise RuntimeError(f"{outcome.run_id} failed: {[task['task_id'] for task in outcome.failed()]}")
    from bench.pieces.ingestion import sums_of_lake

    return sums_of_lake(settings.lake)


def _nothing(_text: str) -> None:
    """Airflow's progress is nobody's interest here."""
