"""Intervals against scipy, against the definition of the e-value, and on data that cannot carry one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from creator_tiers.comparison import compare_rates, compare_rates_sequential
from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.intervals import MIXTURE_VARIANCE, sequential_critical

rates = st.lists(st.floats(1e-6, 1e3), min_size=2, max_size=30)
anything = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=8)


def draw(name: str, n: int, center: float = 0.03) -> np.ndarray:
    return center * np.exp(0.8 * generator(name).standard_normal(n))


@pytest.mark.unit
@pytest.mark.parametrize(("n_a", "n_b"), [(3, 3), (5, 40), (200, 7), (2, 2)])
def test_one_look_is_scipys_welch_on_logs(n_a: int, n_b: int) -> None:
    a, b = draw("a", n_a), draw("b", n_b)
    test = stats.ttest_ind(np.log(a), np.log(b), equal_var=False)
    interval = test.confidence_interval(0.95)

    assert compare_rates(a, b) == pytest.approx(
        (stats.gmean(a) / stats.gmean(b), math.exp(interval.low), math.exp(interval.high)), rel=1e-9
    )


@pytest.mark.unit
def test_a_hand_worked_interval() -> None:
    # Logs 0, 1, 2 and -1, 0, 1: difference 1, variances 1, error sqrt(2/3), 4 degrees of freedom, t = 2.776445.
    reach = 2.7764451 * math.sqrt(2 / 3)
    found = compare_rates(np.exp([0.0, 1, 2]), np.exp([-1.0, 0, 1]))

    assert found == pytest.approx((math.e, math.exp(1 - reach), math.exp(1 + reach)), rel=1e-6)


@pytest.mark.unit
@pytest.mark.parametrize(("n_a", "n_b"), [(6, 6), (5, 100), (40, 40)])
def test_the_critical_value_is_where_the_e_value_reaches_20(n_a: int, n_b: int) -> None:
    """The closed form against the integral that defines the e-value: noncentral t, mixed over the effect."""
    freedom, size = n_a + n_b - 2, n_a * n_b / (n_a + n_b)
    critical = float(sequential_critical(np.asarray(n_a), np.asarray(n_b), np.asarray(float(freedom))))
    t = critical / (1 + 1 / min(n_a, n_b))

    def density(effect: float) -> float:
        prior = stats.norm.pdf(effect, scale=math.sqrt(MIXTURE_VARIANCE))
        return float(stats.nct.pdf(t, freedom, effect * math.sqrt(size)) * prior)

    mixed, _ = integrate.quad(density, -6, 6, limit=200)
    assert mixed / stats.t.pdf(t, freedom) == pytest.approx(20, rel=1e-3)


@pytest.mark.unit
@pytest.mark.parametrize("n", [5, 10, 50, 500])
def test_the_verdicts_interval_is_wider_and_has_the_same_centre(n: int) -> None:
    a, b = draw("a", n), draw("b", n)
    once, always = compare_rates(a, b), compare_rates_sequential(a, b)

    assert always[0] == once[0]
    assert always[1] < once[1] < once[2] < always[2]
    if n >= 20:
        assert math.log(always[2] / always[1]) < 1.8 * math.log(once[2] / once[1])


@pytest.mark.unit
def test_few_creators_that_happen_to_be_alike_do_not_narrow_the_verdict() -> None:
    """Four tight megas against many micros: Welch's error and freedom are a lucky week's."""
    a = np.exp(np.linspace(-1, 1, 50))
    tight = np.exp(np.linspace(-0.01, 0.01, 5))
    once, always = compare_rates(a, tight), compare_rates_sequential(a, tight)
    pooled = math.sqrt((49 * np.log(a).var(ddof=1) + 4 * np.log(tight).var(ddof=1)) / 53 * (1 / 50 + 1 / 5))

    assert math.log(once[2] / once[0]) < pooled
    assert math.log(always[2] / always[0]) > 7 * pooled


@pytest.mark.unit
def test_equal_arms_get_what_they_got_from_welchs_error() -> None:
    a, b = draw("a", 30), draw("b", 30)
    test = stats.ttest_ind(np.log(a), np.log(b), equal_var=False)
    error = (np.log(a).mean() - np.log(b).mean()) / test.statistic
    critical = float(sequential_critical(np.asarray(30), np.asarray(30), np.asarray(float(test.df))))
    estimate, _, high = compare_rates_sequential(a, b)

    assert math.log(high / estimate) == pytest.approx(critical * error, rel=1e-9)


@pytest.mark.unit
def test_below_the_floor_the_verdicts_interval_is_unbounded() -> None:
    estimate, low, high = compare_rates_sequential(draw("a", 200), draw("b", 4))

    assert (low, high) == (0.0, math.inf)
    assert estimate > 0


@pytest.mark.unit
@pytest.mark.parametrize("compare", [compare_rates, compare_rates_sequential])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([], []),
        ([], [0.1, 0.2, 0.3]),
        ([0.1], [0.1, 0.2, 0.3]),
        ([0.1] * 6, [0.2] * 6),
        ([0.1] * 3, [0.1] * 3),
        ([0.3, 0.1 + 0.2, 0.3, 0.3, 0.3], [0.6] * 5),
        ([0.0, 0.1, 0.2], [0.1, 0.2, 0.3]),
        ([-0.1, 0.1, 0.2], [0.1, 0.2, 0.3]),
        ([math.nan, 0.1, 0.2], [0.1, 0.2, 0.3]),
        ([math.inf, 0.1, 0.2], [0.1, 0.2, 0.3]),
        ([1e-300, 1e-290, 1e-300, 1e-295, 1e-300], [1e300, 1e290, 1e299, 1e300, 1e300]),
    ],
    ids=[
        "empty",
        "one empty",
        "one creator",
        "equal",
        "all equal",
        "equal but for rounding",
        "zero",
        "negative",
        "nan",
        "inf",
        "overflow",
    ],
)
def test_degenerate_data_give_no_number(compare, a, b) -> None:
    assert all(math.isnan(value) for value in compare(a, b))


@pytest.mark.unit
def test_equal_values_in_one_arm_leave_the_other_arms_spread() -> None:
    estimate, low, high = compare_rates([0.2] * 5, [0.1, 0.11, 0.09, 0.1, 0.105])

    assert low < estimate < high


@pytest.mark.property
@given(rates, rates)
def test_swapping_the_arms_inverts(a: list[float], b: list[float]) -> None:
    for compare in (compare_rates, compare_rates_sequential):
        there, back = compare(a, b), compare(b, a)
        if math.isnan(there[0]):
            assert math.isnan(back[0])
            continue
        assert there[0] * back[0] == pytest.approx(1, rel=1e-9)
        if math.isfinite(there[2]) and there[1] > 0 and math.isfinite(back[2]):
            assert there[1] * back[2] == pytest.approx(1, rel=1e-6)
            assert there[2] * back[1] == pytest.approx(1, rel=1e-6)


@pytest.mark.property
@given(rates, rates, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_unit_of_the_rates_does_not_matter(a: list[float], b: list[float], factor: float) -> None:
    for compare in (compare_rates, compare_rates_sequential):
        plain, scaled = compare(a, b), compare([factor * x for x in a], [factor * x for x in b])
        assert scaled == pytest.approx(plain, rel=1e-6, nan_ok=True)


@pytest.mark.property
@given(anything, anything)
def test_nothing_raises_and_no_number_pretends(a: list[float], b: list[float]) -> None:
    for compare in (compare_rates, compare_rates_sequential):
        estimate, low, high = compare(a, b)
        if math.isnan(estimate):
            assert math.isnan(low)
            assert math.isnan(high)
        else:
            assert min(len(a), len(b)) >= 2
            assert 0 <= low <= estimate <= high


@pytest.mark.property
@given(rates, rates)
def test_the_order_of_the_creators_does_not_matter(a: list[float], b: list[float]) -> None:
    assert repr(compare_rates(a, b)) == repr(compare_rates(a[::-1], sorted(b)))


@pytest.mark.unit
def test_equivalence_implies_both_one_sided_tests_at_5_percent() -> None:
    a, b = draw("a", 900), draw("b", 900)
    _, low, high = compare_rates_sequential(a, b)
    assert low > 0.80
    assert high < 1.25

    logs = np.log(a), np.log(b)
    above = stats.ttest_ind(logs[0] - math.log(0.80), logs[1], equal_var=False, alternative="greater")
    below = stats.ttest_ind(logs[0] - math.log(1.25), logs[1], equal_var=False, alternative="less")
    assert max(above.pvalue, below.pvalue) < 0.05
