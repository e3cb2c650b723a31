"""What is tried again and what is not; which week a run reports on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from creator_tiers.errors import ContractError, GateClosedError, TransientError

pytestmark = pytest.mark.dag

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (ContractError("no column Post ID"), "fail"),
        (GateClosedError(["freshness: oldest data 12 days"]), "fail"),
        (ValueError("week"), "fail"),
        (ImportError("no module"), "fail"),
        (TransientError("locked"), "retry"),
        (BlockingIOError("locked"), "retry"),
        (ConnectionRefusedError("database"), "retry"),
        (RuntimeError("who knows"), "default"),
    ],
)
def test_retry_policy(error: Exception, action: str) -> None:
    from creator_tiers.orchestration import RETRY_POLICY

    decision = RETRY_POLICY.evaluate(error, try_number=1, max_tries=2)
    assert decision.action.value == action
    assert bool(decision.reason) is (action != "default")


@pytest.mark.parametrize(
    ("label", "interval_start", "run_after", "zone", "expected"),
    [
        ("2026-W40", datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC), "UTC", "2026-W40"),
        (None, datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC), "UTC", "2026-W46"),
        ("", datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC), "UTC", "2026-W46"),
        (None, None, datetime(2026, 11, 18, 9, tzinfo=UTC), "UTC", "2026-W46"),
        (None, None, datetime(2026, 11, 16, tzinfo=UTC), "UTC", "2026-W46"),
        (None, None, datetime(2026, 11, 15, 23, 59, tzinfo=UTC), "UTC", "2026-W45"),
        # Monday in New York begins at 05:00 UTC
        (None, datetime(2026, 11, 9, 5, tzinfo=UTC), datetime(2026, 11, 16, 5, tzinfo=UTC), NEW_YORK, "2026-W46"),
        (None, None, datetime(2026, 11, 16, 4, tzinfo=UTC), NEW_YORK, "2026-W45"),
    ],
)  # fmt: skip
def test_week_of_a_run(
    label: str | None, interval_start: datetime | None, run_after: datetime, zone: str, expected: str
) -> None:
    from creator_tiers.orchestration import week_of_run

    assert week_of_run(label, interval_start, run_after, zone).label == expected


def test_a_label_that_names_no_week_is_refused() -> None:
    from creator_tiers.orchestration import week_of_run

    with pytest.raises(ValueError, match="2025-W53"):
        week_of_run("2025-W53", None, datetime(2026, 1, 1, tzinfo=UTC), "UTC")


def test_a_label_wins_over_the_clock_even_a_later_one() -> None:
    """A report is as of its week's end: a machine whose clock is slow makes the same one."""
    from creator_tiers.orchestration import week_of_run

    assert week_of_run("2026-W46", None, datetime(2025, 1, 1, tzinfo=UTC), "UTC").label == "2026-W46"


def test_the_data_interval_is_the_iso_week(dag_bag: Any) -> None:
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable
    from airflow.timetables.base import TimeRestriction
    from pendulum import datetime as instant

    timetable = decode_timetable(encode_timetable(dag_bag.dags["publish_tier_report"].timetable))
    first = timetable.next_dagrun_info(
        last_automated_data_interval=None,
        restriction=TimeRestriction(earliest=instant(2026, 10, 5), latest=None, catchup=True),
    )
    assert first is not None
    assert first.data_interval.start == instant(2026, 10, 5)
    assert first.data_interval.end == instant(2026, 10, 12)
    assert first.run_after == instant(2026, 10, 12)
