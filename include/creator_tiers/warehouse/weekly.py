"""What a week's report reads from the warehouse and writes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

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
        One row a post, by `post_key`: post_key, creator_key, account_key, platform, kind_group, tier, is_branded,
        followers_at_post, followers_flag, engagements_core_settled (NULL when unknown), reach_settled, views_settled,
        er_followers_settled, er_reach_settled, er_views_settled, published_at (UTC).
    """
    window = inline(
        model(table("marts.post_engagement")), {"stage.changed_posts": reading("published_posts")}
    )
    query = inline(reading("comparison_posts"), {"marts.post_engagement": window})
    parameters = {
        "as_of": week.ends_at,
        "published_from": week.ends_at - settings.comparison_window,
        "scheme": scheme or settings.tier_scheme,
    }
    return source.read(query, parameters)


def write_comparison(settings: Settings, week: Week, rows: pa.Table) -> bool:
    """Put a week's rows in the place of those in `marts.tier_comparison` and publish; whether anything changed.

    Raises:
        WarehouseBusyError: another process writes; try again.
        WarehouseError: the rows do not fit the table, or nothing has been built yet.
    """
    return _write_week(settings, week, table("marts.tier_comparison"), rows)


def write_claims(settings: Settings, week: Week, rows: pa.Table) -> bool:
    """The same for `marts.claim_verdicts`."""
    return _write_week(settings, week, table("marts.claim_verdicts"), rows)


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
        return _replace(warehouse, settings, into, pa.concat_tables([conform(others, into), fitting]))


def _write_week(settings: Settings, week: Week, into: Table, rows: pa.Table) -> bool:
    fitting = conform(rows, into)
    strangers = sorted({str(one) for one in fitting.column("week_start").to_pylist() if one != week.monday})
    if strangers:
        raise WarehouseError(f"{into.full_name}: rows of {', '.join(strangers)} among those of {week.monday}")
    with open_warehouse(settings) as warehouse:
        return _replace(warehouse, settings, into, fitting, {"week_start": week.monday})


def _replace(
    warehouse: Warehouse,
    settings: Settings,
    into: Table,
    rows: pa.Table,
    only: Mapping[str, object] = NOTHING,
) -> bool:
    """Write rows unless they are there already: running a week again changes nothing."""
    order = [(name, "ascending") for name in into.key]
    changed = not _rows(warehouse, into, only).sort_by(order).equals(rows.sort_by(order))
    if changed:
        with warehouse.transaction():
            warehouse.load_rows(into, rows, only)
            mark_written(warehouse, settings)
    publish_if_stale(warehouse, settings)
    return changed


def _rows(warehouse: Warehouse, into: Table, only: Mapping[str, object] = NOTHING) -> pa.Table:
    if not warehouse.exists(into):
        raise WarehouseError("there is no warehouse yet: build it first (`make run`)")
    condition = " AND ".join(f"{into.column(name).name} = ${name}" for name in only) or "TRUE"
    names = ", ".join(column.name for column in into.columns)
    return conform(warehouse.read(f"SELECT {names} FROM {into.full_name} WHERE {condition}", only), into)
