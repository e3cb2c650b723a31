"""The bootstrap-t: its draws, and the interval beside the one that resamples creators one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from creator_tiers.comparison import compare_rates
from creator_tiers.comparison.bootstrap import RESAMPLES, _counts, _drawn, bootstrap_t
from creator_tiers.comparison.draws import generator
from tests.comparison.frames import spread

pytestmark = pytest.mark.unit


def test_draws_are_seeded_from_claim_and_week() -> None:
    a, b = np.log(spread(0.05, 8, 0.3)), np.log(spread(0.03, 5, 0.4))

    assert bootstrap_t(a, b, "C1", "2026-W46") == bootstrap_t(a, b, "C1", "2026-W46")
    assert bootstrap_t(a, b, "C1", "2026-W46") == bootstrap_t(a[::-1], b, "C1", "2026-W46")
    assert bootstrap_t(a, b, "C1", "2026-W46") != bootstrap_t(a, b, "C1", "2026-W47")


def test_bootstrap_t_is_near_welch_for_normal_logs() -> None:
    a, b = (generator(name).normal(0, 0.8, 40) for name in ("boot a", "boot b"))
    low, high = bootstrap_t(a, b, "test")
    _, welch_low, welch_high = compare_rates(np.exp(a), np.exp(b))

    assert math.log(high / low) == pytest.approx(math.log(welch_high / welch_low), rel=0.1)
    assert all(math.isnan(value) for value in bootstrap_t(np.zeros(5), np.zeros(5), "test"))


def one_by_one(a: np.ndarray, b: np.ndarray, draws: int) -> tuple[float, float]:
    """Hall's bootstrap-t with every draw taken creator by creator."""
    rng = generator("one by one")
    drawn = [x[rng.integers(0, x.size, (draws, x.size))] for x in (a, b)]
    square = sum(x.var(axis=1, ddof=1) / x.shape[1] for x in drawn)
    center, error = a.mean() - b.mean(), math.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size)
    with np.errstate(all="ignore"):
        t = (drawn[0].mean(axis=1) - drawn[1].mean(axis=1) - center) / np.sqrt(square)
    low, high = np.quantile(t[np.isfinite(t)], [0.025, 0.975])
    return math.exp(center - high * error), math.exp(center - low * error)


@pytest.mark.parametrize("sizes", [(30, 30), (30, 8), (200, 200)])
def test_counts_draw_as_creators_do_one_by_one(sizes: tuple[int, int]) -> None:
    a, b = (generator("skewed", str(n), str(n * place)).gamma(2, 0.5, n) for place, n in enumerate(sizes))
    many = one_by_one(a, b, 20_000)
    width = math.log(many[1] / many[0])
    found = np.log([bootstrap_t(a, b, str(number)) for number in range(40)])

    assert np.abs(found - np.log(many)).max() < 0.12 * width  # of one set of 1,999 draws
    assert np.abs(found.mean(axis=0) - np.log(many)).max() < 0.04 * width


def test_a_draw_is_n_creators_out_of_n() -> None:
    counts = _counts(7).reshape(-1, 7)[:RESAMPLES]

    assert (counts.sum(axis=1) == 7).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(7), abs=0.1)
    assert counts.var(axis=0) == pytest.approx(np.full(7, 6 / 7), rel=0.15)
    assert np.corrcoef(counts.T)[0, 1:] == pytest.approx(np.full(6, -1 / 6), abs=0.08)


def test_the_draws_of_two_arms_of_one_size_know_nothing_of_each_other() -> None:
    one = np.linspace(-1, 1, 12)
    (means_a, errors_a), (means_b, errors_b) = _drawn(one, one, 700)

    assert abs(np.corrcoef(means_a, means_b)[0, 1]) < 0.07
    assert abs(np.corrcoef(errors_a, errors_b)[0, 1]) < 0.07
    assert sorted(means_a) == pytest.approx(sorted(means_b))


def test_a_draw_of_one_creator_alone_has_no_variance() -> None:
    """Rounding must not make one up: its t would be a huge number in place of none."""
    values = np.array([0.1, 0.2, 0.7]) - 1 / 3
    means, errors = _drawn(values, values, 5)[0]
    alone = np.isclose(means[:, None], values).any(axis=1) & (errors == 0)

    assert alone.mean() == pytest.approx(1 / 9, abs=0.03)
    assert errors[errors > 0].min() > 1e-4
