"""Arrow tables that fit a description, and those that do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from creator_tiers.tables import table
from creator_tiers.warehouse import WarehouseError
from creator_tiers.warehouse.frames import bindable, conform, schema

pytestmark = pytest.mark.unit

DELIVERIES = table("ops.report_deliveries")
NOON = datetime(2026, 11, 16, 12)
PACIFIC = timezone(-timedelta(hours=8))
ONE = {"report_id": ["r"], "recipient": ["a@x"], "state": ["sent"]}


def test_columns_come_in_order_and_absent_ones_are_null():
    found = conform(pa.table({"state": ["sent"], "recipient": ["a@x"], "report_id": ["r"]}), DELIVERIES)
    assert found.schema == schema(DELIVERIES)
    assert found.to_pylist() == [
        {"report_id": "r", "recipient": "a@x", "state": "sent", "message_id": None, "sent_at": None}
    ]


def test_times_with_a_zone_become_utc():
    at = pa.array([datetime(2026, 1, 5, 12, tzinfo=UTC)]).cast(pa.timestamp("ms", "Europe/Berlin"))
    found = conform(pa.table({**ONE, "sent_at": at}), DELIVERIES)
    assert found.column("sent_at").to_pylist() == [datetime(2026, 1, 5, 12)]


def test_a_column_that_is_not_described_is_refused():
    with pytest.raises(
        WarehouseError, match=r"no column mood; describe it in include/sql/ops/report_deliveries\.yaml"
    ):
        conform(pa.table({**ONE, "mood": ["good"]}), DELIVERIES)


def test_a_wrong_type_is_refused():
    with pytest.raises(WarehouseError, match=r"ops\.report_deliveries\.sent_at cannot hold string"):
        conform(pa.table({**ONE, "sent_at": ["soon"]}), DELIVERIES)


def test_a_missing_required_value_is_refused():
    with pytest.raises(WarehouseError, match=r"ops\.report_deliveries\.state is NULL in 1 rows"):
        conform(pa.table({"report_id": ["r"], "recipient": ["a@x"]}), DELIVERIES)


@pytest.mark.parametrize("given", [NOON, NOON.replace(tzinfo=UTC), datetime(2026, 11, 16, 4, tzinfo=PACIFIC)])
def test_a_time_is_bound_as_utc_without_a_zone(given):
    assert bindable(given) == NOON


@pytest.mark.parametrize("given", [None, 1, "2026-11-16", date(2026, 11, 16)])
def test_whatever_is_no_time_is_bound_as_it_is(given):
    assert bindable(given) is given
