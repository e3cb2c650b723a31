"""The shapes in which the compose file is brought up, and what goes through each of them once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from creator_tiers.samples import write_samples
from creator_tiers.weeks import Week
from tests.compose.stack import Stack
from tests.specimens import specimens

WEEK = "2026-W45"
SPARK = "spark://spark-master:7077?home=/var/lib/creator-tiers/spark&spark.executor.memory=1g&spark.sql.shuffle.partitions=8"
SHAPES: dict[str, dict[str, str]] = {
    "plain": {"CREATOR_TIERS_TAG": "test"},
    "celery": {
        "CREATOR_TIERS_TAG": "test",
        "COMPOSE_PROFILES": "celery",
        "CREATOR_TIERS_INGEST_SLOTS": "6",  # more than the workers have
        "AIRFLOW_BASE_URL": "http://localhost:8080/airflow",
    },
    "spark": {
        "CREATOR_TIERS_TAG": "test-spark",
        "COMPOSE_PROFILES": "spark",
        "CREATOR_TIERS_WITH": "spark",
        "CREATOR_TIERS_WAREHOUSE": SPARK,
    },
}


class Ran:
    """A stack through which the exports have gone, and the task instances that did it."""

    def __init__(self, shape: str, stack: Stack, landing: Path) -> None:
        self.shape, self.stack, self.landing = shape, stack, landing
        self.tasks: list[dict[str, Any]] = []

    def go(self) -> None:
        """Drop, ingest, build by the asset's event, publish."""
        write_samples(self.landing, creators=6, weeks=8, until=Week.parse(WEEK))
        if (root := specimens()) is not None:
            shutil.copytree(root / "landing", self.landing, copy_function=shutil.copyfile, dirs_exist_ok=True)
        self.open()
        self.tasks += self.stack.wait_for("ingest_exports", self.stack.trigger("ingest_exports"))
        [built] = self.stack.runs("build_marts")
        assert built.startswith("asset_triggered__")
        self.tasks += self.stack.wait_for("build_marts", built)
        published = self.stack.trigger("publish_tier_report", week=WEEK)
        self.tasks += self.stack.wait_for("publish_tier_report", published)

    def open(self) -> None:
        """Make what was dropped readable for the containers' user."""
        for path in [self.landing, *self.landing.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
