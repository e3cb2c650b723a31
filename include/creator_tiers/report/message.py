"""The report as a mail: multipart/mixed(alternative(text, related(html, png ...)), csv ...).

No header can be injected: addresses are checked against a strict pattern and every foreign text of a header
stands on one line. The message depends on nothing but its arguments: no clock, no random boundary.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import cast

from creator_tiers.hygiene import one_line
from creator_tiers.report.csv_files import ATTACHED, AUDIT_FILES, has_rows
from creator_tiers.report.model import ReportModel
from creator_tiers.report.render import ReportFiles, content_id, render_mail_html
from creator_tiers.report.wording import interval_text, ratio_text

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)
_NAMED = re.compile(r"(?P<name>[^<>@\"\x00-\x1f\x7f]*)<(?P<address>[^<>\s]+)>")


class _AddressesToLeave(UnstructuredHeader):
    """List-Unsubscribe: folded between its addresses only.

    The registry's own class puts a long URL into encoded words, which no mail reader follows.
    """

    max_count = 1
    name: str

    def fold(self, *, policy: Policy) -> str:
        """The header's lines."""
        return f"{self.name}: {f',{policy.linesep} '.join(str(self).split(', '))}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", cast(type[BaseHeader], _AddressesToLeave))
_POLICY = SMTP.clone(header_factory=_HEADERS)


class AddressError(ValueError):
    """A text that is no e-mail address; the message names the text and the remedy."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name shown with it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands after the @."""
        return self.address.rpartition("@")[2]

    def header(self) -> Address:
        """The mailbox as a header's value."""
        return Address(display_name=self.name, addr_spec=self.address)


def parse_mailbox(text: str) -> Mailbox:
    """An address such as `a@b.example` or `Name <a@b.example>`.

    Raises:
        AddressError: it is neither, or holds anything that could end a header line.
    """
    named = _NAMED.fullmatch(text.strip(" "))
    address = named["address"] if named else text.strip(" ")
    if not _ADDRESS.fullmatch(address) or ".." in address or len(address) > 254:
        raise AddressError(f"{one_line(text, 100)!r} is no e-mail address; write it like name@example.com")
    return Mailbox(address, named["name"].strip() if named else "")


def message_id(report_id: str, recipient: str, domain: str) -> str:
    """The Message-ID of a report to a recipient: the same whenever it is built."""
    return f"<{report_id}.{recipient_id(recipient)}@{domain}>"


def recipient_id(recipient: str) -> str:
    """A short name for a recipient that does not tell the address: the same in every mail."""
    return hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]


def subject(model: ReportModel) -> str:
    """The subject: week, verdict, ratio."""
    headline = model.headline
    numbers = ""
    if headline.estimate is not None:
        interval = interval_text(headline.ci_low, headline.ci_high)
        numbers = f" ({headline.ratio_of} {ratio_text(headline.estimate)}, {interval})"
    return one_line(f"Creator Tiers {model.week.label}: {headline.word}{numbers}", 120)


def build_message(
    model: ReportModel,
    files: ReportFiles,
    sender: str,
    recipients: Sequence[str],
    dated: datetime,
    unsubscribe_url: str | None = None,
) -> EmailMessage:
    """The mail of a report.

    Args:
        model: the report.
        files: its rendered files.
        sender: the From address.
        recipients: the To addresses; the sender itself when there are none (a draft).
        dated: the Date header, with a time zone.
        unsubscribe_url: an https URL for One-Click (RFC 8058); `{id}` in it becomes the recipient's opaque id.

    Raises:
        AddressError: an address cannot be used.
    """
    message = _headed(model.report_id, subject(model), sender, recipients, dated)
    author = parse_mailbox(sender)
    message["List-Id"] = f"Creator Tiers weekly report <tier-report.{author.domain}>"
    ways = [f"<mailto:{author.address}?subject=unsubscribe>"]
    if unsubscribe_url and recipients:
        who = recipient_id(",".join(parse_mailbox(one).address for one in recipients))
        ways.insert(0, f"<{unsubscribe_url.replace('{id}', who)}>")
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["List-Unsubscribe"] = ", ".join(ways)
    _fill(message, model, files)
    identity = message["Message-ID"]
    for index, part in enumerate(part for part in message.walk() if part.is_multipart()):
        token = hashlib.sha256(f"{identity}{model.run_id}{index}".encode()).hexdigest()[:24]
        part.set_boundary(f"=_{token}")
    return message


def build_notice(
    notice_id: str, title: str, text: str, sender: str, recipient: str, dated: datetime
) -> EmailMessage:
    """A short mail to the owner, as text.

    Args:
        notice_id: what it is about; with the recipient it makes the Message-ID.
        title: the Subject; made one line.
        text: what it says.
        sender: the From address.
        recipient: the To address.
        dated: the Date header, with a time zone.

    Raises:
        AddressError: an address cannot be used.
    """
    message = _headed(notice_id, one_line(title, 120), sender, [recipient], dated)
    message.set_content(text, cte="quoted-printable")
    return message


def _headed(about: str, title: str, sender: str, recipients: Sequence[str], dated: datetime) -> EmailMessage:
    author = parse_mailbox(sender)
    to = [parse_mailbox(recipient) for recipient in recipients] or [author]
    message = EmailMessage(policy=_POLICY)
    message["From"] = Mailbox(author.address, author.name or "Creator Tiers").header()
    message["To"] = [box.header() for box in to]
    message["Subject"] = title
    message["Date"] = format_datetime(dated)
    message["Message-ID"] = message_id(about, ",".join(box.address for box in to), author.domain)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return message


def _fill(message: EmailMessage, model: ReportModel, files: ReportFiles) -> None:
    message.set_content(files.text.read_text(encoding="utf-8"), cte="quoted-printable")
    message.add_alternative(render_mail_html(model), subtype="html", cte="quoted-printable")
    charts = {str(path.relative_to(files.folder)): path for path in files.charts}
    *_, html = message.iter_parts()
    for platform in model.platforms:
        if platform.chart is None:
            continue
        path = charts[platform.chart.file]
        html.add_related(
            path.read_bytes(),
            "image",
            "png",
            cid=f"<{content_id(platform.chart)}>",
            disposition="inline",
            filename=path.name,
        )
    for path in files.csvs:
        if path.name not in ATTACHED:
            continue
        content = path.read_bytes()
        if path.name not in AUDIT_FILES or has_rows(content):
            message.add_attachment(content, "text", "csv", filename=path.name, params={"charset": "utf-8"})
