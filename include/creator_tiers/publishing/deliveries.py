"""What became of mails, and a person's word on those of which nobody knows."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.publishing.drafts import keep_deliveries
from creator_tiers.publishing.steps import record
from creator_tiers.settings import Settings

if TYPE_CHECKING:
    from creator_tiers.report.outbox import OutboxRow

log = logging.getLogger(__name__)

REPORT = "tier-report-"
"""What the ids of weekly reports begin with; the rest is the week. Notices to the owner have others."""


def list_deliveries(settings: Settings, report_id: str | None = None) -> list[OutboxRow]:
    """The outbox's rows of a report or notice; of all when None."""
    from creator_tiers.report.outbox import Outbox

    return Outbox(settings.state_url).rows(report_id)


def resolve_delivery(settings: Settings, report_id: str, recipient: str, was_sent: bool) -> OutboxRow:
    """Settle a delivery in doubt, after a look into the mail server's log for its Message-ID.

    Args:
        settings: the state store, the warehouse, the reports' folder.
        report_id: the report or notice.
        recipient: its address.
        was_sent: whether the server took the mail; when not, the next run sends it.

    Returns:
        The row as it is now.

    Raises:
        ContractError: there is no such delivery, or it is not in doubt.
    """
    from creator_tiers.report.outbox import Outbox

    outbox, key = Outbox(settings.state_url), recipient.strip().lower()
    found = {row.recipient: row for row in outbox.rows(report_id)}
    if key not in found:
        raise ContractError(f"No mail of {report_id} to {recipient} is known; see `creator-tiers deliveries`")
    if not outbox.resolve(report_id, key, was_sent, datetime.now(UTC)):
        raise ContractError(
            f"The mail of {report_id} to {key} is not in doubt: {found[key].state}. Only deliveries in the state "
            "handing_over can be settled"
        )
    rows = outbox.rows(report_id)
    if report_id.startswith(REPORT):
        folder = settings.reports / report_id.removeprefix(REPORT)
        if folder.is_dir():
            keep_deliveries(folder, rows)
        try:
            record(settings, rows)
        except (ContractError, TransientError) as error:
            log.warning(
                "Settled, and not copied to ops.report_deliveries before the next delivery: %s", error
            )
    return next(row for row in rows if row.recipient == key)
