"""How many more creators: the textbook's formula, unequal arms, and what will not help."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from creator_tiers.comparison.power import (
    Size,
    every_look,
    needed_more,
    one_look,
    per_tier,
    pooled_sd,
    settling_reach,
    target,
)
from creator_tiers.comparison.verdicts import HIGHER, Expectation, Expects

NAMES = ("micro", "mega")
C1 = Expectation(Expects.RATIO, 1.38)
REACH = math.log(1.38)


@pytest.mark.unit
def test_the_formula() -> None:
    # 2 (0.8 x 2.8 / ln 1.38)^2 = 2 (2.24 / 0.32208)^2 = 96.7
    assert per_tier(0.8, 1.38) == 97
    assert target(Size(5, 5), 0.8, REACH, one_look) == Size(97, 97)


@pytest.mark.unit
def test_the_formula_gives_80_percent_power_at_one_look() -> None:
    n = per_tier(0.8, 1.38)
    shift = REACH / (0.8 * math.sqrt(2 / n))
    power = stats.nct.sf(stats.t.ppf(0.975, 2 * n - 2), 2 * n - 2, shift)

    assert power == pytest.approx(0.80, abs=0.01)


@pytest.mark.unit
def test_both_tiers_are_asked_for_when_both_are_short() -> None:
    assert needed_more(Size(30, 7), 0.8, NAMES, C1, 1.3)[1] == "67 micro, 90 mega"


@pytest.mark.unit
def test_one_tier_is_asked_for_when_the_other_has_enough() -> None:
    # 200 micros: 1/n = (ln 1.38 / (2.8 x 0.8))^2 - 1/200 = 0.020676 - 0.005 -> 63.8 megas; endless micros leave
    # 2.8 x 0.8 / sqrt(8) = 0.79 > 0.32.
    assert needed_more(Size(200, 8), 0.8, NAMES, C1, 1.3)[1] == "56 mega; more micro will not help"


@pytest.mark.unit
def test_more_of_the_other_tier_is_not_called_useless_when_it_would_do() -> None:
    _, text = needed_more(Size(98, 60), 0.8, NAMES, C1, 1.3)

    assert text == "36 mega"


@pytest.mark.unit
def test_the_weekly_number_is_larger_and_never_promises_less() -> None:
    at_once, weekly = target(Size(5, 5), 0.8, REACH, one_look), target(Size(5, 5), 0.8, REACH, every_look)

    assert at_once
    assert weekly
    assert 1.8 * at_once.a < weekly.a < 2.6 * at_once.a


@pytest.mark.unit
def test_what_is_asked_for_is_what_the_verdict_needs() -> None:
    weekly, once = needed_more(Size(10, 10), 0.8, NAMES, C1, 1.3)
    sized = target(Size(10, 10), 0.8, REACH, every_look)

    assert sized is not None
    assert weekly == f"{sized.a - 10} micro, {sized.b - 10} mega"
    assert once == "87 micro, 87 mega"


@pytest.mark.unit
def test_past_the_textbooks_number_only_the_verdicts_is_given() -> None:
    weekly, once = needed_more(Size(120, 120), 0.8, NAMES, C1, 1.2)

    assert once is None
    assert weekly is not None
    assert "micro" in weekly


@pytest.mark.unit
def test_far_past_it_todays_estimate_says_what_is_needed() -> None:
    weekly, _ = needed_more(Size(400, 400), 0.8, NAMES, C1, 1.12)

    assert weekly is not None
    assert settling_reach(1.12) == pytest.approx(math.log(1.12))
    assert settling_reach(1.05) == pytest.approx(math.log(1.25) - math.log(1.05))


@pytest.mark.unit
def test_equivalence_costs_more() -> None:
    alike = needed_more(Size(10, 10), 0.8, NAMES, Expectation(Expects.EQUIVALENCE), 1.0)
    apart = needed_more(Size(10, 10), 0.8, NAMES, HIGHER, 1.0)

    assert int(alike[0].split()[0]) > int(apart[0].split()[0])
    assert int(alike[1].split()[0]) > int(apart[1].split()[0])


@pytest.mark.unit
def test_without_a_spread_only_the_floor_is_known() -> None:
    assert needed_more(Size(1, 0), math.nan, NAMES, C1, math.nan) == ("4 micro, 5 mega", "4 micro, 5 mega")


@pytest.mark.unit
def test_equal_values_are_not_mended_by_more_creators() -> None:
    assert needed_more(Size(10, 10), 0.0, NAMES, C1, math.nan) == (None, None)


@pytest.mark.unit
def test_the_pooled_spread() -> None:
    assert pooled_sd(3, 1.0, 5, 2.0) == pytest.approx(math.sqrt((2 * 1 + 4 * 4) / 6))
    assert pooled_sd(1, math.nan, 5, 2.0) == 2.0
    assert math.isnan(pooled_sd(1, math.nan, 0, math.nan))
