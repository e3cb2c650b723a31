"""The mail, sent to a real server and taken apart."""

from __future__ import annotations

import dataclasses
import email
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from creator_tiers.report.csv_files import ATTACHED
from creator_tiers.report.message import AddressError, build_message, parse_mailbox, subject
from creator_tiers.report.render import render_mail_html
from creator_tiers.report.smtp import smtp_sender
from tests.report.conftest import Rendered
from tests.report.mailbox import running

pytestmark = pytest.mark.contract

DATED = datetime(2026, 11, 16, 6, tzinfo=UTC)
SENDER = "Tier reports <reports@brand.example>"


@pytest.fixture(scope="module")
def arrived(planted: Rendered) -> EmailMessage:
    message = build_message(*planted, SENDER, ["ann@brand.example"], DATED)
    with running() as mailbox:
        smtp_sender(mailbox.connect, "reports@brand.example")(message, "ann@brand.example", lambda: None)
        assert mailbox.envelopes[0][:2] == ("reports@brand.example", ["ann@brand.example"])
        return mailbox.messages()[0]


def shape(part: EmailMessage) -> Any:
    """The tree of content types."""
    kind = part.get_content_type()
    return (kind, [shape(child) for child in part.iter_parts()]) if part.is_multipart() else kind  # type: ignore[arg-type]


def test_the_parts_are_nested_as_mail_readers_expect(arrived: EmailMessage) -> None:
    related = ("multipart/related", ["text/html", "image/png", "image/png", "image/png"])
    alternative = ("multipart/alternative", ["text/plain", related])
    assert shape(arrived) == ("multipart/mixed", [alternative, *["text/csv"] * 10])
    assert not [part for part in arrived.walk() if part.defects]


def test_each_part_holds_what_the_folder_holds(arrived: EmailMessage, planted: Rendered) -> None:
    model, files = planted
    parts = [part for part in arrived.walk() if not part.is_multipart()]
    assert parts[0].get_content().splitlines() == files.text.read_text(encoding="utf-8").splitlines()
    assert parts[1].get_content().splitlines() == render_mail_html(model).splitlines()
    assert [part.get_content() for part in parts[2:5]] == [path.read_bytes() for path in files.charts]
    sent = [path for path in files.csvs if path.name in ATTACHED and len(path.read_bytes().splitlines()) > 1]
    assert {"comparison.csv", "campaigns.csv", "leak_suspects.csv"} <= {path.name for path in sent}
    for part, path in zip(parts[5:], sent, strict=True):
        assert part.get_filename() == path.name
        assert part.get_content_disposition() == "attachment"
        assert part.get_payload(decode=True) == path.read_bytes()


def test_every_picture_of_the_html_is_carried_by_its_content_id(arrived: EmailMessage) -> None:
    html = next(part for part in arrived.walk() if part.get_content_type() == "text/html").get_content()
    carried = [
        part["Content-ID"].strip("<>") for part in arrived.walk() if part.get_content_type() == "image/png"
    ]
    assert len(carried) == 3
    assert all(f'src="cid:{identity}"' in html for identity in carried)
    assert html.count("<img") == 3


def test_the_headers(arrived: EmailMessage) -> None:
    assert arrived["From"] == SENDER
    assert arrived["To"] == "ann@brand.example"
    assert arrived["Subject"] == "Creator Tiers 2026-W46: supported (micro / mega 1.38, 1.18 to 1.61)"
    assert arrived["Date"].datetime == DATED
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["List-Id"] == "Creator Tiers weekly report <tier-report.brand.example>"
    assert arrived["List-Unsubscribe"].startswith("<mailto:reports@brand.example")
    assert arrived["Message-ID"].startswith("<tier-report-2026-W46.")
    assert arrived["Message-ID"].endswith("@brand.example>")


def test_one_click_unsubscribing_where_an_address_is_configured(planted: Rendered) -> None:
    url = (
        "https://brand.example/a/long/way/to/leave/the/list/of/the/weekly/report?list=creator-tiers&who={id}"
    )
    messages = [
        build_message(*planted, SENDER, [to], DATED, url) for to in ("ann@brand.example", "bob@brand.example")
    ]
    raw = messages[0].as_bytes(policy=SMTP).decode()
    found = re.search(
        r"^List-Unsubscribe: <(https://\S+)>,\r\n <mailto:reports@brand.example\?subject=unsubscribe>\r$",
        raw,
        re.MULTILINE,
    )
    assert found, raw[:2000]
    assert re.fullmatch(re.escape(url).replace(r"\{id\}", "[0-9a-f]{16}"), found[1])
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert "ann@" not in found[1]
    assert messages[0]["List-Unsubscribe"] != messages[1]["List-Unsubscribe"]


def test_without_an_address_there_is_no_one_click(arrived: EmailMessage) -> None:
    assert arrived["List-Unsubscribe"] == "<mailto:reports@brand.example?subject=unsubscribe>"
    assert arrived["List-Unsubscribe-Post"] is None


def test_the_same_report_to_the_same_recipient_is_the_same_message(planted: Rendered) -> None:
    first, again, other = (
        build_message(*planted, SENDER, [to], DATED)
        for to in ("ann@brand.example", "ann@brand.example", "bob@brand.example")
    )
    assert first.as_bytes() == again.as_bytes()
    assert first["Message-ID"] != other["Message-ID"]


def test_hostile_text_stays_text_in_the_mail(hostile: Rendered) -> None:
    message = build_message(*hostile, SENDER, ["ann@brand.example"], DATED)
    parsed = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    assert parsed["Bcc"] is None
    assert not parsed.defects
    html = next(part for part in parsed.walk() if part.get_content_type() == "text/html").get_content()
    assert "<script" not in html


def test_a_hostile_word_cannot_start_a_header(planted: Rendered) -> None:
    model, files = planted
    bad = dataclasses.replace(model.headline, word="ok\r\nBcc: eve@evil.example\r\n\r\nbody")
    assert subject(dataclasses.replace(model, headline=bad)).count("\n") == 0
    message = build_message(
        dataclasses.replace(model, headline=bad), files, SENDER, ["ann@brand.example"], DATED
    )
    assert email.message_from_bytes(message.as_bytes(), policy=SMTP)["Bcc"] is None


@pytest.mark.parametrize(
    "text",
    [
        "ann@brand.example\r\nBcc: eve@evil.example",
        "ann@brand.example\n",
        "ann@brand.example, eve@evil.example",
        "Ann\r\nBcc: eve@evil.example <ann@brand.example>",
        "ann brand.example",
        "ann@",
        "@brand.example",
        "a..b@brand.example",
        "ann@brand.example>",
        "änn@brand.example",
        "",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError, match="no e-mail address"):
        parse_mailbox(text)


def test_addresses_with_and_without_a_name() -> None:
    assert parse_mailbox("creator-tiers@localhost").domain == "localhost"
    named = parse_mailbox(" Ann Example <ann+tiers@brand.example> ")
    assert (named.name, named.address) == ("Ann Example", "ann+tiers@brand.example")
