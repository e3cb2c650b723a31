"""A dbt project with the product's own SQL, for the embedded engine: what a user of dbt would write and run."""

from __future__ import annotations

from pathlib import Path

import yaml

from creator_tiers.lake import Lake
from creator_tiers.settings import load_settings
from creator_tiers.tables import table
from creator_tiers.warehouse.build import CONVERSION_STEPS, STEPS
from creator_tiers.warehouse.duckdb_engine import DuckDBWarehouse
from creator_tiers.warehouse.seeds import load_seeds
from creator_tiers.warehouse.staging import stage
from creator_tiers.warehouse.state import lasting_tables
from creator_tiers.warehouse.statements import model

_ALL = "TIMESTAMP '0001-01-01 00:00:00'"
_VALUES = {
    "$as_of": "TIMESTAMP '9999-01-01 00:00:00'",
    "$scheme": "'article'",
    "$observed_since": _ALL,
    "$described_since": _ALL,
    "$changed_since": _ALL,
}
_PROJECT = {
    "name": "tiers",
    "profile": "tiers",
    "version": "1.0",
    "model-paths": ["models"],
    "macro-paths": ["macros"],
    "flags": {"send_anonymous_usage_stats": False},
}
_SCHEMAS = """
{% macro generate_schema_name(name, node) %}{{ name }}{% endmacro %}
"""


def write_project(home: Path) -> int:
    """Write `dbt/` in a home, over the observations of its lake; how many models.

    Each model is a table made whole from the query in `include/sql`, after the one before it. The database that they
    fill has our tables, empty: some queries look at what is there.
    """
    project = home / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "macros").mkdir()
    database = project / "tiers.duckdb"
    _prepare(home, database)
    output = {
        "type": "duckdb",
        "path": str(database),
        "threads": 1,
        "schema": "main",
        "settings": {"threads": 2},
    }
    profile = {"tiers": {"target": "bench", "outputs": {"bench": output}}}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(_PROJECT), encoding="utf-8")
    (project / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    (project / "macros" / "schemas.sql").write_text(_SCHEMAS, encoding="utf-8")
    before = ""
    steps = [name for name in STEPS if name not in CONVERSION_STEPS]
    for name in steps:
        layer, _, alias = name.partition(".")
        sql = model(table(name))
        for parameter, value in _VALUES.items():
            sql = sql.replace(parameter, value)
        head = f"{{{{ config(materialized='table', schema='{layer}', alias='{alias}') }}}}\n"
        follows = f"-- depends_on: {{{{ ref('{before}') }}}}\n" if before else ""
        before = f"{layer}__{alias}"
        (project / "models" / f"{before}.sql").write_text(head + follows + sql, encoding="utf-8")
    return len(steps)


def _prepare(home: Path, database: Path) -> None:
    settings = load_settings({"CREATOR_TIERS_HOME": str(home)})
    lake = Lake(settings.lake)
    loads = lake.manifests()
    with DuckDBWarehouse(database) as warehouse, warehouse.transaction():
        for one in lasting_tables():
            warehouse.create(one)
        load_seeds(warehouse, settings, max(one.loaded_at for one in loads))
        stage(warehouse, lake, loads, [])
