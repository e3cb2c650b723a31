"""A warehouse of the first release, met by today's program: its tables are built again, what reports wrote stays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from creator_tiers.settings import Settings
from creator_tiers.tables import table, tables
from creator_tiers.warehouse.build import build
from creator_tiers.warehouse.state import kept_tables
from tests.warehouse.contents import published
from tests.warehouse.lakes import land
from tests.warehouse.test_build import post

pytestmark = pytest.mark.e2e

FIRST = Path(__file__).with_name("first_release.yaml")
"""The tables of the first release that no query can fill: their columns then. Never edit: a new release adds a file."""

WEEK = {"week_start": date(2026, 2, 23)}
VALUES: dict[str, Any] = {
    "VARCHAR": "x", "BIGINT": 1, "DOUBLE": 0.5, "BOOLEAN": True, "DATE": date(2026, 2, 23), "TIMESTAMP": None,
}  # fmt: skip


def release() -> dict[str, dict[str, str]]:
    return dict(yaml.safe_load(FIRST.read_text(encoding="utf-8")))


def go_back(settings: Settings) -> dict[str, dict[str, Any]]:
    """Give a warehouse the first release's tables, a row in each; what the rows are."""
    rows = {}
    with duckdb.connect(str(settings.home / "warehouse.duckdb")) as connection:
        for name, columns in release().items():
            connection.execute(f"DROP TABLE {name}")
            connection.execute(
                f"CREATE TABLE {name} ({', '.join(f'{c} {kind}' for c, kind in columns.items())})"
            )
            row = {c: WEEK.get(c, VALUES.get(kind, Decimal(1))) for c, kind in columns.items()}
            for c, kind in columns.items():
                if kind == "TIMESTAMP":
                    row[c] = duckdb.sql("SELECT TIMESTAMP '2026-03-02 06:00:00'").fetchone()[0]
            connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", list(row.values()))
            rows[name] = row
        connection.execute(
            "UPDATE ops.warehouse_state SET value = 'of the first release' WHERE name = 'definitions'"
        )
    return rows


def test_what_reports_wrote_survives_an_upgrade(settings: Settings, lake: Any) -> None:
    land(lake, "a", posts=[post(1), post(2)])
    build(settings)
    derived = published(settings)["core.posts"]
    rows = go_back(settings)

    report = build(settings)

    assert report.rebuilt_because == "the definitions have changed"
    after = published(settings)
    assert after["core.posts"] == derived
    assert rows
    for name, row in rows.items():
        [kept] = after[name]
        today = {column.name for column in table(name).columns}
        assert {c: kept[c] for c in row if c in today} == {c: v for c, v in row.items() if c in today}, name
        assert all(kept[c] is None for c in today - row.keys()), (
            f"{name}: a new column that is not NULL in old rows"
        )
    assert not build(settings).published


def test_the_next_upgrade_keeps_them_too(settings: Settings, lake: Any) -> None:
    land(lake, "a", posts=[post(1)])
    build(settings)
    rows = go_back(settings)
    for _ in range(2):
        build(settings)
        with duckdb.connect(str(settings.home / "warehouse.duckdb")) as connection:
            connection.execute("UPDATE ops.warehouse_state SET value = 'another' WHERE name = 'definitions'")
    after = published(settings)
    assert all(len(after[name]) == 1 for name in rows)


def test_no_kept_column_of_the_first_release_is_lost_or_required_anew() -> None:
    """A column that is renamed or dropped loses history; one that is new and must not be NULL cannot hold old rows."""
    for name, columns in release().items():
        today = {column.name: column for column in tables()[name].columns}
        assert columns.keys() <= today.keys(), (
            f"{name}: {sorted(columns.keys() - today.keys())} would be lost"
        )
        required = [c for c, column in today.items() if c not in columns and not column.nullable]
        assert not required, f"{name}: {required} cannot be filled for rows of the first release"


def test_the_first_release_is_a_part_of_todays_kept_tables() -> None:
    assert release().keys() <= {one.full_name for one in kept_tables()}
