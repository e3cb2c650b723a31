"""Waiting for Airflow: what the user hears meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from creator_tiers.airflow_local import instance
from creator_tiers.airflow_local.instance import NotReadyError
from creator_tiers.airflow_local.processes import ServiceDiedError

pytestmark = pytest.mark.unit


class Services:
    """Services that die at the n-th look, if at all."""

    def __init__(self, dies_at: int = 0) -> None:
        self._looks = 0
        self._dies_at = dies_at

    def check(self) -> None:
        self._looks += 1
        if self._looks == self._dies_at:
            raise ServiceDiedError("airflow scheduler ended with 1.")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes ten seconds with every look, and sleep that takes none."""
    ticks = iter(range(0, 10_000, 10))
    monkeypatch.setattr(instance.time, "monotonic", lambda: float(next(ticks)))
    monkeypatch.setattr(instance.time, "sleep", lambda _: None)


def _wait(services: Any, *missing: str | None) -> list[str]:
    said: list[str] = []
    steps = iter(missing)
    instance._await(services, lambda: next(steps), said.append)
    return said


def test_what_is_there_at_once_is_not_spoken_of() -> None:
    assert _wait(Services(), None) == []


def test_it_says_now_and_then_what_is_missing() -> None:
    said = _wait(Services(), "the API server", "the API server", "the scheduler", "the DAG d", None)
    assert said == ["Waiting for the API server (20 s) ...", "Waiting for the DAG d (40 s) ..."]


def test_a_service_that_dies_ends_the_wait() -> None:
    with pytest.raises(ServiceDiedError, match="scheduler"):
        _wait(Services(dies_at=2), *["the scheduler"] * 9)


def test_patience_ends_and_names_what_was_missing() -> None:
    with pytest.raises(NotReadyError, match="After 300 s still not ready: the triggerer"):
        _wait(Services(), *["the triggerer"] * 99)
