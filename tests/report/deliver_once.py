"""A process that delivers a report and dies at a given step: `deliver_once.py HOME PORT STEP RECIPIENT`.

For the owner it is the mail that says why a report was held back.
STEP names an outbox method and when to die: `before:claim`, `after:begin_hand_over`, ...
"""

from __future__ import annotations

import os
import signal
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from creator_tiers.report import Outbox, build_model, deliver, render, smtp_sender
from creator_tiers.report.notices import tell_owner
from creator_tiers.settings import Settings, load_settings
from tests.report.planted import nothing

OWNER = "owner@brand.example"


def main(home: str, port: str, step: str, victim: str) -> None:
    """Deliver, and die on the way."""
    settings = settings_of(Path(home))
    when, _, method = step.partition(":")
    die_at(when, method, victim)

    @contextmanager
    def connect() -> Iterator[smtplib.SMTP]:
        with smtplib.SMTP("127.0.0.1", int(port), timeout=10) as client:
            yield client

    send = smtp_sender(connect, "reports@brand.example")
    if victim == OWNER:
        tell_owner(
            replace(settings, owner=OWNER), "held-back-2026-W46", "Held back", ["why"], "mend it.", send
        )
        return
    model = build_model(nothing())
    files = render(model, Path(home) / "report")
    deliver(model, files, settings, send)


def settings_of(home: Path) -> Settings:
    """Three recipients, and a state store in this home."""
    return load_settings(
        {
            "CREATOR_TIERS_HOME": str(home),
            "CREATOR_TIERS_RECIPIENTS": "ann@brand.example,bob@brand.example,cem@brand.example",
            "CREATOR_TIERS_SENDER": "reports@brand.example",
        }
    )


def die_at(when: str, method: str, victim: str) -> None:
    """Make an outbox method SIGKILL this process before or after its work for one recipient."""
    original = getattr(Outbox, method)

    def deadly(self: Outbox, report_id: str, recipients: Any, *rest: Any, **named: Any) -> Any:
        if when == "before" and victim in recipients:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(self, report_id, recipients, *rest, **named)
        if when == "after" and victim in recipients:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(Outbox, method, deadly)


if __name__ == "__main__":
    main(*sys.argv[1:])
