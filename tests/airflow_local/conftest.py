"""An Airflow home of its own for the tests that import Airflow."""

from __future__ import annotations

import os
import tempfile

_SCRATCH = tempfile.TemporaryDirectory(prefix="creator-tiers-airflow-")
os.environ.setdefault("AIRFLOW_HOME", _SCRATCH.name)
