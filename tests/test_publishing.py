"""A week's report in steps: each can be run again, a closed gate publishes nothing, nobody gets it twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from creator_tiers import publishing
from creator_tiers.errors import ContractError, GateClosedError, NothingYetError, TransientError
from creator_tiers.report import gates
from creator_tiers.report.smtp import RefusedError
from creator_tiers.settings import Settings
from creator_tiers.warehouse import NothingPublishedError, open_reader, write_comparison
from creator_tiers.weeks import Week
from tests.homes import WEEK, small_home
from tests.ingestion.landings import drop, ingest_all, videos

pytestmark = [pytest.mark.contract, pytest.mark.xdist_group("publishing")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small lake and its warehouse."""
    return small_home(tmp_path_factory.mktemp("home"))


def _files(settings: Settings) -> dict[str, bytes]:
    folder = settings.reports / WEEK.label
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_week_is_published_and_publishing_again_changes_nothing(built: Settings) -> None:
    result = publishing.publish_week(built, WEEK)
    assert result.report == built.reports / "2026-W45" / "report.html"
    assert result.headline
    before, published = _files(built), built.published.stat().st_mtime_ns
    assert {"report.html", "report.txt", "report.json", "report.eml", "comparison.csv"} <= set(before)
    again = publishing.publish_week(built, WEEK)
    assert again == result
    assert _files(built) == before
    assert built.published.stat().st_mtime_ns == published


def test_before_the_first_export_there_is_nothing_to_report_and_that_is_no_failure(
    settings: Settings,
) -> None:
    with pytest.raises(
        NothingYetError, match=rf"Nothing has been built yet.*exports into {settings.landing}"
    ):
        publishing.compare(settings, WEEK)


def test_a_first_build_that_has_not_ended_is_waited_for_and_lost_tables_are_a_failure(
    settings: Settings,
) -> None:
    drop(settings, "youtube/a/Table data.csv", videos(1))
    ingest_all(settings)
    with pytest.raises(TransientError, match="first run of build_marts has not ended"):
        publishing.compare(settings, WEEK)
    publishing.build_warehouse(settings)
    publishing.compare(settings, WEEK)
    settings.published.unlink()
    with pytest.raises(TransientError, match="tables are gone"):
        publishing.compare(settings, WEEK)
    shutil.rmtree(settings.lake)
    (settings.reports / WEEK.label).mkdir(parents=True)
    (settings.reports / WEEK.label / "report.json").write_text("{}")
    with pytest.raises(NothingPublishedError) as lost:
        publishing.compare(settings, WEEK)
    assert lost.value.__cause__ is None, "no error is its own cause"


def test_a_closed_gate_publishes_nothing(built: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(built, tier_scheme="article")
    before = _files(settings)
    closed = (gates.GateResult("charts", True, "good"), gates.GateResult("freshness", False, "12 days old"))
    monkeypatch.setattr(gates, "check_gates", lambda *_: closed)
    with pytest.raises(GateClosedError) as caught:
        publishing.publish_week(settings, WEEK)
    assert caught.value.reasons == ["freshness: 12 days old"]
    assert _files(settings) == before


def test_an_overdue_export_holds_the_report_back_and_the_owner_is_told_once(
    built: Settings, tmp_path: Path
) -> None:
    settings = replace(
        built,
        owner="owner@example.com",
        recipients=("ann@example.com",),
        state_url=f"sqlite:///{tmp_path / 'state.sqlite'}",
    )
    settings.expected_exports.write_text("exports: [{platform: facebook, every_days: 9}]")
    mailer = Mailer()
    try:
        for _ in range(2):
            with pytest.raises(GateClosedError, match="freshness: no facebook for 9 days") as caught:
                publishing.publish_week(settings, WEEK, mailer)
        assert len(caught.value.reasons) == 1
        assert mailer.taken == ["owner@example.com"]
        kept = json.loads((built.reports / ".drafts" / "2026-W45" / "gates.json").read_text())["gates"]
        assert [gate["gate"] for gate in kept if not gate["passed"]] == ["freshness"]
        settings.expected_exports.write_text("exports: [{platform: facebook, waived_until: 2026-11-08}]")
        publishing.publish_week(settings, WEEK, mailer)
        assert mailer.taken == ["owner@example.com", "ann@example.com"]
    finally:
        settings.expected_exports.unlink()


def test_too_large_a_share_of_the_quarantine_holds_the_report_back(built: Settings) -> None:
    publishing.publish_week(replace(built, most_rejected=0.5), WEEK)
    with pytest.raises(GateClosedError, match="quarantine"):
        publishing.publish_week(replace(built, most_rejected=1e-9), WEEK)


@pytest.mark.parametrize("step", [publishing.check_gates, publishing.deliver])
def test_without_a_draft_there_is_nothing_to_check_or_send(
    built: Settings, step: Callable[[Settings, Week], object]
) -> None:
    with pytest.raises(ContractError, match=r"no draft of 2026-W01.*render"):
        step(built, Week.parse("2026-W01"))


def test_what_is_sent_is_what_was_checked(built: Settings) -> None:
    publishing.compare(built, WEEK)
    publishing.render(built, WEEK)
    with open_reader(built) as reader:
        rows = reader.read(
            "SELECT * FROM marts.tier_comparison WHERE week_start = $week", {"week": WEEK.monday}
        )
    write_comparison(built, WEEK, rows.slice(0, 0))
    try:
        facts = publishing.check_gates(built, WEEK)
        assert facts["gates"] > 5
        draft = (built.reports / ".drafts" / "2026-W45" / "report.json").read_bytes()
        publishing.deliver(built, WEEK)
        assert _files(built)["report.json"] == draft
    finally:
        publishing.compare(built, WEEK)


class Mailer:
    """A server that refuses some recipients."""

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)
        self.taken: list[str] = []

    def __call__(self, _message: EmailMessage, recipient: str, hand_over: Callable[[], None]) -> None:
        if recipient in self.refused:
            raise RefusedError("RCPT TO: 450 later")
        hand_over()
        self.taken.append(recipient)


def test_a_recipient_who_was_refused_gets_it_later_and_the_others_do_not_get_it_twice(
    built: Settings, tmp_path: Path
) -> None:
    settings = replace(
        built,
        recipients=("ann@example.com", "bob@example.com"),
        state_url=f"sqlite:///{tmp_path / 'state.sqlite'}",
    )
    publishing.compare(settings, WEEK)
    publishing.render(settings, WEEK)
    with pytest.raises(TransientError, match=r"bob@example\.com"):
        publishing.deliver(settings, WEEK, Mailer("bob@example.com"))
    assert _deliveries(settings) == {"ann@example.com": "sent", "bob@example.com": "failed"}
    later = Mailer()
    assert publishing.deliver(settings, WEEK, later)["sent"] == 1
    assert later.taken == ["bob@example.com"]
    assert publishing.deliver(settings, WEEK, later)["sent"] == 0
    assert _deliveries(settings) == {"ann@example.com": "sent", "bob@example.com": "sent"}


def _deliveries(settings: Settings) -> dict[str, str]:
    with open_reader(settings) as reader:
        rows = reader.read("SELECT recipient, state FROM ops.report_deliveries").to_pylist()
    return {row["recipient"]: row["state"] for row in rows}


def test_nothing_built_yet_is_said(settings: Settings) -> None:
    with pytest.raises(ContractError, match="built"):
        publishing.compare(settings, WEEK)


def test_figures_that_earlier_reports_gave_as_final_are_restated(built: Settings) -> None:
    closed = {
        "campaign_key": "tea",
        "is_closed": True,
        "orders_net": 5,
        "revenue_net": None,
        "currency": "EUR",
    }
    said = {
        "2026-W40": [{**closed, "orders_net": 4}],
        "2026-W42": [closed, {**closed, "campaign_key": "still open", "is_closed": False}],
        "2026-W46": [{**closed, "campaign_key": "of a later week"}],
    }
    folders = [built.reports / week for week in (*said, "2026-W43")]
    for folder in folders:
        folder.mkdir(parents=True)
        text = json.dumps({"campaigns": said[folder.name]}) if folder.name in said else "{broken"
        (folder / "report.json").write_text(text)
    publishing.render(built, WEEK)
    [one] = json.loads((built.reports / ".drafts" / WEEK.label / "report.json").read_text())["restated"]
    assert (one["campaign_key"], one["week"], one["old"], one["new"]) == ("tea", "2026-W42", 5.0, None)
    for folder in folders:
        shutil.rmtree(folder)
