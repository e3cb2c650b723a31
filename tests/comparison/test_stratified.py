"""Ratios of totals against statsmodels and by hand; pooling against its meta-analysis; shares against its Wilson."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.intervals import Moments, p_at_any_look, sequential_interval
from creator_tiers.comparison.outcome import ALIKE, of_pooled
from creator_tiers.comparison.proportions import holm, share_at_any_look, sign_p, wilson
from creator_tiers.comparison.simulation_campaigns import count_coverage, growing_campaigns
from creator_tiers.comparison.stratified import Units, pool, pool_units, stratified_moments, tau_squared
from creator_tiers.comparison.verdicts import HIGHER


def campaigns(name: str, strata: int, n: int, ratio: float = 1.5) -> Units:
    rng = generator(name)
    stratum = np.repeat(np.arange(strata), 2 * n)
    arm = np.tile(np.repeat([0, 1], n), strata)
    exposure = np.exp(rng.normal(9, 0.5, stratum.size))
    rate = 0.002 * np.where(arm == 0, ratio, 1) * rng.gamma(2, 0.5, stratum.size)
    orders = rng.poisson(rate * exposure).astype(float)
    return Units(stratum, arm, np.arange(stratum.size), orders, exposure)


@pytest.mark.unit
def test_one_campaign_is_statsmodels_poisson_with_clusters() -> None:
    """The closed form is GLM's sandwich; the small-sample factor n / (n - 1) is an arm's own here."""
    units = campaigns("glm", 1, 15)
    design = np.column_stack([np.ones(30), units.arm == 0])
    model = sm.GLM(units.above, design, family=sm.families.Poisson(), offset=np.log(units.below))
    fit = model.fit(cov_type="HC0")
    a, b = stratified_moments(units, 1)

    assert a.mean[0] - b.mean[0] == pytest.approx(fit.params[1], rel=1e-6)
    error = math.sqrt(a.variance[0] / a.n[0] + b.variance[0] / b.n[0])
    assert error == pytest.approx(fit.bse[1] * math.sqrt(15 / 14), rel=1e-6)


@pytest.mark.unit
def test_a_negative_binomial_says_the_same() -> None:
    units = campaigns("nb", 1, 60)
    design = np.column_stack([np.ones(120), units.arm == 0])
    fit = sm.NegativeBinomial(units.above, design, offset=np.log(units.below)).fit(disp=0)
    found = pool_units(units, 1)

    assert math.log(found.estimate) == pytest.approx(fit.params[1], abs=2 * fit.bse[1])
    assert 1 < math.log(found.ci[1] / found.ci[0]) / (2 * 1.96 * fit.bse[1]) < 2  # robust, not efficient


@pytest.mark.unit
def test_a_ratio_by_hand() -> None:
    # a: 4 and 2 orders of 100 each, b: 1 and 1 of 100: (6/200) / (2/200) = 3.
    units = Units(
        *map(np.array, ([0] * 4, [0, 0, 1, 1], [0, 1, 2, 3])), np.array([4.0, 2, 1, 1]), np.full(4, 100.0)
    )
    a, b = stratified_moments(units, 1)

    assert math.exp(a.mean[0] - b.mean[0]) == pytest.approx(3)
    # influences 4/6 - 1/2 and 2/6 - 1/2: squares 1/36 each, times 2 / 1.
    assert a.variance[0] / 2 == pytest.approx(4 / 36)
    assert b.variance[0] == pytest.approx(0)


@pytest.mark.unit
def test_rows_of_one_creator_are_one_unit() -> None:
    whole = campaigns("split", 2, 6)
    parts = Units(
        *(np.concatenate([getattr(whole, name)] * 2) for name in ("stratum", "arm", "creator")),
        np.concatenate([whole.above, np.zeros(24)]),
        np.concatenate([whole.below / 4, whole.below * 3 / 4]),
    )

    assert pool_units(parts, 2).ci == pytest.approx(pool_units(whole, 2).ci)
    assert pool_units(parts, 2).creators == (12, 12)


@pytest.mark.unit
def test_the_spread_between_campaigns_is_statsmodels() -> None:
    rng = generator("tau")
    effects, variances = rng.normal(0.2, 0.5, 12), rng.uniform(0.02, 0.1, 12)

    assert tau_squared(effects, variances) == pytest.approx(
        combine_effects(effects, variances, method_re="chi2").tau2, rel=1e-9
    )
    assert tau_squared(np.full(5, 0.3), variances[:5]) == 0


@pytest.mark.unit
def test_like_campaigns_pool_to_more_creators_and_unlike_ones_do_not() -> None:
    like = Moments(np.full(6, 10.0), np.full(6, 0.3), np.full(6, 0.5))
    zero = Moments(np.full(6, 10.0), np.zeros(6), np.full(6, 0.5))
    unlike = Moments(np.full(6, 10.0), 0.3 + np.array([-2.0, 2, -1, 1, 0, 0]), np.full(6, 0.5))
    same, apart = pool(like, zero, (60, 60)), pool(unlike, zero, (60, 60))

    assert same.estimate == pytest.approx(math.exp(0.3))
    assert same.error == pytest.approx(math.sqrt(2 * 0.5 / 60))
    assert same.freedom == pytest.approx(6 * 18)
    assert apart.spread == pytest.approx(np.std([-2, 2, -1, 1, 0, 0], ddof=1), rel=0.1)
    assert apart.error > 4 * same.error
    assert apart.freedom < 6
    # where one more campaign lies: t with k - 2, the spread between them in it
    reach = stats.t.ppf(0.975, 4) * math.sqrt(apart.spread**2 + (apart.spread**2 + 0.1) / 6)
    assert math.log(apart.prediction[1] / apart.estimate) == pytest.approx(reach, rel=0.02)


@pytest.mark.unit
def test_a_campaign_without_an_order_on_one_side_gets_half_of_one() -> None:
    above = np.array([3.0, 5, 2, 4, 6, 0, 0, 0, 0, 0])
    units = Units(np.zeros(10, int), np.repeat([0, 1], 5), np.arange(10), above, np.full(10, 50.0))
    found = pool_units(units, 1)

    assert found.estimate == pytest.approx(20 / 0.5)
    assert found.ci[0] < found.estimate / 3


@pytest.mark.unit
@pytest.mark.parametrize(
    "above",
    [[0.0] * 10, [math.nan] * 10, [2.0] * 10, [5.0] + [math.inf] * 9],
    ids=["no orders", "unknown", "equal", "infinite"],
)
def test_nothing_to_say_is_no_number(above: list[float]) -> None:
    units = Units(np.zeros(10, int), np.repeat([0, 1], 5), np.arange(10), np.array(above), np.full(10, 50.0))
    found = pool_units(units, 1)

    assert math.isnan(found.estimate)
    assert not found.is_shown
    assert math.isnan(found.p())


@pytest.mark.unit
@pytest.mark.parametrize("orders", [0.0, 2.0], ids=["no orders", "equal"])
def test_who_is_alike_is_there_all_the_same(orders: float) -> None:
    stratum, arm = np.repeat([0, 1, 2], [10, 10, 1]), np.array([0, 1] * 10 + [0])
    units = Units(stratum, arm, np.arange(21), np.full(21, orders), np.full(21, 50.0))
    found = pool_units(units, 3)
    told = of_pooled("all", "cvr_reach", found, ("small", "rest"), HIGHER)

    assert (found.creators, found.strata) == ((10, 10), 0)
    assert (told.creators, told.verdict, told.needed) == ((10, 10), "not_enough_evidence", ALIKE)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("arm", "creators", "needed"),
    [
        ([0] * 6 + [1] * 6, (6, 6), "campaigns with 2 small and 2 rest or more"),
        ([0] * 12, (12, 0), "5 rest"),
    ],
    ids=["apart", "one side"],
)
def test_who_never_meets_is_there_all_the_same(
    arm: list[int], creators: tuple[int, int], needed: str
) -> None:
    stratum, y = np.array(arm), np.arange(12, dtype=float)
    found = pool_units(Units(stratum, np.array(arm), np.arange(12), y, np.full(12, 50.0)), 2)
    told = of_pooled("all", "cvr_reach", found, ("small", "rest"), HIGHER)

    assert (told.creators, told.needed) == (creators, needed)


@pytest.mark.unit
def test_no_rows_at_all() -> None:
    nothing = np.empty(0)
    empty = Units(nothing.astype(int), nothing.astype(int), nothing.astype(int), nothing, nothing)

    assert math.isnan(pool_units(empty, 0).estimate)


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.floats(0, 1e6), st.floats(0, 1e6)), max_size=40)
)
def test_whatever_the_rows_no_number_pretends(rows: list[tuple[int, bool, float, float]]) -> None:
    stratum, arm, above, below = (np.array([row[i] for row in rows]) for i in range(4))
    units = Units(
        stratum.astype(int), arm.astype(int), np.arange(len(rows)), above.astype(float), below.astype(float)
    )
    found = pool_units(units, 4)

    if not math.isnan(found.estimate):
        assert found.ci[0] <= found.estimate <= found.ci[1]
        assert found.always[0] <= found.ci[0] * (1 + 1e-9)


@pytest.mark.unit
def test_the_p_value_is_5_percent_where_the_interval_ends() -> None:
    rng = generator("p")
    a, b = rng.normal(0, 1, 30), rng.normal(0.2, 1, 12)
    arms = [
        Moments(np.asarray(float(x.size)), np.asarray(x.mean()), np.asarray(x.var(ddof=1))) for x in (a, b)
    ]
    interval = sequential_interval(*arms)
    found = pool(
        *(Moments(np.array([m.n]), np.array([m.mean]), np.array([m.variance])) for m in arms), (30, 12)
    )

    for edge in (interval.low, interval.high):
        assert found.p(float(edge)) == pytest.approx(0.05, rel=1e-6)
    assert found.always == pytest.approx((float(interval.low), float(interval.high)))
    assert float(p_at_any_look(*map(np.asarray, (3.0, 4.0, 4.0, 20.0)))) == 1.0


@pytest.mark.unit
def test_wilson_is_statsmodels() -> None:
    for hits, n in ((0, 5), (3, 5), (5, 5), (47, 200)):
        low, high = proportion_confint(hits, n, method="wilson")
        assert wilson(hits, n) == pytest.approx((hits / n, low, high), abs=1e-12)
    assert all(math.isnan(value) for value in wilson(0, 0))


@pytest.mark.unit
def test_holm_is_statsmodels() -> None:
    values = [0.01, 0.04, 0.03, 0.2, 0.005]

    assert holm(values) == pytest.approx(multipletests(values, method="holm")[1])
    assert holm([0.01, math.nan, 0.04]) == pytest.approx([0.02, math.nan, 0.04], nan_ok=True)
    assert holm([]) == []


@pytest.mark.unit
def test_signs_at_every_look() -> None:
    # 8 wins of 8: e = 2^8 B(9, 1) = 256 / 9 = 28.4; 7 of 7: 128 / 8 = 16.
    assert sign_p(8, 8) == pytest.approx(9 / 256)
    assert sign_p(7, 7) == pytest.approx(8 / 128)
    assert sign_p(0, 0) == 1.0
    low, high = share_at_any_look(8, 8)
    assert low > 0.5
    assert high == 1.0
    assert sign_p(8, 8, low) == pytest.approx(0.05, rel=1e-6)
    assert share_at_any_look(0, 0) == (0.0, 1.0)


@pytest.mark.unit
def test_52_looks_at_fair_signs() -> None:
    wins = np.cumsum(generator("signs").random((2000, 52)) < 0.5, axis=1)
    edges = np.array(
        [[sign_p(w, n) <= 0.05 for w in range(n + 1)] + [False] * (52 - n) for n in range(1, 53)]
    )

    assert np.any(edges[np.arange(52), wins], axis=1).mean() <= 0.05


@pytest.mark.unit
def test_a_year_of_unlike_campaigns_without_a_difference() -> None:
    once, always = growing_campaigns("test", 15, 0.3, 100)

    assert always.value <= 0.05
    assert once.value > 0.10  # or the study would not notice who ignores the looks


@pytest.mark.unit
@pytest.mark.parametrize(("campaigns", "n"), [(1, 10), (6, 10)])
def test_orders_per_reach_cover(campaigns: int, n: int) -> None:
    share, always = count_coverage(f"test {campaigns} {n}", campaigns, n, 0.0, 400)

    assert 0.93 - 2 * share.error < share.value < 0.97 + 2 * share.error
    assert always.value >= 0.98
