"""When the lake is announced, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from creator_tiers.announcing import describe_lake
from creator_tiers.lake import Manifest

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)


def _load(name: str, **more: Any) -> Manifest:
    facts: dict[str, Any] = {
        "load_key": name,
        "file_id": name,
        "paths": (f"{name}.csv",),
        "source_format": "instagram_meta_posts",
        "platform": "instagram",
        "account_handle": "a",
        "observed_at": NOON,
        "observed_from": "sidecar",
        "rows_read": 10,
        "rows_accepted": 9,
        "rows_duplicate": 0,
        "rows_rejected": 1,
        "rows_ignored": 0,
        "status": "partial",
        "message": None,
        "loaded_at": NOON,
    }
    return Manifest(**{**facts, **more})


def _told(*loads: Manifest) -> dict[str, Any]:
    extra = describe_lake(loads, {})
    assert extra is not None
    return extra


def test_an_empty_lake_is_not_announced() -> None:
    assert describe_lake([], {}) is None


def test_the_first_event_counts_everything() -> None:
    extra = _told(_load("a"), _load("b", rows_accepted=0, status="refused"))
    assert {name: extra[name] for name in ("files", "rows", "loads")} == {"files": 2, "rows": 9, "loads": 2}


def test_nothing_new_is_not_announced_whatever_the_order() -> None:
    told = _told(_load("a"), _load("b"))
    assert describe_lake([_load("b"), _load("a")], told) is None


def test_only_what_is_new_is_counted() -> None:
    told = _told(_load("a"))
    later = _load("b", rows_accepted=4, loaded_at=NOON + timedelta(microseconds=1))
    extra = describe_lake([_load("a"), later], told)
    assert extra is not None
    assert (extra["files"], extra["rows"], extra["loads"]) == (1, 4, 2)


def test_a_load_that_replaces_a_failed_one_is_announced() -> None:
    told = _told(_load("a"), _load("b", status="failed", rows_accepted=0))
    again = _load("b", loaded_at=NOON + timedelta(hours=1))
    extra = describe_lake([_load("a"), again], told)
    assert extra is not None
    assert extra["files"] == 1


def test_a_second_path_of_known_bytes_is_announced() -> None:
    told = _told(_load("a"))
    assert describe_lake([replace(_load("a"), paths=("a.csv", "copy.csv"))], told) is not None
