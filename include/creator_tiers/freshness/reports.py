"""Whether the weekly report has come, and to everybody."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from creator_tiers.freshness.expected import ExpectedReport
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week


def missing_report(settings: Settings, expected: ExpectedReport | None, now: datetime) -> tuple[str, ...]:
    """What is missing of the newest report that is due: the report itself, or mails of it.

    Args:
        settings: the home, the recipients, how long an approval may take.
        expected: when it is due; nothing is missed when None.
        now: the instant, with a time zone.
    """
    if expected is None or expected.is_waived(now):
        return ()
    patience = expected.within + timedelta(hours=settings.approval_hours or 0)
    week = Week.last_full(now - patience, settings.zone)
    published = _json(settings.reports / week.label / "report.json")
    if published is None:
        return (f"no report of {week.label}: {_why(settings, week)}",)
    return _unsent(settings, week, str(published.get("report_id")))


def _why(settings: Settings, week: Week) -> str:
    draft = settings.reports / ".drafts" / week.label
    gates = _json(draft / "gates.json")
    closed = [str(gate["gate"]) for gate in (gates or {}).get("gates", []) if not gate["passed"]]
    if closed:
        return f"it was held back by the gates {', '.join(closed)}"
    if gates is not None:
        return "a draft passed the gates and was not published; it waits for approval, was rejected or failed"
    if (draft / "report.html").exists():
        return "a draft was made and not held against the gates; look at the runs of publish_tier_report"
    return "no run of publish_tier_report has made one; look whether it ran, and whether the scheduler does"


def _unsent(settings: Settings, week: Week, report_id: str) -> tuple[str, ...]:
    from creator_tiers.report.message import parse_mailbox
    from creator_tiers.report.outbox import SENT, Outbox

    if not settings.recipients:
        return ()
    states = {row.recipient: row.state for row in Outbox(settings.state_url).rows(report_id)}
    wanted = sorted({parse_mailbox(one).address.lower() for one in settings.recipients})
    return tuple(
        f"the report of {week.label} has not been sent to {one}: {states.get(one, 'never tried')}"
        for one in wanted
        if states.get(one) != SENT
    )


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
