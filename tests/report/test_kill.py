"""A delivery killed between any two steps and run again: each recipient has one mail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from creator_tiers.report import Outbox, deliver, smtp_sender
from creator_tiers.report.outbox import HANDING_OVER, SENT
from creator_tiers.settings import RESOURCES
from tests.report.conftest import Rendered
from tests.report.deliver_once import settings_of
from tests.report.mailbox import Mailbox, running

pytestmark = pytest.mark.kill

ROOT = RESOURCES.parent
THREE = ["ann@brand.example", "bob@brand.example", "cem@brand.example"]


def kill(home: Path, mailbox: Mailbox, step: str) -> None:
    """Start a delivery in a process of its own; it dies at the second recipient."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.report.deliver_once", str(home), str(mailbox.port), step, THREE[1]],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr


def rerun(home: Path, mailbox: Mailbox, nothing: Rendered) -> str:
    """Deliver again, here; what it says."""
    send = smtp_sender(mailbox.connect, "reports@brand.example")
    return deliver(*nothing, settings_of(home), send).summary


@pytest.mark.parametrize(
    "step",
    [
        "before:enrol",
        "after:enrol",
        "before:claim",
        "after:claim",
        "before:begin_hand_over",
        "before:mark_sent",
        "after:mark_sent",
    ],
)
def test_killed_and_run_again_each_has_one_mail(step: str, tmp_path: Path, nothing: Rendered) -> None:
    with running() as mailbox:
        kill(tmp_path, mailbox, step)
        rerun(tmp_path, mailbox, nothing)
        assert mailbox.recipients == THREE
        assert rerun(tmp_path, mailbox, nothing).startswith("Sent to 0 recipients")
        assert mailbox.recipients == THREE


def test_killed_in_the_gap_that_nobody_can_close_it_is_said_and_not_doubled(
    tmp_path: Path, nothing: Rendered
) -> None:
    with running() as mailbox:
        kill(tmp_path, mailbox, "after:begin_hand_over")
        assert "in doubt" in rerun(tmp_path, mailbox, nothing)
        assert mailbox.recipients == [THREE[0], THREE[2]]
        rows = Outbox(settings_of(tmp_path).state_url).rows(nothing[0].report_id)
        assert [row.state for row in rows] == [SENT, HANDING_OVER, SENT]
