"""A real SMTP server on this machine that keeps what it takes."""

from __future__ import annotations

import email
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """aiosmtpd's handler: what arrived, and whom to refuse."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, list[str], bytes]] = []
        self.refused: dict[str, str] = {}
        self.was_encrypted: list[bool] = []
        self.answer = "250 taken"
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            transport: Any = server.transport
            self.was_encrypted.append(transport.get_extra_info("ssl_object") is not None)
            content: Any = envelope.content
            self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos), bytes(content)))
        return self.answer

    @property
    def recipients(self) -> list[str]:
        """Who got a mail, once for each mail."""
        return sorted(to for _, tos, _ in self.envelopes for to in tos)

    def messages(self) -> list[EmailMessage]:
        """What arrived, parsed."""
        parsed = (email.message_from_bytes(content, policy=SMTP_POLICY) for _, _, content in self.envelopes)
        return [message for message in parsed if isinstance(message, EmailMessage)]

    @contextmanager
    def connect(self) -> Iterator[smtplib.SMTP]:
        """A connection to the server."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as client:
            yield client


class _AnyPort(Controller):
    """A controller that takes whichever port is free; aiosmtpd's own knocks at port 0 then."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running(**options: Any) -> Iterator[Mailbox]:
    """The server, on a free port; `options` are aiosmtpd's, such as `ssl_context` or `tls_context`."""
    mailbox = Mailbox()
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()
