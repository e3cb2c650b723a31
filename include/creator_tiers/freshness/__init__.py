"""What is expected to come, and what of it has not come.

Nothing is expected unless `expected_exports.yaml` in the home lists it. The gates hold a report back when an expected
export is overdue at its as-of; the DAG `check_freshness` says so every day, and also when the report itself is missing:
a run that never started raises no alarm of its own.
"""

from creator_tiers.freshness.arrivals import overdue
from creator_tiers.freshness.expected import Expected, ExpectedExport, ExpectedReport, read_expected
from creator_tiers.freshness.looking import missing_exports, missing_reports, tell_missing
from creator_tiers.freshness.reports import missing_report

__all__ = [
    "Expected",
    "ExpectedExport",
    "ExpectedReport",
    "missing_exports",
    "missing_report",
    "missing_reports",
    "overdue",
    "read_expected",
    "tell_missing",
]
