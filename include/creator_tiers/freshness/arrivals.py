"""Which expected exports have not come by an instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from creator_tiers.freshness.expected import ExpectedExport

if TYPE_CHECKING:
    import pyarrow as pa

USED = ("loaded", "partial")
"""States of a file whose rows count."""


def overdue(exports: Iterable[ExpectedExport], files: pa.Table, as_of: datetime) -> tuple[str, ...]:
    """One sentence for each expected export whose newest observation before `as_of` is too old, or that never came.

    Args:
        exports: what is expected; waived ones are not missed.
        files: `platform, account_handle, source_format, path, status, observed_at, loaded_at` of
            `ops.export_files`. A file without a time of observation counts from when it was received.
        as_of: the instant, with a time zone.
    """
    found = []
    for export in exports:
        if export.is_waived(as_of):
            continue
        newest = _newest(export, files, as_of)
        if newest is not None and as_of - newest <= export.every:
            continue
        came = (
            f"the newest is of {newest:%Y-%m-%d %H:%M} UTC"
            if newest
            else f"none of before {as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC has been loaded"
        )
        found.append(f"no {export.name} for {export.every / timedelta(days=1):g} days: {came}")
    return tuple(found)


def _newest(export: ExpectedExport, files: pa.Table, as_of: datetime) -> datetime | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    keep = pc.is_in(files["status"], value_set=pa.array(USED, files["status"].type))
    for column, wanted in (("platform", export.platform), ("source_format", export.format)):
        if wanted is not None:
            keep = pc.and_(keep, pc.equal(_lower(files[column]), wanted))
    if export.account is not None:
        keep = pc.and_(keep, pc.equal(pc.utf8_ltrim(_lower(files["account_handle"]), "@"), export.account))
    if export.folder is not None:
        keep = pc.and_(keep, pc.starts_with(files["path"].cast(pa.string()), export.folder))
    times = pc.coalesce(_utc(files["observed_at"]), _utc(files["loaded_at"]))
    keep = pc.and_(keep, pc.less(times, pa.scalar(as_of.astimezone(UTC), pa.timestamp("us", "UTC"))))
    newest: datetime | None = pc.max(times.filter(pc.fill_null(keep, False))).as_py()
    return newest


def _lower(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.fill_null(pc.utf8_lower(column.cast(pa.string())), "")


def _utc(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) and column.type.tz is None:
        return pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
    return column.cast(pa.timestamp("us", "UTC"))
