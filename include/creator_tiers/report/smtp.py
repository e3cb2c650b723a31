"""Handing a mail to an SMTP server such that the point of no return is one line of code.

`smtplib.sendmail` does all of a transaction in one call. Here the message's text is transferred first, then
the caller writes down that it is about to become irrevocable, and only then goes the lone dot that makes the
server responsible (RFC 5321, 4.1.1.4: text without its end is not to be acted on). A process killed before the dot
has sent nothing; RFC 1047 describes the gap after it that no client can close.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from typing import Protocol

from creator_tiers.hygiene import one_line
from creator_tiers.report.message import parse_mailbox
from creator_tiers.settings import Settings

_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


class RefusedError(Exception):
    """The server said no: the message was certainly not taken."""


class SupersededError(Exception):
    """Another process took this recipient over: stop without sending."""


class Sender(Protocol):
    """Sends one message to one recipient.

    It calls `hand_over` once, right before the message becomes irrevocable, and lets what that raises pass. It
    returns when the server has taken the message and raises `RefusedError` when the server said no. Any other error
    before `hand_over` means "not sent"; after it, "nobody knows".
    """

    def __call__(self, message: EmailMessage, recipient: str, hand_over: Callable[[], None]) -> None:
        """Send."""


Connect = Callable[[], AbstractContextManager[smtplib.SMTP]]


def smtp_sender(connect: Connect, envelope_from: str) -> Sender:
    """A sender over connections that `connect` opens, ready to take mail (TLS and login done).

    Args:
        connect: opens a connection as a context manager that closes it.
        envelope_from: the address that bounces go to.
    """

    def send(message: EmailMessage, recipient: str, hand_over: Callable[[], None]) -> None:
        content = _LINE_START_DOT.sub(b"..", message.as_bytes(policy=SMTP))
        with connect() as server:
            server.ehlo_or_helo_if_needed()
            _expect(server.mail(envelope_from), "MAIL FROM", 250)
            _expect(server.rcpt(recipient), "RCPT TO", 250, 251)
            _expect(server.docmd("DATA"), "DATA", 354)
            try:
                server.send(content if content.endswith(b"\r\n") else content + b"\r\n")
                hand_over()
            except BaseException:
                server.close()  # without the dot and without QUIT, which would be taken as text
                raise
            server.send(b".\r\n")
            _expect(server.getreply(), "the end of the text", 250)

    return send


def airflow_sender(connection_id: str, envelope_from: str) -> Sender | None:
    """A sender over the Airflow connection of this name, or None when there is no such connection (or no Airflow).

    The connection's own settings for SSL, STARTTLS, login and timeout hold (SmtpHook).
    """
    try:
        from airflow.providers.common.compat.sdk import AirflowNotFoundException
        from airflow.providers.smtp.hooks.smtp import SmtpHook
    except ImportError:
        return None
    try:
        told = SmtpHook.get_connection(connection_id)
    except AirflowNotFoundException:
        return None

    @contextmanager
    def connect() -> Iterator[smtplib.SMTP]:
        try:
            hook = SmtpHook(smtp_conn_id=connection_id).get_conn()
        except OSError as error:
            where = f"{told.host}:{told.port}" if told.port else str(told.host)
            raise ConnectionError(f"{error}, at the mail server {where} of {connection_id}") from error
        server = hook._smtp_client
        if not isinstance(server, smtplib.SMTP):
            raise TypeError(f"the connection {connection_id} gave no SMTP client")
        try:
            yield server
        finally:
            server.close()

    return smtp_sender(connect, envelope_from)


def configured_sender(settings: Settings) -> Sender | None:
    """A sender over the Airflow connection of the settings; None when there is none.

    Raises:
        AddressError: the settings' From address cannot be used.
    """
    return airflow_sender(settings.smtp_connection, parse_mailbox(settings.sender).address)


def _expect(reply: tuple[int, bytes], step: str, *codes: int) -> None:
    if reply[0] == -1:
        raise smtplib.SMTPServerDisconnected(f"the server went away at {step}")
    if reply[0] not in codes:
        said = one_line(reply[1].decode("utf-8", "replace"), 200)
        raise RefusedError(f"{step}: {reply[0]} {said}")
