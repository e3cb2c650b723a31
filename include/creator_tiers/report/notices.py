"""Mails to the owner: why a report was held back, what has not come. Each is sent once, through the outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from creator_tiers.hygiene import one_line
from creator_tiers.report.delivery import Clock, deliver_one
from creator_tiers.report.message import build_notice, message_id, parse_mailbox
from creator_tiers.report.outbox import FAILED, HANDING_OVER, SENT, Outbox
from creator_tiers.report.smtp import Sender, configured_sender
from creator_tiers.settings import Settings


def tell_owner(
    settings: Settings,
    about: str,
    title: str,
    reasons: Sequence[str],
    remedy: str,
    sender: Sender | None,
    now: Clock = lambda: datetime.now(UTC),
) -> str:
    """Mail the owner what is wrong, once for the same subject and the same reasons; what became of it, in a line.

    Args:
        settings: the owner, the From address, the state store.
        about: the subject's id, such as `held-back-2026-W46`: letters, digits, `-`.
        title: the mail's Subject.
        reasons: what is wrong, a sentence each; with `about` they make out whether it was said before.
        remedy: what to do.
        sender: sends the mail; None when no server is configured.
        now: the clock of the Date header and of the outbox.

    Raises:
        AddressError: the owner's or the sender's address cannot be used.
    """
    if settings.owner is None:
        return "Nobody was told: no owner is configured (CREATOR_TIERS_OWNER)."
    owner, author = parse_mailbox(settings.owner), parse_mailbox(settings.sender)
    if sender is None:
        return f"The owner was not told: there is no Airflow connection {settings.smtp_connection}."
    said = [one_line(reason, 500) for reason in reasons]
    notice_id = f"{about}-{hashlib.sha256(chr(10).join(said).encode()).hexdigest()[:12]}"
    text = "\n".join([title, "", *(f"- {reason}" for reason in said), "", f"What to do: {remedy}", ""])
    outbox, key = Outbox(settings.state_url), (notice_id, owner.address.lower())
    outbox.enrol(notice_id, {key[1]: message_id(notice_id, key[1], author.domain)}, now())
    is_sent = deliver_one(
        outbox,
        key,
        owner.address,
        lambda address: build_notice(notice_id, title, text, settings.sender, address, now()),
        sender,
        now,
    )
    if is_sent:
        return f"The owner {owner.address} was told."
    row = next(row for row in outbox.rows(notice_id) if row.recipient == key[1])
    told = {
        SENT: f"The owner {owner.address} had been told already.",
        FAILED: f"The owner {owner.address} was not told ({row.error}); the next run tries again.",
        HANDING_OVER: f"Whether the owner {owner.address} was told is in doubt ({row.message_id}).",
    }
    return told.get(row.state, f"Another run is telling the owner {owner.address}.")


def inform_owner(
    settings: Settings,
    about: str,
    title: str,
    reasons: Sequence[str],
    remedy: str,
    sender: Sender | None = None,
) -> str:
    """`tell_owner` for those who have more to say than that a mail could not be sent: trouble is in the line, too.

    Args:
        settings: as there.
        about: as there.
        title: as there.
        reasons: as there.
        remedy: as there.
        sender: sends the mail; the Airflow connection of the settings when None.
    """
    try:
        if sender is None and settings.owner:
            sender = configured_sender(settings)
        return tell_owner(settings, about, title, reasons, remedy, sender)
    except (OSError, ValueError) as error:
        return f"The owner could not be told: {error}"
