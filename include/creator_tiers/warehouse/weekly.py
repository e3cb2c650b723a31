"""What a week's report reads from the warehouse and writes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.settings import Settings
from creator_tiers.tables import Table, table
from creator_tiers.warehouse.connect import open_warehouse
from creator_tiers.warehouse.engine import NOTHING
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import conform
from creator_tiers.warehouse.state import mark_written, publish_if_stale
from creator_tiers.warehouse.statements import inline, model, reading

if TYPE_CHECKING:
    from creator_tiers.warehouse.engine import Reader, Warehouse
    from creator_tiers.weeks import Week

_ALL = datetime(1, 1, 1)  # noqa: DTZ001 - the warehouse's times are UTC without a zone
"""The instant since which every observation counts."""


def comparison_posts(source: Reader, week: Week, settings: Settings, scheme: str | None = None) -> pa.Table:
    """The posts that the comparison of a week may use, as they stood when the week ended.

    The query of `marts.post_engagement` over what was observed before `week.ends_at`, for the posts published in the
    comparison window before it; of those the ones with a kind group and a settled observation, with a tier or without.

    Args:
        source: a warehouse or a reader.
        week: the report's week.
        settings: holds the window.
        scheme: the tier scheme; the configured one when None.

    Returns:
        One row a post, by `post_key`: post_key, creator_key, account_key, platform, kind, kind_group, tier, niche (the
        creator's), is_branded, is_boosted (NULL when unknown), followers_at_post, followers_flag,
        engagements_core_settled (NULL when unknown), reach_settled, views_settled, er_followers_settled,
        er_reach_settled, er_views_settled, published_at (UTC).
    """
    return source.read(_over_window("comparison_posts"), _window(week, settings, scheme))


def traced_posts(source: Reader, week: Week, settings: Settings, platform: str, kind_group: str) -> pa.Table:
    """The posts with a tier of `comparison_posts` of a platform's kind group, with the export rows behind them.

    Returns:
        One row a post, by `post_key`: post_key, creator_key, account_key, tier, is_branded, engagements_core_settled,
        reach_settled, views_settled, followers_at_post; `observed_at, path, row_number, file_id` of the counts, and
        the same with `followers_` before them of the follower count.
    """
    only = {"platform": platform, "kind_group": kind_group}
    return source.read(_over_window("traced_posts"), _window(week, settings) | only)


def _over_window(name: str) -> str:
    """A reading query over the posts of the comparison window instead of the whole `marts.post_engagement`."""
    window = inline(
        model(table("marts.post_engagement")), {"stage.changed_posts": reading("published_posts")}
    )
    return inline(reading(name), {"marts.post_engagement": window})


def _window(week: Week, settings: Settings, scheme: str | None = None) -> dict[str, object]:
    return {
        "as_of": week.ends_at,
        "changed_since": _ALL,
        "published_from": week.ends_at - settings.comparison_window,
        "scheme": scheme or settings.tier_scheme,
    }


def write_comparison(settings: Settings, week: Week, rows: pa.Table) -> bool:
    """Put a week's rows in the place of those in `marts.tier_comparison` and publish; whether anything changed.

    Raises:
        WarehouseBusyError: another process writes; try again.
        WarehouseError: the rows do not fit the table, or nothing has been built yet.
    """
    return write_week(settings, week, {"marts.tier_comparison": rows})


def write_claims(settings: Settings, week: Week, rows: pa.Table) -> bool:
    """The same for `marts.claim_verdicts`."""
    return write_week(settings, week, {"marts.claim_verdicts": rows})


def write_week(settings: Settings, week: Week, rows: Mapping[str, pa.Table]) -> bool:
    """Put a week's rows in the place of those in some `marts.*` tables, all or none; whether anything changed.

    Args:
        settings: which warehouse.
        week: the week; every row's `week_start` is its Monday.
        rows: by the table's name.

    Raises:
        WarehouseBusyError: another process writes; try again.
        WarehouseError: rows do not fit their table, or nothing has been built yet.
    """
    fitting = {name: conform(one, table(name)) for name, one in rows.items()}
    for name, one in fitting.items():
        days = pc.unique(one.column("week_start")).to_pylist()
        if strangers := sorted(str(day) for day in days if day != week.monday):
            raise WarehouseError(f"{name}: rows of {', '.join(strangers)} among those of {week.monday}")
    with open_warehouse(settings) as warehouse:
        return _replace(warehouse, settings, fitting, {"week_start": week.monday})


def record_deliveries(settings: Settings, rows: pa.Table) -> bool:
    """Copy rows of the outbox into `ops.report_deliveries` and publish; whether anything changed.

    A report's delivery to a recipient that is there already is replaced, the others stay.

    Raises:
        WarehouseBusyError: another process writes; try again.
        WarehouseError: the rows do not fit the table, or nothing has been built yet.
    """
    into = table("ops.report_deliveries")
    fitting = conform(rows, into)
    with open_warehouse(settings) as warehouse:
        before = _rows(warehouse, into)
        others = before.join(fitting.select(into.key), list(into.key), join_type="left anti")
        return _replace(
            warehouse, settings, {into.full_name: pa.concat_tables([conform(others, into), fitting])}
        )


def _replace(
    warehouse: Warehouse,
    settings: Settings,
    tables: Mapping[str, pa.Table],
    only: Mapping[str, object] = NOTHING,
) -> bool:
    """Write rows unless they are there already, all tables or none: running a week again changes nothing."""
    changed = [name for name, rows in tables.items() if not _is_there(warehouse, table(name), rows, only)]
    if changed:
        with warehouse.transaction():
            for name in changed:
                warehouse.load_rows(table(name), tables[name], only)
            mark_written(warehouse, settings)
    publish_if_stale(warehouse, settings)
    return bool(changed)


def _is_there(warehouse: Warehouse, into: Table, rows: pa.Table, only: Mapping[str, object]) -> bool:
    order = [(name, "ascending") for name in into.key]
    return bool(_rows(warehouse, into, only).sort_by(order).equals(rows.sort_by(order)))


def _rows(warehouse: Warehouse, into: Table, only: Mapping[str, object] = NOTHING) -> pa.Table:
    if not warehouse.exists(into):
        raise WarehouseError("there is no warehouse yet: build it first (`make run`)")
    condition = " AND ".join(f"{into.column(name).name} = ${name}" for name in only) or "TRUE"
    names = ", ".join(column.name for column in into.columns)
    return conform(warehouse.read(f"SELECT {names} FROM {into.full_name} WHERE {condition}", only), into)
