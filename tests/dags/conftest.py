"""One DagBag for all DAG tests, in an Airflow home of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Airflow reads its configuration when it is first imported, which may be in this process: before any test.
_SCRATCH = tempfile.TemporaryDirectory(prefix="creator-tiers-airflow-")
os.environ.setdefault("AIRFLOW_HOME", _SCRATCH.name)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).resolve().parents[2] / "dags"


@pytest.fixture(scope="session")
def dag_bag() -> DagBag:
    """All DAG files, parsed."""
    from airflow.dag_processing.dagbag import DagBag

    assert DAGS.is_dir(), DAGS
    return DagBag(str(DAGS), collect_dags=True)
