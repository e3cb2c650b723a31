"""Who may see fees: one model, two copies of the report."""

from __future__ import annotations

from collections.abc import Sequence

from creator_tiers.report.message import parse_mailbox
from creator_tiers.report.model import ReportModel, without_fees
from creator_tiers.report.render import ReportFiles

EVERYBODY = "*"


def copy_for(
    model: ReportModel, files: ReportFiles, addresses: Sequence[str], fee_recipients: Sequence[str]
) -> tuple[ReportModel, ReportFiles]:
    """The copy for readers: the one with fees only where each of them may see fees.

    Args:
        model: the report.
        files: its files; `shared` are those of the copy without fees.
        addresses: the readers; nobody reads what is only written into the report's own folder.
        fee_recipients: who may see fees (`Settings.fee_recipients`); `*` for everybody.

    Raises:
        AddressError: a configured address cannot be used.
    """
    allowed = {parse_mailbox(one).address.lower() for one in fee_recipients if one != EVERYBODY}
    sees_fees = EVERYBODY in fee_recipients or all(one.lower() in allowed for one in addresses)
    if sees_fees or files.shared is None:
        return model, files
    return without_fees(model), files.shared
