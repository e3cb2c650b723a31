"""Each recipient gets each report once, whatever dies in between.

The steps for a recipient are: claim the row, transfer the text, write `handing_over`, send the dot, read the
reply, write `sent`. Killed between any two of them, and run again:

* before `handing_over`: nothing was delivered; the next run takes the row over and sends. One mail.
* after the dot: delivered; the row says `handing_over`, the next run does not send again. One mail.
* between `handing_over` and the dot (microseconds, no work in between), or the connection breaks before the reply:
  nobody can know (RFC 1047). Such a row is **in doubt** and is never sent again by itself: a doubled report
  is worse than one that is reported as in doubt. The delivery report says so, and a person settles it with
  `Outbox.resolve` after looking the Message-ID up in the mail server's log.

So: at most once always, and exactly once but for that gap. The Message-ID is the same on every try, so that even
a message that was settled wrongly is one message to every mail store that knows its Message-IDs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from creator_tiers.hygiene import one_line
from creator_tiers.report.audience import copy_for
from creator_tiers.report.message import build_message, message_id, parse_mailbox
from creator_tiers.report.model import ReportModel
from creator_tiers.report.outbox import FAILED, HANDING_OVER, SENT, Outbox, OutboxRow
from creator_tiers.report.render import ReportFiles, write_whole
from creator_tiers.report.smtp import RefusedError, Sender, SupersededError
from creator_tiers.settings import Settings

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Compose = Callable[[str], EmailMessage]


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a delivery.

    Attributes:
        report_id: the report.
        rows: the outbox's rows of its recipients after this run, as `ops.report_deliveries` wants them.
        sent_now: recipients that this run sent to.
        eml: the message as a file, when it was written instead of sent.
        summary: one line for people.
    """

    report_id: str
    rows: tuple[OutboxRow, ...]
    sent_now: tuple[str, ...]
    eml: Path | None
    summary: str

    @property
    def failed(self) -> tuple[OutboxRow, ...]:
        """Recipients whose server said no, or could not be reached: running again tries again."""
        return tuple(row for row in self.rows if row.state == FAILED)

    @property
    def in_doubt(self) -> tuple[OutboxRow, ...]:
        """Recipients of whom nobody knows; see the module."""
        return tuple(row for row in self.rows if row.state == HANDING_OVER)


def deliver(
    model: ReportModel,
    files: ReportFiles,
    settings: Settings,
    sender: Sender | None,
    now: Clock = lambda: datetime.now(UTC),
) -> DeliveryReport:
    """Send a report to the settings' recipients, each once, or write the message as `report.eml`.

    Args:
        model: the report.
        files: its rendered files.
        settings: recipients, From address, state store.
        sender: sends one message; `smtp.airflow_sender(...)` in production. None writes `report.eml`.
        now: the clock of the Date header and of the outbox.

    Raises:
        AddressError: an address of the configuration cannot be used; nothing was sent to anybody.
    """
    author = parse_mailbox(settings.sender)
    boxes = {box.address.lower(): box.address for box in map(parse_mailbox, settings.recipients)}
    if sender is None or not boxes:
        why = (
            "no recipient is configured (CREATOR_TIERS_RECIPIENTS)"
            if not boxes
            else f"there is no Airflow connection {settings.smtp_connection}"
        )
        return _write_message(model, files, settings, tuple(boxes.values()), why)
    outbox = Outbox(settings.state_url)
    report_id = model.report_id
    outbox.enrol(report_id, {key: message_id(report_id, key, author.domain) for key in boxes}, now())

    def compose(address: str) -> EmailMessage:
        said, its = copy_for(model, files, [address], settings.fee_recipients)
        return build_message(said, its, settings.sender, [address], now(), settings.unsubscribe_url)

    sent = [
        key
        for key, address in boxes.items()
        if deliver_one(outbox, (report_id, key), address, compose, sender, now)
    ]
    rows = tuple(row for row in outbox.rows(report_id) if row.recipient in boxes)
    return DeliveryReport(report_id, rows, tuple(sent), None, _summary(rows, sent))


def deliver_one(
    outbox: Outbox, key: tuple[str, str], address: str, compose: Compose, sender: Sender, now: Clock
) -> bool:
    """Send one mail if nobody has sent it; whether this call did.

    Args:
        outbox: where the row is enrolled.
        key: the row: the report's id and the recipient as the outbox has it.
        address: where the mail goes.
        compose: makes the mail to an address.
        sender: sends it.
        now: the clock of the outbox.
    """
    report_id, recipient = key
    token = outbox.claim(report_id, recipient, now())
    if token is None:
        return False
    is_irrevocable = False

    def hand_over() -> None:
        nonlocal is_irrevocable
        if not outbox.begin_hand_over(report_id, recipient, token, now()):
            raise SupersededError(recipient)
        is_irrevocable = True

    try:
        sender(compose(address), address, hand_over)
    except SupersededError:
        return False
    except RefusedError as error:
        outbox.mark_failed(report_id, recipient, token, one_line(error), now())
        return False
    except Exception as error:  # one recipient's trouble is not the others'
        if is_irrevocable:
            _log.exception("Report %s to %s: in doubt", report_id, recipient)
        else:
            outbox.mark_failed(report_id, recipient, token, one_line(error), now())
        return False
    outbox.mark_sent(report_id, recipient, token, now())
    return True


def _write_message(
    model: ReportModel, files: ReportFiles, settings: Settings, recipients: Sequence[str], why: str
) -> DeliveryReport:
    """The real message as a file, dated as-of so that the same report is the same file."""
    as_of = datetime.fromisoformat(model.as_of)
    path = files.folder / "report.eml"
    said, its = copy_for(model, files, recipients, settings.fee_recipients)
    write_whole(path, build_message(said, its, settings.sender, recipients, as_of).as_bytes())
    return DeliveryReport(model.report_id, (), (), path, f"Not sent: {why}. The message is in {path}.")


def _summary(rows: Sequence[OutboxRow], sent: Sequence[str]) -> str:
    earlier = sum(row.state == SENT for row in rows) - len(sent)
    failed = [f"{row.recipient} ({row.error})" for row in rows if row.state == FAILED]
    doubt = [f"{row.recipient} ({row.message_id})" for row in rows if row.state == HANDING_OVER]
    parts = [f"Sent to {len(sent)} recipients"]
    parts += [f"{earlier} had it already"] if earlier else []
    parts += [f"not sent to {', '.join(failed)}: run again"] if failed else []
    parts += [f"in doubt, look into the mail server's log: {', '.join(doubt)}"] if doubt else []
    return "; ".join(parts) + "."
