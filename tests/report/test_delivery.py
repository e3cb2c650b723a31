"""Delivery: each recipient once, whatever the server says, and however many try."""

from __future__ import annotations

import dataclasses
import email
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from creator_tiers.report import Outbox, airflow_sender, deliver, smtp_sender
from creator_tiers.report.message import AddressError
from creator_tiers.report.outbox import CLAIMED, FAILED, HANDING_OVER, PENDING, SENT
from creator_tiers.settings import Settings
from tests.report.conftest import Rendered
from tests.report.mailbox import Mailbox, running

pytestmark = pytest.mark.contract

THREE = ("ann@brand.example", "bob@brand.example", "cem@brand.example")
NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running() as box:
        yield box


@pytest.fixture
def to_three(settings: Settings) -> Settings:
    return dataclasses.replace(settings, recipients=THREE, sender="reports@brand.example")


def states(settings: Settings, report_id: str) -> dict[str, str]:
    return {row.recipient: row.state for row in Outbox(settings.state_url).rows(report_id)}


def test_each_recipient_gets_one_mail_and_a_rerun_sends_none(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    first = deliver(*nothing, to_three, send)
    assert first.sent_now == THREE
    assert first.summary == "Sent to 3 recipients."
    again = deliver(*nothing, to_three, send)
    assert again.sent_now == ()
    assert again.summary == "Sent to 0 recipients; 3 had it already."
    assert mailbox.recipients == list(THREE)
    assert [row.state for row in again.rows] == [SENT] * 3
    assert all(row.sent_at is not None and row.sent_at.tzinfo is not None for row in again.rows)
    assert {message["Message-ID"] for message in mailbox.messages()} == {row.message_id for row in again.rows}


def test_an_address_written_twice_is_one_recipient(
    nothing: Rendered, settings: Settings, mailbox: Mailbox
) -> None:
    twice = dataclasses.replace(settings, recipients=("ann@brand.example", "Ann@Brand.example"))
    deliver(*nothing, twice, smtp_sender(mailbox.connect, "reports@brand.example"))
    assert len(mailbox.envelopes) == 1


def test_a_new_recipient_gets_the_report_and_the_others_do_not_again(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    deliver(*nothing, dataclasses.replace(to_three, recipients=THREE[:2]), send)
    assert deliver(*nothing, to_three, send).sent_now == THREE[2:]


def test_one_refused_recipient_is_not_the_others_trouble(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    mailbox.refused = {THREE[1]: "550 5.1.1 no such user"}
    report = deliver(*nothing, to_three, send)
    assert mailbox.recipients == [THREE[0], THREE[2]]
    assert [(row.recipient, row.error) for row in report.failed] == [
        (THREE[1], "RCPT TO: 550 5.1.1 no such user")
    ]
    mailbox.refused = {}
    assert deliver(*nothing, to_three, send).sent_now == (THREE[1],)


def test_a_message_that_the_server_refuses_is_tried_again(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    mailbox.answer = "451 4.7.1 try later"
    assert len(deliver(*nothing, to_three, send).failed) == 3
    mailbox.answer = "250 taken"
    assert deliver(*nothing, to_three, send).sent_now == THREE


def test_a_server_that_is_away_is_tried_again(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    def down(_message: EmailMessage, _recipient: str, _hand_over: Callable[[], None]) -> None:
        raise ConnectionRefusedError("no server")

    assert len(deliver(*nothing, to_three, down).failed) == 3
    assert deliver(*nothing, to_three, smtp_sender(mailbox.connect, "r@brand.example")).sent_now == THREE


def test_a_connection_lost_after_the_hand_over_is_in_doubt_and_never_sent_again(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    def lost(_message: EmailMessage, _recipient: str, hand_over: Callable[[], None]) -> None:
        hand_over()
        raise ConnectionResetError("no reply")

    send = smtp_sender(mailbox.connect, "reports@brand.example")
    assert len(deliver(*nothing, to_three, lost).in_doubt) == 3
    again = deliver(*nothing, to_three, send)
    assert mailbox.envelopes == []
    assert (
        "in doubt, look into the mail server's log: ann@brand.example (<tier-report-2026-W46."
        in again.summary
    )
    outbox = Outbox(to_three.state_url)
    assert outbox.resolve(again.report_id, THREE[0], was_sent=False, now=NOW)
    assert outbox.resolve(again.report_id, THREE[1], was_sent=True, now=NOW)
    assert deliver(*nothing, to_three, send).sent_now == (THREE[0],)
    assert states(to_three, again.report_id) == {THREE[0]: SENT, THREE[1]: SENT, THREE[2]: HANDING_OVER}


def test_of_two_live_processes_only_the_newer_claim_sends(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    one = dataclasses.replace(to_three, recipients=THREE[:1])
    real = smtp_sender(mailbox.connect, "reports@brand.example")
    at_hand_over, may_go_on = threading.Event(), threading.Event()

    def slow(message: EmailMessage, recipient: str, hand_over: Callable[[], None]) -> None:
        def late() -> None:
            at_hand_over.set()
            assert may_go_on.wait(10)
            hand_over()

        real(message, recipient, late)

    results: list[tuple[str, ...]] = []
    older = threading.Thread(target=lambda: results.append(deliver(*nothing, one, slow).sent_now))
    older.start()
    assert at_hand_over.wait(10)
    assert deliver(*nothing, one, real).sent_now == THREE[:1]
    may_go_on.set()
    older.join(10)
    assert results == [()]
    assert len(mailbox.envelopes) == 1


def test_many_at_once_send_one_mail_each(nothing: Rendered, to_three: Settings, mailbox: Mailbox) -> None:
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    threads = [threading.Thread(target=deliver, args=(*nothing, to_three, send)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert mailbox.recipients == list(THREE)


def test_without_a_connection_the_real_message_is_a_file(
    nothing: Rendered, to_three: Settings, tmp_path: Path
) -> None:
    model, files = nothing
    (tmp_path / "report").mkdir()
    here = dataclasses.replace(files, folder=tmp_path / "report")
    report = deliver(model, here, to_three, None)
    assert report.eml == tmp_path / "report" / "report.eml"
    assert "there is no Airflow connection creator_tiers_smtp" in report.summary
    assert str(report.eml) in report.summary
    first = report.eml.read_bytes()
    message = email.message_from_bytes(first, policy=SMTP)
    assert message["To"] == ", ".join(THREE)
    assert not report.rows
    deliver(model, here, to_three, None)
    assert report.eml.read_bytes() == first


def test_without_recipients_it_says_so(nothing: Rendered, settings: Settings, tmp_path: Path) -> None:
    model, files = nothing
    report = deliver(model, dataclasses.replace(files, folder=tmp_path), settings, None)
    assert "no recipient is configured" in report.summary
    assert report.eml is not None


def test_a_bad_address_stops_everything_before_anything_is_sent(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox
) -> None:
    bad = dataclasses.replace(to_three, recipients=(*THREE, "eve@evil.example\nBcc: all@brand.example"))
    with pytest.raises(AddressError):
        deliver(*nothing, bad, smtp_sender(mailbox.connect, "reports@brand.example"))
    assert mailbox.envelopes == []


def test_the_airflow_connection_sends(
    nothing: Rendered, to_three: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv(
        "AIRFLOW_CONN_CREATOR_TIERS_SMTP",
        f'{{"conn_type": "smtp", "host": "127.0.0.1", "port": {mailbox.port}, '
        '"extra": {"disable_ssl": true, "disable_tls": true}}',
    )
    send = airflow_sender(to_three.smtp_connection, "reports@brand.example")
    assert send is not None
    assert deliver(*nothing, to_three, send).sent_now == THREE


def test_the_outbox_moves_only_as_its_states_allow(settings: Settings) -> None:
    outbox = Outbox(settings.state_url)
    outbox.enrol("r", {"a@b": "<1>"}, NOW)
    outbox.enrol("r", {"a@b": "<other>"}, NOW)
    older, newer = outbox.claim("r", "a@b", NOW), outbox.claim("r", "a@b", NOW)
    assert older is not None
    assert newer is not None
    assert not outbox.begin_hand_over("r", "a@b", older, NOW)
    assert outbox.begin_hand_over("r", "a@b", newer, NOW)
    assert outbox.claim("r", "a@b", NOW) is None
    outbox.mark_failed("r", "a@b", older, "not mine", NOW)
    assert outbox.rows("r")[0].state == HANDING_OVER
    outbox.mark_sent("r", "a@b", newer, NOW)
    outbox.mark_failed("r", "a@b", newer, "too late", NOW)
    row = outbox.rows("r")[0]
    assert (row.state, row.message_id, row.attempts, row.sent_at) == (SENT, "<1>", 2, NOW)
    assert {PENDING, CLAIMED, FAILED}.isdisjoint({row.state})
    assert not outbox.resolve("r", "a@b", was_sent=False, now=NOW)
