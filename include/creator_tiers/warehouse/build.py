"""From the lake to the marts: what is new only, in one transaction, and published when it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.settings import Settings
from creator_tiers.tables import table
from creator_tiers.warehouse.connect import open_warehouse
from creator_tiers.warehouse.engine import Warehouse
from creator_tiers.warehouse.errors import WarehouseError
from creator_tiers.warehouse.frames import schema
from creator_tiers.warehouse.identities import check_identities
from creator_tiers.warehouse.loads import Loads, sort_loads
from creator_tiers.warehouse.seeds import load_seeds, load_weeks
from creator_tiers.warehouse.staging import CONVERSIONS, stage, unstage
from creator_tiers.warehouse.state import (
    definitions,
    kept_tables,
    lasting_tables,
    mark_written,
    publish_if_stale,
    read_state,
)
from creator_tiers.warehouse.steps import CONVERSION_STEPS, LAST_OF_LOADING, SINCE, STEPS
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    from creator_tiers.lake import Lake, Manifest

ALWAYS = datetime(9999, 1, 1)  # noqa: DTZ001 - the warehouse's times are UTC without a zone
"""The as-of of the marts: everything that was ever observed."""

Progress = Callable[[int, int, str], None]
"""Told before each step: steps done, steps in all, the step's name."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        loads: loads taken in.
        rows_loaded: their rows that count.
        rows_duplicate: their rows that an earlier row equals.
        posts: posts whose engagement was worked out again.
        rebuilt_because: why everything was built again; None when only what is new was.
        published: whether readers see something new.
    """

    loads: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    posts: int = 0
    rebuilt_because: str | None = None
    published: bool = False


def build(settings: Settings, progress: Progress | None = None) -> BuildReport:
    """Bring the warehouse up to date with the lake. Nothing new in the lake: nothing is written.

    A warehouse built with other definitions (tables, queries, seeds, zone, tier scheme) is built again from the lake.

    Raises:
        WarehouseBusyError: another process writes; try again.
        WarehouseError: something is broken; the message says what. Nothing has changed then.
    """
    from creator_tiers.lake import open_lake

    lake = open_lake(settings)
    with open_warehouse(settings) as warehouse:
        state = read_state(warehouse)
        if not state:
            return _rebuild(warehouse, lake, settings, "there is no warehouse yet", None, progress)
        if state["definitions"] != definitions(settings):
            return _rebuild(warehouse, lake, settings, "the definitions have changed", None, progress)
        manifests = lake.manifests()
        loads = sort_loads(warehouse, manifests)
        if loads.replaced:
            reason = f"the lake has other rows for the load {loads.replaced[0].load_key}"
            return _rebuild(warehouse, lake, settings, reason, None, progress)
        if loads.gone_with_rows:
            reason = f"the lake has the load {loads.gone_with_rows[0]} no longer"
            return _rebuild(warehouse, lake, settings, reason, None, progress)
        report = BuildReport()
        if loads.fresh or loads.told_again or loads.gone:
            with warehouse.transaction():
                _take_out(warehouse, loads.gone)
                load_weeks(warehouse, settings, max(one.loaded_at for one in manifests))
                report = _take_in(warehouse, lake, settings, loads, progress)
                mark_written(warehouse, settings, took_out=bool(loads.told_again or loads.gone))
        return _published(warehouse, settings, report)


def rebuild(
    settings: Settings, as_of: datetime | None = None, progress: Progress | None = None
) -> BuildReport:
    """Build the warehouse again from the lake.

    Args:
        settings: where everything is.
        as_of: take in only what had been received by then (its knowledge time). Comparisons and verdicts of weeks
            that had not ended then are dropped; the next `build` takes in the rest of the lake.
        progress: told before each step.

    Raises:
        WarehouseBusyError: another process writes; try again.
        WarehouseError: something is broken; the message says what. Nothing has changed then.
    """
    from creator_tiers.lake import open_lake

    with open_warehouse(settings) as warehouse:
        return _rebuild(warehouse, open_lake(settings), settings, "it was asked for", as_of, progress)


def _rebuild(
    warehouse: Warehouse,
    lake: Lake,
    settings: Settings,
    reason: str,
    as_of: datetime | None,
    progress: Progress | None,
) -> BuildReport:
    manifests: Sequence[Manifest] = lake.manifests()
    if not manifests:
        _must_be_empty(warehouse, settings)
    if as_of is not None:
        manifests = [one for one in manifests if _utc(one.loaded_at) <= _utc(as_of)]
    with warehouse.transaction():
        revision = read_state(warehouse).get("revision", "0")
        _recreate_tables(warehouse, settings, as_of)
        warehouse.load_rows(
            table("ops.warehouse_state"), pa.table({"name": ["revision"], "value": [revision]})
        )
        newest = max((one.loaded_at for one in manifests), default=datetime(2005, 1, 1, tzinfo=UTC))
        load_seeds(warehouse, settings, newest)
        report = _take_in(warehouse, lake, settings, Loads(fresh=list(manifests)), progress)
        mark_written(warehouse, settings, took_out=True)
    return _published(warehouse, settings, report, reason)


def _must_be_empty(warehouse: Warehouse, settings: Settings) -> None:
    """An empty lake beside a full warehouse is another folder, or one that is not mounted: no reason to forget all."""
    files = table("ops.export_files")
    known = (
        warehouse.read(f"SELECT load_key FROM {files.full_name}").num_rows if warehouse.exists(files) else 0
    )
    if known:
        raise WarehouseError(
            f"the lake {settings.lake_url or settings.lake} is empty, and the warehouse is not (loads: {known}): built "
            "again it would be. Look at CREATOR_TIERS_LAKE and CREATOR_TIERS_HOME; to begin anew name another warehouse"
        )


def _recreate_tables(warehouse: Warehouse, settings: Settings, as_of: datetime | None) -> None:
    """Create every lasting table anew, empty but for what reports have written."""
    kept = {}
    for one in kept_tables():
        if warehouse.exists(one):
            rows = warehouse.read(f"SELECT * FROM {one.full_name}")
            if as_of is not None and "week_start" in rows.column_names:
                rows = _ended(rows, settings, as_of)
            known = [name for name in schema(one).names if name in rows.column_names]
            kept[one.full_name] = rows.select(known)
    for one in lasting_tables():
        warehouse.drop(one)
        warehouse.create(one)
    for name, rows in kept.items():
        warehouse.load_rows(table(name), rows)


def _ended(rows: pa.Table, settings: Settings, as_of: datetime) -> pa.Table:
    """The rows of weeks that had ended at an instant."""
    mondays = pc.unique(rows.column("week_start")).to_pylist()
    ended = [one for one in mondays if Week(one, settings.zone).ends_at <= _utc(as_of)]
    return rows.filter(pc.is_in(rows.column("week_start"), value_set=pa.array(ended, pa.date32())))


def _take_in(
    warehouse: Warehouse, lake: Lake, settings: Settings, loads: Loads, progress: Progress | None
) -> BuildReport:
    """Run every step over the new loads, inside the caller's transaction."""
    tell = progress or _silence
    has_conversions = _has_conversions(warehouse, loads)
    steps = [name for name in STEPS if has_conversions or name not in CONVERSION_STEPS]
    total = len(steps) + 1
    tell(0, total, "read the lake")
    stage(warehouse, lake, loads.fresh, loads.told_again)
    parameters: dict[str, object] = {
        "as_of": ALWAYS,
        "scheme": settings.tier_scheme,
        "attribution_days": settings.attribution_days,
        "click_days": settings.click_days,
        "refund_days": settings.refund_days,
        "subscription_policy": settings.subscription_policy,
    }
    for done, name in enumerate(steps, start=1):
        tell(done, total, name)
        warehouse.run(table(name), parameters)
        if name in SINCE:
            parameters[SINCE[name]] = _first_observed_at(warehouse, name)
        if name == LAST_OF_LOADING:
            warehouse.allow_memory()
    if has_conversions:
        check_identities(warehouse)
    [counts] = warehouse.read(
        """
        SELECT
            CAST(coalesce(sum(files.rows_loaded), 0) AS BIGINT) AS rows_loaded,
            CAST(coalesce(sum(files.rows_duplicate), 0) AS BIGINT) AS rows_duplicate,
            (SELECT count(*) FROM stage.changed_posts) AS posts
        FROM ops.export_files AS files
        INNER JOIN stage.export_files AS staged ON files.load_key = staged.load_key
        """
    ).to_pylist()
    unstage(warehouse)
    return BuildReport(loads=len(loads.fresh), published=True, **counts)


def _first_observed_at(warehouse: Warehouse, window: str) -> object:
    """When the first of a window's posts was observed for the first time; at no time where it is empty."""
    [found] = warehouse.read(f"SELECT min(first_observed_at) AS since FROM {window}").to_pylist()
    return found["since"] or ALWAYS


def _take_out(warehouse: Warehouse, gone: Sequence[str]) -> None:
    """Forget loads without rows: failures that a later try made good, files that a replay took for another load."""
    for name in ("ops.export_files", "ops.rejected_rows", "ops.validation_results"):
        for load_key in gone:
            warehouse.load_rows(table(name), schema(table(name)).empty_table(), {"load_key": load_key})


def _has_conversions(warehouse: Warehouse, loads: Loads) -> bool:
    """Whether anything about campaigns or orders is received now or was before."""
    if any(dataset in CONVERSIONS for load in loads.fresh for dataset in load.datasets):
        return True
    return bool(warehouse.read("SELECT 1 FROM marts.attribution_totals").num_rows)


def _published(
    warehouse: Warehouse, settings: Settings, report: BuildReport, reason: str | None = None
) -> BuildReport:
    is_new = publish_if_stale(warehouse, settings)
    return BuildReport(
        loads=report.loads,
        rows_loaded=report.rows_loaded,
        rows_duplicate=report.rows_duplicate,
        posts=report.posts,
        rebuilt_because=reason,
        published=is_new or report.published,
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _silence(done: int, total: int, what: str) -> None:
    """Tell nobody."""
