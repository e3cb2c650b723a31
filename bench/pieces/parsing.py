"""A DAG file, read as Airflow's DAG processor reads it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from bench import clock


def bare_airflow(_home: Path, _file: str) -> dict[str, Any]:
    """What every DAG file imports: Airflow and its SDK."""
    import airflow.sdk
    from airflow.sdk import DAG, Asset, dag, task  # noqa: F401

    clock.end()
    return {"sdk": airflow.sdk.__name__}


def dag(_home: Path, file: str) -> dict[str, Any]:
    """The same, and the file, or every file of a folder."""
    from airflow.sdk import DAG, Asset, dag, task  # noqa: F401
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    DagContext.current_autoregister_module_name = "bench"
    files = sorted(Path(file).glob("*.py")) if Path(file).is_dir() else [Path(file)]
    for one in files:
        runpy.run_path(str(one))
    clock.end()
    return {"dags": sorted(found.dag_id for found, _ in DagContext.autoregistered_dags), "files": len(files)}
