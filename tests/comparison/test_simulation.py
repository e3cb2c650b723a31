"""A short calibration that can fail: coverage, false claims over 52 looks, power. The long one: bench/simulate.py."""

from __future__ import annotations

import math

import pytest

from creator_tiers.comparison.power import Size, every_look, target
from creator_tiers.comparison.simulation import (
    Arms,
    coverage,
    ever_called_equal,
    ever_excluded,
    found,
    growth,
    rolling_panel,
)

MOST = 0.05


@pytest.mark.unit
@pytest.mark.parametrize("shape", ["normal", "t, 3 df", "log of gamma(2)"])
@pytest.mark.parametrize("n", [5, 15, 50])
def test_one_look_covers_95_percent(shape: str, n: int) -> None:
    share, _ = coverage(f"test {shape} {n}", Arms(shape, log_ratio=0.3), (n, n), 3000)

    assert 0.93 - 2 * share.error < share.value < 0.97 + 2 * share.error


@pytest.mark.unit
@pytest.mark.parametrize("shape", ["normal", "t, 3 df", "10 % outliers x4", "log of gamma(2)"])
@pytest.mark.parametrize(
    ("first", "last", "sd"),
    [
        ((5, 5), (100, 100), (0.8, 0.8)),
        ((3, 3), (50, 50), (0.5, 1.0)),
        ((10, 3), (150, 8), (0.8, 0.8)),
        ((10, 3), (150, 8), (0.5, 1.0)),
    ],
    ids=["growing", "unequal spread", "few megas", "few megas, unequal spread"],
)
def test_52_looks_at_a_true_null(shape: str, first, last, sd) -> None:
    paths = growth(first[0], last[0]), growth(first[1], last[1])
    naive, share = ever_excluded(f"test {shape} {first} {last} {sd}", Arms(shape, sd), *paths, 1000)

    assert share.value + 2 * share.error <= MOST
    assert naive.value - 2 * naive.error > MOST  # or the study would not notice who ignores the looks


@pytest.mark.unit
@pytest.mark.parametrize("sd", [(0.8, 0.8), (0.8, 1.6)])
def test_52_looks_with_a_skewness_of_2_and_few_in_one_arm(sd: tuple[float, float]) -> None:
    _, share = ever_excluded(f"test skew {sd}", Arms("exponential", sd), growth(5, 200), growth(3, 20), 1000)

    assert share.value <= MOST


@pytest.mark.unit
@pytest.mark.parametrize("size", [(30, 8), (50, 5)])
@pytest.mark.parametrize("persistent", [0.5, 0.9])
def test_52_looks_through_a_rolling_window(size: tuple[int, int], persistent: float) -> None:
    _, share = rolling_panel("test", Arms("log of gamma(2)", (0.8, 1.6)), size, persistent, 400)

    assert share.value - share.error <= MOST


@pytest.mark.unit
def test_a_true_ratio_at_the_margin_is_not_called_equal() -> None:
    arms = Arms(sd=(0.3, 0.3), log_ratio=math.log(1.25))

    assert ever_called_equal("test", arms, growth(5, 200), growth(5, 200), 1000).value <= MOST


@pytest.mark.unit
def test_the_weekly_number_of_creators_gives_80_percent_power() -> None:
    size = target(Size(5, 5), 0.8, math.log(1.6), every_look)
    assert size is not None
    share = found("test", Arms(log_ratio=math.log(1.6)), (size.a, size.b), 2000)

    assert share.value == pytest.approx(0.80, abs=0.03)
