"""`creator-tiers deliveries`: what became of mails, and settling those in doubt."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from creator_tiers.cli import main
from creator_tiers.report.outbox import HANDING_OVER, PENDING, SENT, Outbox
from creator_tiers.settings import Settings

pytestmark = pytest.mark.contract

REPORT = "tier-report-2026-W46"
NOTICE = "held-back-2026-W46-0123456789ab"
NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


def call(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["deliveries", *arguments], env={"CREATOR_TIERS_HOME": str(settings.home)}
    )


@pytest.fixture
def outbox(settings: Settings) -> Outbox:
    """One mail sent, one in doubt, one notice in doubt."""
    outbox = Outbox(settings.state_url)
    for report_id, recipient, is_done in (
        (REPORT, "ann@brand.example", True),
        (REPORT, "bob@brand.example", False),
        (NOTICE, "owner@brand.example", False),
    ):
        outbox.enrol(report_id, {recipient: f"<{report_id}.{recipient[:3]}@brand.example>"}, NOW)
        token = outbox.claim(report_id, recipient, NOW)
        assert token is not None
        assert outbox.begin_hand_over(report_id, recipient, token, NOW)
        if is_done:
            outbox.mark_sent(report_id, recipient, token, NOW)
    return outbox


def states(outbox: Outbox) -> dict[str, str]:
    return {row.recipient: row.state for row in outbox.rows()}


def test_all_are_listed(settings: Settings, outbox: Outbox) -> None:
    assert states(outbox)
    result = call(settings, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [(one["report_id"], one["recipient"], one["state"]) for one in found] == [
        (NOTICE, "owner@brand.example", HANDING_OVER),
        (REPORT, "ann@brand.example", SENT),
        (REPORT, "bob@brand.example", HANDING_OVER),
    ]
    assert found[1]["sent_at"] == "2026-11-16T06:00:00Z"
    assert [
        one["recipient"]
        for one in json.loads(call(settings, "--in-doubt", "--report", REPORT, "--json").stdout)
    ] == ["bob@brand.example"]
    assert "<tier-report-2026-W46.bob@brand.example>" in call(settings).stdout


def test_nothing_sent_yet_is_an_empty_list(settings: Settings) -> None:
    assert json.loads(call(settings, "--json").stdout) == []


@pytest.mark.parametrize(("word", "state"), [("--sent", SENT), ("--not-sent", PENDING)])
def test_a_notice_in_doubt_is_settled(settings: Settings, outbox: Outbox, word: str, state: str) -> None:
    result = call(settings, "resolve", NOTICE, "Owner@brand.example", word)
    assert result.exit_code == 0, result.output
    assert states(outbox)["owner@brand.example"] == state


def test_a_report_in_doubt_is_settled_everywhere(settings: Settings, outbox: Outbox) -> None:
    from creator_tiers.warehouse import open_reader
    from creator_tiers.warehouse.build import build

    build(settings)
    folder = settings.reports / "2026-W46"
    folder.mkdir(parents=True)
    result = call(settings, "resolve", REPORT, "bob@brand.example", "--sent", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["state"] == SENT
    assert states(outbox)["bob@brand.example"] == SENT
    with open_reader(settings) as reader:
        rows = reader.read(
            "SELECT recipient, state FROM ops.report_deliveries ORDER BY recipient"
        ).to_pylist()
    assert rows == [{"recipient": f"{one}@brand.example", "state": SENT} for one in ("ann", "bob")]
    told = json.loads((folder / "deliveries.json").read_text())["deliveries"]
    assert [one["state"] for one in told] == [SENT, SENT]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([REPORT, "ann@brand.example", "--sent"], 1, "is not in doubt: sent"),
        ([REPORT, "eve@brand.example", "--sent"], 1, "No mail of tier-report-2026-W46 to eve@brand.example"),
        ([REPORT, "bob@brand.example"], 2, "say --sent or --not-sent"),
    ],
)
def test_what_cannot_be_settled_is_said(
    settings: Settings, outbox: Outbox, arguments: list[str], code: int, said: str
) -> None:
    before = states(outbox)
    result = call(settings, "resolve", *arguments)
    assert result.exit_code == code
    assert said in result.output
    assert states(outbox) == before


def test_a_mail_can_be_settled_before_anything_was_built(settings: Settings, outbox: Outbox) -> None:
    result = call(settings, "resolve", REPORT, "bob@brand.example", "--not-sent")
    assert result.exit_code == 0, result.output
    assert states(outbox)["bob@brand.example"] == PENDING
