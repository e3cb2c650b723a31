"""The seed tables: tier schemes and settling ages from CSV, weeks from the configured zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyarrow import csv

from creator_tiers.settings import RESOURCES, Settings
from creator_tiers.tables import table
from creator_tiers.warehouse.engine import Warehouse
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import conform, schema
from creator_tiers.weeks import Week

SEEDS = RESOURCES / "seeds"
FILES = ("tiers", "settling_ages")
"""Seed tables that are CSV files of the same name."""

FIRST_WEEK = date(2004, 12, 27)
"""The week of 2005-01-01, before which no publish time is accepted."""


def load_seeds(warehouse: Warehouse, settings: Settings, newest: datetime) -> None:
    """Fill the seed tables.

    Args:
        warehouse: where; the tables exist.
        settings: names the zone and the tier scheme.
        newest: the newest load; weeks reach to the end of the year after it.

    Raises:
        WarehouseError: the configured tier scheme is not among the seeds.
    """
    tiers = read_seed("tiers")
    schemes = sorted(set(tiers.column("scheme").to_pylist()))
    if settings.tier_scheme not in schemes:
        raise WarehouseError(
            f"CREATOR_TIERS_SCHEME={settings.tier_scheme!r} is no tier scheme; choose one of {', '.join(schemes)} "
            f"or add rows to {SEEDS / 'tiers.csv'}"
        )
    for name in FILES:
        warehouse.load_rows(table(f"seeds.{name}"), read_seed(name))
    load_weeks(warehouse, settings, newest)


def load_weeks(warehouse: Warehouse, settings: Settings, newest: datetime) -> None:
    """Fill `seeds.weeks` and `seeds.days` to the end of the year after the newest load, when they end before."""
    until = date(newest.year + 2, 1, 1)
    reached = warehouse.read("SELECT max(week_start) AS week_start FROM seeds.weeks").to_pydict()[
        "week_start"
    ][0]
    wanted = weeks(until, settings.zone)
    if reached != wanted.column("week_start")[-1].as_py():
        warehouse.load_rows(table("seeds.weeks"), wanted)
        warehouse.load_rows(table("seeds.days"), days(until, settings.zone))


def read_seed(name: str) -> pa.Table:
    """A seed file as its table's description says."""
    described = table(f"seeds.{name}")
    path: Path = SEEDS / f"{name}.csv"
    types = {field.name: field.type for field in schema(described)}
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    return conform(csv.read_csv(path, convert_options=options), described)


def weeks(until: date, zone: str) -> pa.Table:
    """The rows of `seeds.weeks`: every week from 2005 that begins before a day.

    Args:
        until: the day.
        zone: the IANA name of the zone in which weeks begin.
    """
    count = -(-(until - FIRST_WEEK).days // 7)
    every = [Week(FIRST_WEEK, zone).shift(number) for number in range(count)]
    edges = [week.starts_at.replace(tzinfo=None) for week in [*every, every[-1].shift(1)]]
    return pa.table(
        {
            "week_start": pa.array([week.monday for week in every], pa.date32()),
            "starts_at": pa.array(edges[:-1], pa.timestamp("us")),
            "ends_at": pa.array(edges[1:], pa.timestamp("us")),
        }
    )


def days(until: date, zone: str) -> pa.Table:
    """The rows of `seeds.days`: every day of the weeks of `seeds.weeks`.

    Args:
        until: the day before which the last week begins.
        zone: the IANA name of the zone in which days begin.
    """
    count = 7 * -(-(until - FIRST_WEEK).days // 7)
    every = [FIRST_WEEK + timedelta(days=number) for number in range(count + 1)]
    edges = [
        datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for day in every
    ]
    return pa.table(
        {
            "day": pa.array(every[:-1], pa.date32()),
            "starts_at": pa.array(edges[:-1], pa.timestamp("us")),
            "ends_at": pa.array(edges[1:], pa.timestamp("us")),
        }
    )
