"""Look for what is missing now, and tell the owner."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from creator_tiers.freshness.arrivals import overdue
from creator_tiers.freshness.expected import read_expected
from creator_tiers.freshness.reports import missing_report
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    from creator_tiers.report.smtp import Sender

_FILES = """
    SELECT platform, account_handle, source_format, path, status, observed_at, loaded_at
    FROM ops.export_files
    ORDER BY load_key
"""


def missing_exports(settings: Settings, now: datetime) -> list[str]:
    """One sentence for each expected export that is overdue at an instant.

    Raises:
        ConfigurationError: the list of what is expected cannot be used.
        WarehouseError: exports are expected, and there is no warehouse to look into.
    """
    from creator_tiers.warehouse import open_reader

    exports = read_expected(settings).exports
    if not exports:
        return []
    with open_reader(settings) as reader:
        return list(overdue(exports, reader.read(_FILES), now))


def missing_reports(settings: Settings, now: datetime) -> list[str]:
    """What is missing of the newest report that is due; see `missing_report`."""
    return list(missing_report(settings, read_expected(settings).report, now))


def tell_missing(settings: Settings, missing: list[str], now: datetime, sender: Sender | None = None) -> str:
    """Mail the owner what is missing, once a week for the same things; what became of it, in a line.

    Args:
        settings: the owner, the From address, the Airflow connection.
        missing: a sentence each.
        now: the instant of the look.
        sender: sends the mail; the Airflow connection of the settings when None.
    """
    from creator_tiers.report.notices import inform_owner

    return inform_owner(
        settings,
        f"missing-{Week.of(now, settings.zone).label}",
        f"Creator Tiers: {len(missing)} expected exports or reports are missing",
        missing,
        f"put the export into landing/, or waive it in {settings.expected_exports.name}; for a report look at the "
        "runs of publish_tier_report.",
        sender,
    )
