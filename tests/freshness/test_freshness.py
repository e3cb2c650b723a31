"""What is expected and did not come: nothing unless it is listed, waived until a day, measured against as-of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from creator_tiers.freshness import (
    Expected,
    ExpectedExport,
    ExpectedReport,
    missing_report,
    overdue,
    read_expected,
)
from creator_tiers.report.outbox import Outbox
from creator_tiers.settings import ConfigurationError, Settings
from creator_tiers.weeks import Week

pytestmark = pytest.mark.contract

WEEK = Week.parse("2026-W46")
AS_OF = WEEK.ends_at
TIME = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("platform", "account_handle", "source_format", "path", "status")),
        ("observed_at", TIME),
        ("loaded_at", TIME),
    ]
)


def files(*rows: dict[str, Any]) -> pa.Table:
    usual = {
        "platform": "instagram",
        "account_handle": "Some.Handle",
        "source_format": "instagram_meta_posts",
        "path": "instagram/some.handle/a.csv",
        "status": "loaded",
        "observed_at": AS_OF - timedelta(days=3),
        "loaded_at": AS_OF - timedelta(days=2),
    }
    return pa.Table.from_pylist([usual | row for row in rows], SCHEMA)


@pytest.mark.parametrize(
    "export",
    [
        ExpectedExport(platform="instagram"),
        ExpectedExport(account="some.handle"),
        ExpectedExport(format="instagram_meta_posts", platform="instagram"),
        ExpectedExport(folder="instagram/some.handle/"),
        ExpectedExport(platform="tiktok", waived_until=date(2026, 11, 15)),
    ],
)
def test_what_came_or_is_waived_is_not_missed(export: ExpectedExport) -> None:
    assert overdue([export], files({}), AS_OF) == ()


@pytest.mark.parametrize(
    "export",
    [
        ExpectedExport(platform="tiktok"),
        ExpectedExport(platform="instagram", account="another"),
        ExpectedExport(folder="instagram/some.handle2/"),
        ExpectedExport(platform="tiktok", waived_until=date(2026, 11, 14)),
    ],
)
def test_what_never_came_is_missed(export: ExpectedExport) -> None:
    (said,) = overdue([export], files({}), AS_OF)
    assert said.startswith(
        f"no {export.name} for 7 days: none of before 2026-11-16 00:00 UTC has been loaded"
    )


def test_age_is_measured_at_as_of_and_the_bound_counts() -> None:
    week = ExpectedExport(platform="instagram")
    assert overdue([week], files({"observed_at": AS_OF - timedelta(days=7)}), AS_OF) == ()
    (said,) = overdue([week], files({"observed_at": AS_OF - timedelta(days=7, seconds=1)}), AS_OF)
    assert "the newest is of 2026-11-08 23:59 UTC" in said
    assert (
        overdue(
            [replace(week, every=timedelta(days=8))],
            files({"observed_at": AS_OF - timedelta(days=7.5)}),
            AS_OF,
        )
        == ()
    )


def test_what_came_later_or_was_refused_does_not_count() -> None:
    rows = files({"observed_at": AS_OF}, {"status": "refused"}, {"status": "failed"})
    (said,) = overdue([ExpectedExport(platform="instagram")], rows, AS_OF)
    assert said.endswith("days: none of before 2026-11-16 00:00 UTC has been loaded")


def test_a_file_that_tells_no_time_counts_from_when_it_was_received() -> None:
    assert overdue([ExpectedExport(platform="instagram")], files({"observed_at": None}), AS_OF) == ()


def test_nothing_is_expected_by_default(settings: Settings) -> None:
    assert read_expected(settings) == Expected()


def listed(settings: Settings, text: str) -> Expected:
    settings.home.mkdir(exist_ok=True)
    settings.expected_exports.write_text(text)
    return read_expected(settings)


def test_the_list_is_read(settings: Settings) -> None:
    found = listed(
        settings,
        """
        exports:
          - {platform: Instagram, account: "@Some.Handle"}
          - {format: shopify_orders, account: my-shop, every_days: 1.5, waived_until: 2026-12-31}
          - {folder: /creators}
        report: {within_hours: 6}
        """,
    )
    assert found.exports == (
        ExpectedExport(platform="instagram", account="some.handle"),
        ExpectedExport(
            format="shopify_orders",
            account="my-shop",
            every=timedelta(days=1.5),
            waived_until=date(2026, 12, 31),
        ),
        ExpectedExport(folder="creators/"),
    )
    assert found.report == ExpectedReport(timedelta(hours=6))
    assert listed(settings, "report: true").report == ExpectedReport()
    assert listed(settings, "report: false").report is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- instagram", "may hold"),
        ("exports: instagram", "must be a list"),
        ("exports: [{every_days: 7}]", "must name one of"),
        ("exports: [{platform: tiktok, days: 7}]", "may have"),
        ("exports: [{platform: tiktok, every_days: 0}]", "above 0"),
        ("exports: [{format: instagram}]", "is no format; use one of"),
        ("exports: [{platform: tiktok, waived_until: soon}]", "write a day"),
        ("report: {hours: 3}", "may be true"),
        ("exports: [", "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(settings: Settings, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        listed(settings, text)


def publish(settings: Settings, week: Week) -> None:
    folder = settings.reports / week.label
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({"report_id": f"tier-report-{week.label}"}))


def test_a_report_that_is_due_and_not_there_is_missed(settings: Settings) -> None:
    due = ExpectedReport()
    now = AS_OF + timedelta(hours=13)
    assert missing_report(settings, None, now) == ()
    (said,) = missing_report(settings, due, now)
    assert said.startswith("no report of 2026-W46: no run of publish_tier_report has made one")
    assert missing_report(settings, replace(due, waived_until=date(2026, 11, 16)), now) == ()
    publish(settings, WEEK)
    assert missing_report(settings, due, now) == ()


def test_a_report_is_not_missed_before_its_time_nor_while_it_may_be_approved(settings: Settings) -> None:
    publish(settings, WEEK.shift(-1))
    due = ExpectedReport()
    assert missing_report(settings, due, AS_OF + timedelta(hours=11)) == ()
    slow = replace(settings, approval_hours=24)
    assert missing_report(slow, due, AS_OF + timedelta(hours=35)) == ()
    assert len(missing_report(slow, due, AS_OF + timedelta(hours=37))) == 1


@pytest.mark.parametrize(
    ("passed", "said"), [(False, "held back by the gates freshness"), (True, "waits for approval")]
)
def test_why_a_report_is_missing_is_said(settings: Settings, passed: bool, said: str) -> None:
    draft = settings.reports / ".drafts" / WEEK.label
    draft.mkdir(parents=True)
    gate = {"gate": "freshness", "passed": passed, "message": "x"}
    (draft / "gates.json").write_text(json.dumps({"gates": [gate]}))
    (found,) = missing_report(settings, ExpectedReport(), AS_OF + timedelta(days=1))
    assert said in found


def test_a_recipient_without_the_mail_is_named(settings: Settings) -> None:
    mailed = replace(settings, recipients=("Ann <ann@brand.example>", "bob@brand.example"))
    publish(mailed, WEEK)
    outbox, report_id = Outbox(mailed.state_url), "tier-report-2026-W46"
    now = datetime(2026, 11, 16, tzinfo=UTC)
    outbox.enrol(report_id, {"ann@brand.example": "<a@b>"}, now)
    token = outbox.claim(report_id, "ann@brand.example", now)
    assert token is not None
    outbox.mark_sent(report_id, "ann@brand.example", token, now)
    (said,) = missing_report(mailed, ExpectedReport(), AS_OF + timedelta(days=1))
    assert said == "the report of 2026-W46 has not been sent to bob@brand.example: never tried"
