"""The claims' rows: shares of campaigns beside ratios, and creators who are not known beside none."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from creator_tiers.report import ReportModel, build_model
from creator_tiers.report.beside import build_stratified
from creator_tiers.report.claims import build_claims, marked
from creator_tiers.report.headlines import build_headline
from creator_tiers.report.plain import render_text
from creator_tiers.report.render import render_mail_html, render_page
from tests.report.details import stratum
from tests.report.planted import claim, planted

pytestmark = pytest.mark.unit

COUNTED = re.compile(r"\b(0|unknown) micro( and|,)")
UNKNOWN: dict[str, Any] = {"creators_a": None, "creators_b": None}


def told(*rows: dict[str, Any]) -> ReportModel:
    return replace(build_model(planted()), claims=build_claims(rows), strips=())


def words(html: str) -> str:
    """The text of a page, on one line."""
    text = re.sub(r"<[^>]+>", " ", html.replace("&nbsp;", " "))
    return " ".join(text.replace("\u00a0", " ").split())


def signs() -> dict[str, Any]:
    """C5 over campaigns, as `judge_totals` gives it: a share of campaigns, no creators."""
    values = {"estimate": 0.0, "ci_low": 0.0, "ci_high": 0.5615, "unit": "share", "strata": 3}
    row = claim("C5", "all", "direction", 0.0, "not_enough_evidence", needed_more="5 campaigns", **values)
    return row | UNKNOWN | {"metric": "orders_net_total", "claimed_value": None}


def test_a_share_of_campaigns_is_told_as_one() -> None:
    model = told(signs())
    text, mail, page = render_text(model), words(render_mail_html(model)), words(render_page(model))

    assert "ours: 0% of 3 campaigns, 95% interval 0% to 56%\n" in text
    for shown in (mail, page):
        assert "0% of 3 campaigns" in shown
        assert re.search(r"0%( to |–)56%", shown)
        assert "campaigns with more net orders from all micro than from all mega creators" in shown
    for shown in (text, mail, page):
        assert not COUNTED.search(shown)


def test_creators_who_are_not_known_are_not_none() -> None:
    model = told(claim("C11", "all", "direction", 1.0, "not_testable", metric="rebooked_180d", **UNKNOWN))
    text, mail, page = render_text(model), words(render_mail_html(model)), words(render_page(model))

    assert model.claims[0].creators_a is None
    for shown in (text, mail, page):
        assert "creators unknown" in shown
        assert not COUNTED.search(shown)


def test_no_creators_are_none() -> None:
    model = told(claim("C1", "instagram", "ratio", 1.38, "not_testable", creators_a=0, creators_b=7))

    assert "0 micro and 7 mega creators" in render_text(model)
    assert "0 micro, 7 mega" in words(render_page(model))


def test_a_share_that_is_not_known_is_no_ratio() -> None:
    row = signs() | {"estimate": None, "ci_low": None, "ci_high": None, "strata": None}

    assert "ours: no share\n" in render_text(told(row))


def test_creators_of_one_tier_may_be_unknown() -> None:
    model = told(claim("C11", "all", "direction", 1.0, "not_testable", creators_a=None, creators_b=7))

    assert "unknown micro and 7 mega creators" in render_text(model)


def test_fragile_is_unknown_where_nobody_looked() -> None:
    rows = [
        claim("C11", "all", "direction", 1.0, "not_testable", is_fragile=known) for known in (None, False)
    ]
    assert [one.is_fragile for one in told(*rows).claims] == [None, False]


@pytest.mark.parametrize(
    ("verdict", "is_primary", "is_exploratory", "word", "sentence"),
    [
        ("supported", True, False, "", ""),
        (
            "supported",
            True,
            True,
            "exploratory: not established when corrected for all claims",
            "Exploratory: corrected for all the claims looked at, this is not established.",
        ),
        ("contradicted", False, True, "exploratory", "Exploratory: it is not among the primary claims."),
        ("not_enough_evidence", True, True, "", ""),
        ("supported", None, None, "", ""),
    ],
)
def test_what_the_correction_for_many_claims_does_not_carry_says_so(
    verdict: str, is_primary: bool | None, is_exploratory: bool | None, word: str, sentence: str
) -> None:
    row = claim("C1", "instagram", "ratio", 1.38, verdict, ratio=1.38)
    model = build_model(replace(planted(), claims=None))
    claims = build_claims([row | {"is_primary": is_primary, "is_exploratory": is_exploratory}])
    headline = build_headline(claims, model.comparison)
    model = replace(model, claims=claims, headline=headline, strips=())
    text, mail, page = render_text(model), words(render_mail_html(model)), words(render_page(model))

    assert claims[0].caution == word
    assert headline.sentence.endswith(f"creators). {sentence}".rstrip())
    for shown in (" ".join(text.split()), mail, page):
        assert ("xploratory" in shown.split("What the numbers mean")[0].split("WHAT THE NUMBERS")[0]) == bool(
            word
        )
        assert word in shown


def test_a_bound_from_below_is_told_as_one() -> None:
    row = claim("C8", "all", "not_below", 0.8, "supported", ratio=0.97)
    assert build_claims([row])[0].claimed_text == "not below 0.80"


@pytest.mark.parametrize(
    ("kind", "verdict", "is_turned"),
    [
        ("ratio", "contradicted", True),
        ("ratio", "no_material_difference", False),
        ("ratio", "not_enough_evidence", False),
        ("equivalence", "supported", False),
        ("equivalence", "contradicted", True),
    ],
)
def test_what_names_no_winner_is_not_turned(kind: str, verdict: str, is_turned: bool) -> None:
    claims = build_claims([claim("C1", "instagram", kind, 1.38, verdict, ratio=0.98)])
    alarm = stratum("instagram", "feed", "er_followers_settled", stratified=1.02, is_reversed=True)

    assert [one.is_turned for one in marked(claims, build_stratified([alarm]))] == [is_turned]
