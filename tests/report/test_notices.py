"""The owner's mail: once for the same reasons, again for others, nothing foreign in its headers."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from creator_tiers.report import smtp_sender
from creator_tiers.report.notices import tell_owner
from creator_tiers.settings import RESOURCES, Settings
from tests.report.deliver_once import settings_of
from tests.report.mailbox import Mailbox, running

OWNER = "owner@brand.example"
ABOUT = "held-back-2026-W46"
pytestmark = pytest.mark.contract


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running() as box:
        yield box


@pytest.fixture
def owned(settings: Settings) -> Settings:
    return dataclasses.replace(settings, owner=f"Data team <{OWNER}>", sender="reports@brand.example")


def tell(settings: Settings, mailbox: Mailbox, *reasons: str, title: str = "Held back") -> str:
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    return tell_owner(settings, ABOUT, title, reasons, "mend it.", send)


def test_the_owner_is_told_why_once(owned: Settings, mailbox: Mailbox) -> None:
    assert tell(owned, mailbox, "freshness: no tiktok", "links: a.png") == f"The owner {OWNER} was told."
    assert tell(owned, mailbox, "freshness: no tiktok", "links: a.png").endswith("had been told already.")
    (message,) = mailbox.messages()
    assert message["To"] == OWNER
    assert message["Subject"] == "Held back"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content().replace("\r\n", "\n")
    assert text == "Held back\n\n- freshness: no tiktok\n- links: a.png\n\nWhat to do: mend it.\n"


def test_other_reasons_are_another_mail(owned: Settings, mailbox: Mailbox) -> None:
    tell(owned, mailbox, "freshness: no tiktok")
    tell(owned, mailbox, "freshness: no youtube")
    assert len(mailbox.envelopes) == 2
    assert len({message["Message-ID"] for message in mailbox.messages()}) == 2


def test_nothing_foreign_ends_a_header_line(owned: Settings, mailbox: Mailbox) -> None:
    hostile = "x\r\nBcc: all@brand.example\r\n\r\nbody"
    tell(owned, mailbox, f"file {hostile}", title=f"Held back {hostile}")
    (message,) = mailbox.messages()
    assert message["Bcc"] is None
    assert "\n" not in str(message["Subject"])
    assert mailbox.recipients == [OWNER]


def test_a_server_that_is_away_is_said_and_tried_again(owned: Settings, mailbox: Mailbox) -> None:
    mailbox.answer = "451 later"
    assert "was not told" in tell(owned, mailbox, "why")
    mailbox.answer = "250 taken"
    assert tell(owned, mailbox, "why") == f"The owner {OWNER} was told."


def test_without_an_owner_or_a_server_it_is_said(settings: Settings, owned: Settings) -> None:
    assert "no owner is configured" in tell_owner(settings, ABOUT, "t", ["why"], "mend", None)
    assert "no Airflow connection creator_tiers_smtp" in tell_owner(owned, ABOUT, "t", ["why"], "mend", None)


@pytest.mark.kill
@pytest.mark.parametrize(
    ("step", "mails"),
    [
        ("after:enrol", 1),
        ("after:claim", 1),
        ("before:begin_hand_over", 1),
        ("after:begin_hand_over", 0),
        ("before:mark_sent", 1),
        ("after:mark_sent", 1),
    ],
)
def test_killed_on_the_way_and_run_again_the_owner_has_one_mail(
    step: str, mails: int, tmp_path: Path, mailbox: Mailbox
) -> None:
    died = subprocess.run(
        [sys.executable, "-m", "tests.report.deliver_once", str(tmp_path), str(mailbox.port), step, OWNER],
        cwd=RESOURCES.parent,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    said = tell(dataclasses.replace(settings_of(tmp_path), owner=OWNER), mailbox, "why")
    assert len(mailbox.envelopes) == mails
    assert ("in doubt" in said) == (step in ("after:begin_hand_over", "before:mark_sent"))
