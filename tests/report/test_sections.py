"""The further sections: campaigns, money, creators, robustness, published values, restated figures, audits, fees."""

from __future__ import annotations

import csv
import io
import json
import re

import pyarrow as pa
import pytest

from creator_tiers.report import ReportModel, build_model
from creator_tiers.report.audience import copy_for
from creator_tiers.report.conversions import STEPS
from creator_tiers.report.csv_files import csv_files
from creator_tiers.report.figures import money_text, number_text, percent_text
from creator_tiers.report.model import without_fees
from creator_tiers.report.plain import render_text
from creator_tiers.report.render import render_json, render_mail_html, render_page
from creator_tiers.report.sections import sections
from creator_tiers.report.tabular import Section
from tests.report import details
from tests.report.conftest import Rendered
from tests.report.planted import CLAIMS, HOSTILE, claim, claim_rows, nothing, planted, table

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def model() -> ReportModel:
    return build_model(planted())


def with_details(**changes: list[dict]) -> ReportModel:
    given = details.details()
    return build_model(
        planted(details={**given, **{name: pa.Table.from_pylist(rows) for name, rows in changes.items()}})
    )


def section(model: ReportModel, anchor: str) -> Section:
    return next(one for one in sections(model) if one.anchor == anchor)


def rows(model: ReportModel, anchor: str, number: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row] for row in section(model, anchor).tables[number].rows]


def test_the_sections_come_in_the_reports_order(model: ReportModel) -> None:
    assert [one.anchor for one in sections(model)] == [
        "restated", "conversions", "money", "creators", "robustness", "published", "audits",
    ]  # fmt: skip


def test_closed_campaigns_come_first_and_the_waterfall_adds_up(model: ReportModel) -> None:
    first = rows(model, "conversions")
    assert [row[1] for row in first] == ["■ closed", "□ provisional, 80% of final expected"]
    for one in model.campaigns:
        values = [getattr(one, name) for name, _ in STEPS]
        assert values[0] - sum(values[1:-1]) == values[-1]
    assert rows(model, "conversions", 1) == [["spring infusion", "120", "6", "3", "2", "4", "5", "100"]]
    narrow = section(model, "conversions").tables[1].narrow
    assert narrow is not None
    assert narrow.rows[0][1].text == (
        "120 claims − 6 contested − 3 duplicate − 2 cancelled − 4 refunded − 5 gifts, repeats = 100 net"
    )


def test_every_order_is_accounted_for(model: ReportModel) -> None:
    whole = model.attribution
    assert whole is not None
    assert whole.orders == whole.orders_credited + whole.orders_unattributed
    assert (
        "Of all 260 orders, 222 are credited to a creator and 38 to nobody."
        in section(model, "conversions").lines[1]
    )


def test_money_says_what_is_missing_and_never_makes_a_number_up(model: ReportModel) -> None:
    costs = {row[0]: row for row in rows(model, "money")}
    assert costs["micro"][1:] == ["50.00 EUR", "30.00 EUR", "0.50 EUR", "0.30 EUR"]
    assert costs["macro"][1:] == ["no number"] * 4
    unknown = next(row for row in section(model, "money").tables[0].rows if row[0].text == "macro")
    assert unknown[1].small == "needs 3 placements with loaded cost and net orders"
    assert "One mega-creator costs as much as 50.0 micro-creators" in section(model, "money").lines[0]
    assert "87%" in section(model, "money").lines[1]
    assert rows(model, "money", 1)[3] == ["for the same reach", "100"]
    assert section(model, "money").tables[1].rows[3][1].small == "from 70.0"
    assert [row[1] for row in rows(model, "money", 2)] == ["41 micro", "41 micro, 1 mega"]


def test_the_league_is_by_the_shrunken_rate_with_the_raw_place_beside(model: ReportModel) -> None:
    assert rows(model, "creators") == [
        ["Ann", "1 of 41", "6.0%", "8.0%"], ["Bob", "2 of 41", "6.0%", "8.0%"], ["cid", "3 of 41", "6.0%", "8.0%"],
    ]  # fmt: skip
    assert section(model, "creators").tables[0].rows[0][3].small == "2 of 41"
    assert rows(model, "creators", 1) == [
        ["instagram:bob", "1 × change of handle; 3 × post without disclosure"]
    ]


def test_the_strip_says_who_disagrees(model: ReportModel) -> None:
    [row] = section(model, "robustness").tables[0].rows
    assert row[1].text == "1 of 2"
    assert row[1].small == "not: scheme micro_10k_50k"
    assert row[3].text == "1.33"
    assert "Engagements rise by 0.91% with each 1% more followers" in model.headline.notes[-1]


def test_where_the_niches_say_the_opposite_they_are_the_headline() -> None:
    turned = details.stratum(
        "instagram", "feed", "er_followers_settled", stratified=0.83, stratified_low=0.7, stratified_high=0.98,
        is_reversed=True,
    )  # fmt: skip
    model = with_details(stratified=[turned])
    said = model.headline
    assert (said.estimate, said.ci_low, said.ci_high) == (0.83, 0.7, 0.98)
    assert said.sentence.startswith("Careful: inside the 4 niches the ratio micro / mega is 0.83")
    assert "1.38" in said.sentence
    assert said.verdict == "supported"
    assert said.word == "supported in one heap, turned inside"
    assert said.notes[0].startswith(
        "In one heap, looked at every week, the interval that carries the verdict is"
    )
    assert (
        said.notes[1] == "Adjusted for kind, niche and month of the posts: 1.33 (95% interval 1.20 to 1.46)."
    )
    assert said.notes[2].startswith("Engagements rise by 0.91%")
    careful = "Careful: inside the creators' niches it is the other way round; “How robust it is” has both."
    assert model.platforms[0].groups[0].finding.endswith(careful)
    assert [one.is_turned for one in model.claims] == [one.claim_id == "C1" for one in model.claims]
    assert "✓ supported; turned inside niches\n" in render_text(model)


def test_published_values_are_greyed_when_the_definition_differs(model: ReportModel) -> None:
    assert model.published
    for one, row in zip(model.published, section(model, "published").tables[0].rows, strict=True):
        assert row[1].is_grey == (one.differs is not None)
        assert one.platform in ("instagram", "tiktok")
    rival = next(
        one for one in model.published if one.publisher == "Rival IQ" and one.platform == "instagram"
    )
    assert (rival.ours, rival.differs, rival.metric) == (0.019, "different numerator", "er_followers_settled")


def test_restated_figures_have_old_and_new(model: ReportModel) -> None:
    assert rows(model, "restated") == [
        ["spring infusion", "net orders", "104", "100"], ["spring infusion of old", "net orders", "9", "gone"],
    ]  # fmt: skip
    assert render_text(model).index("RESTATED") < render_text(model).index("WHAT CHANGED SINCE")
    assert "restated" not in [one.anchor for one in sections(with_details(mailed=[]))]


def test_audits_name_how_many_rows_there_are_and_broken_warnings(model: ReportModel) -> None:
    counts = {row[0]: row[1] for row in rows(model, "audits")}
    assert counts["Codes that may have leaked"] == "40"
    assert counts["Counters that fell"] == "0"
    assert rows(model, "audits", 1) == [["change_per_day between -1 and 1", "1"]]
    [row] = csv.DictReader(io.StringIO(csv_files(model)["leak_suspects.csv"]))
    assert row["code"] == "ANN10"


def test_without_details_every_section_says_why_it_is_empty() -> None:
    model = build_model(nothing())
    said = [line for one in sections(model) for line in one.lines]
    said += [table.empty for one in sections(model) for table in one.tables if not table.rows]
    assert len(said) >= 8
    assert all(said)
    assert model.money is None


FEES = re.compile(r"(?<![\d.])(4,?200|42\.00|0\.31 EUR|50\.00 EUR|9,?900|1,?800|10,?000 EUR)(?![\d.])")


def test_a_copy_without_fees_shows_none_in_any_form() -> None:
    costly = claim("C6", "all", "direction", 1.0, "supported", ratio=4.2, metric="fee_per_post")
    model = build_model(planted(claims=table([*claim_rows(), costly], CLAIMS)))
    assert FEES.search(render_page(model))
    hidden = without_fees(model)
    forms = [render_page(hidden), render_mail_html(hidden), render_text(hidden), *csv_files(hidden).values()]
    document = json.loads(render_json(hidden))
    assert document["money"] is None
    assert document["shows_fees"] is False
    assert {one["cost_fee"] for one in document["campaigns"]} == {None}
    assert "C6" not in {one["claim_id"] for one in document["claims"]}
    assert hidden.run_id == model.run_id
    for form in forms:
        assert not FEES.search(re.sub(r"data:image/png;base64,[^\"]*", "", form))
    assert "This copy shows no fees and no costs." in forms[0]
    assert "100" in str(rows(hidden, "conversions"))


@pytest.mark.parametrize(
    ("addresses", "allowed", "sees"),
    [
        (["ann@brand.example"], [], False),
        (["Ann@Brand.example"], ["ann@brand.example"], True),
        (["ann@brand.example"], ["Ann <ANN@brand.example>"], True),
        (["ann@brand.example", "bob@brand.example"], ["ann@brand.example"], False),
        (["ann@brand.example"], ["*"], True),
        ([], [], True),
    ],
)
def test_fees_are_for_those_who_are_named(
    planted: Rendered, addresses: list[str], allowed: list[str], sees: bool
) -> None:
    model, files = copy_for(*planted, addresses, allowed)
    assert model.shows_fees is sees
    assert (files.folder.name == "shared") is not sees
    assert ("EUR" in files.text.read_text()) is True  # revenue is no fee
    assert ("MONEY" in files.text.read_text()) is sees


def test_hostile_texts_of_the_sections_stay_texts() -> None:
    model = build_model(planted(details=details.details(HOSTILE)))
    for html in (render_page(model), render_mail_html(model)):
        assert "<script>alert" not in html
        assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    for name, content in csv_files(model).items():
        for row in csv.reader(io.StringIO(content, newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row), name
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", render_text(model))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "unknown"),
        (0.0, "0"),
        (0.01234, "0.0123"),
        (0.5, "0.500"),
        (4.567, "4.57"),
        (39.6, "39.6"),
        (12345.6, "12,346"),
    ],
)
def test_numbers_in_words(value: float | None, said: str) -> None:
    assert number_text(value) == said


def test_amounts_and_shares_in_words() -> None:
    assert [money_text(one, "EUR") for one in (None, 0.305, 12_345.6)] == [
        "unknown",
        "0.30 EUR",
        "12,346 EUR",
    ]
    assert [percent_text(one) for one in (None, 0.0, 0.0000031, 0.000066, 0.00042, 0.0123, 0.63)] == [
        "unknown", "0%", "0.00031%", "0.0066%", "0.042%", "1.2%", "63%",
    ]  # fmt: skip
