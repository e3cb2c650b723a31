"""The forms: structure and contrast of the page, pictures, CSV, and hostile text in each of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from base64 import b64decode, b64encode
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from creator_tiers.hygiene import one_line, spreadsheet_cell
from creator_tiers.report import build_model, render
from creator_tiers.report.charts import WIDTH, forest_plot
from creator_tiers.report.csv_files import csv_files
from creator_tiers.report.palette import DARK, LIGHT, TONES, contrast
from creator_tiers.report.render import MOST_HTML, PAGE_WIDTH, render_mail_html
from tests.report import planted as inputs
from tests.report.conftest import Rendered

pytestmark = pytest.mark.unit

VOID = {"meta", "br", "img", "link", "input", "hr", "col", "source"}


class Page(HTMLParser):
    """The page's elements, and each text with the colours that the inline styles give it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str, str]] = []
        self._stack: list[tuple[str, str, str, bool]] = [("", LIGHT.ink, LIGHT.page, False)]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        _, ink, surface, hidden = self._stack[-1]
        style = dict(re.findall(r"(?:^|;)\s*([a-z-]+)\s*:\s*([^;]+)", attributes.get("style", "")))
        hidden = hidden or style.get("display") == "none" or tag in ("style", "title", "script")
        self._stack.append((tag, style.get("color", ink), style.get("background-color", surface), hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        _, ink, surface, hidden = self._stack[-1]
        if data.strip() and not hidden:
            self.texts.append((data.strip(), ink, surface))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(planted: Rendered) -> Page:
    return Page(render_mail_html(planted[0]))


@pytest.fixture(scope="module")
def web(planted: Rendered) -> Page:
    return Page(planted[1].html.read_text(encoding="utf-8"))


def test_the_same_inputs_give_the_same_bytes(planted: Rendered, tmp_path: Path) -> None:
    again = render(build_model(inputs.planted()), tmp_path)
    first = {p.relative_to(planted[1].folder): p.read_bytes() for p in planted[1].folder.rglob("*.*")}
    second = {p.relative_to(again.folder): p.read_bytes() for p in again.folder.rglob("*.*")}
    assert first == second


def test_charts_of_an_earlier_rendering_go(tmp_path: Path) -> None:
    stale = tmp_path / "charts" / "myspace.png"
    stale.parent.mkdir()
    stale.write_bytes(b"old")
    render(build_model(inputs.nothing()), tmp_path)
    assert not list(tmp_path.rglob("*.png"))


def test_the_mail_is_small_enough(planted: Rendered, hostile: Rendered) -> None:
    for model, _ in (planted, hostile):
        assert len(render_mail_html(model).encode()) < MOST_HTML


def test_a_mail_that_would_be_too_large_is_made_shorter() -> None:
    rows = inputs.comparison_rows()
    for platform in map("platform{}".format, range(12)):
        rows += inputs.pairs(platform, "video", "er_views_settled", inputs.SIZES, 1.2)
    html = render_mail_html(build_model(inputs.planted(comparison=inputs.table(rows, inputs.COMPARISON))))
    assert len(html.encode()) < MOST_HTML
    assert "All pairs of tiers are in the attached comparison.csv." in html


def test_every_text_of_the_page_has_enough_contrast(page: Page) -> None:
    assert len(page.texts) > 200
    poor = [item for item in page.texts if contrast(item[1], item[2]) < 4.5]
    assert not poor


def test_the_palette_has_enough_contrast_light_and_dark() -> None:
    for scheme in (LIGHT, DARK):
        surfaces = [scheme.page, scheme.card, *(scheme.tint_of(tone) for tone in TONES)]
        for surface in surfaces:
            assert contrast(scheme.ink, surface) >= 4.5
            assert contrast(scheme.muted, surface) >= 4.5
        for tone in TONES:
            assert contrast(scheme.ink_of(tone), scheme.card) >= 4.5
            assert contrast(scheme.ink_of(tone), scheme.tint_of(tone)) >= 4.5


def test_contrast_is_the_wcag_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_data_tables_have_captions_and_scopes_and_others_are_layout(page: Page) -> None:
    data = [table for table in page.all("table") if table.get("class") == "data"]
    layout = [table for table in page.all("table") if table.get("class") != "data"]
    assert len(data) == len(page.all("caption")) > 5
    assert all(table.get("role") == "presentation" for table in layout)
    assert all(header.get("scope") in ("col", "row") for header in page.all("th"))


def test_tables_of_the_web_page_are_regions_with_captions_and_scopes(web: Page) -> None:
    tables = web.all("table")
    regions = [one for one in web.all("div") if one.get("role") == "region"]
    assert len(tables) == len(web.all("caption")) == len(regions) > 20
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in regions)
    assert all(header.get("scope") in ("col", "row") for header in web.all("th"))
    assert {one["href"] for one in web.all("a")} >= {
        "claims.csv",
        "campaigns.csv",
        "leak_suspects.csv",
        "#money",
    }


def test_pictures_are_there_twice_as_large_with_the_finding_as_text(
    planted: Rendered, page: Page, web: Page
) -> None:
    model, files = planted
    for pictures, width in ((page.all("img"), WIDTH), (web.all("img"), PAGE_WIDTH)):
        assert len(pictures) == 3
        for picture, platform in zip(pictures, model.platforms, strict=True):
            assert platform.groups[0].finding in picture["alt"]
            assert int(picture["width"]) == width
    assert [p["src"] for p in page.all("img")] == [
        f"cid:{n}.chart@creator-tiers" for n in ("instagram", "tiktok", "youtube")
    ]
    for picture, source, path in zip(web.all("img"), web.all("source"), files.charts, strict=True):
        large, small = (
            b64decode(one.removeprefix("data:image/png;base64,"))
            for one in (picture["src"], source["srcset"])
        )
        assert small == path.read_bytes()
        for content, width in ((large, PAGE_WIDTH), (small, WIDTH)):
            with Image.open(io.BytesIO(content)) as drawn:
                assert drawn.width == 2 * width
                assert not drawn.info


def test_the_verdict_comes_before_anything_else(planted: Rendered) -> None:
    for html in (planted[1].html.read_text(encoding="utf-8"), render_mail_html(planted[0])):
        body = html[html.index("<h1") :]
        assert body.index(planted[0].headline.sentence) < body.index("<h2")


def test_nothing_is_loaded_from_elsewhere(planted: Rendered) -> None:
    mail, web = render_mail_html(planted[0]), planted[1].html.read_text(encoding="utf-8")
    assert not re.search(r"https?:|<script|@import|url\(", mail)
    assert not re.search(r"https?:|@import|url\(|<link|<iframe|\son\w+=|style=", web)


def test_the_pages_policy_names_its_own_style_and_script_and_no_other(planted: Rendered, web: Page) -> None:
    html = planted[1].html.read_text(encoding="utf-8")
    policy = next(
        one["content"] for one in web.all("meta") if one.get("http-equiv") == "Content-Security-Policy"
    )
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        [content] = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert parts[name] == f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_published_values_of_another_definition_are_grey(planted: Rendered) -> None:
    html = planted[1].html.read_text(encoding="utf-8")
    assert '<span class="grey">0.23%</span><br><span class="small">different denominator</span>' in html


def test_no_platform_without_a_row_gets_a_chart(nothing: Rendered) -> None:
    model, files = nothing
    assert not files.charts
    html = files.html.read_text(encoding="utf-8")
    assert "<img" not in html
    assert "nothing to show" in html
    assert model.headline.sentence in unescape(html)


def test_a_platform_without_a_ratio_says_why() -> None:
    rows = [row for row in inputs.comparison_rows() if row["kind_group"] == "short"]
    model = build_model(inputs.planted(comparison=inputs.table(rows, inputs.COMPARISON)))
    youtube = next(platform for platform in model.platforms if platform.platform == "youtube")
    assert youtube.chart is None
    assert "Nothing to draw for YouTube yet" in str(youtube.empty)
    with pytest.raises(ValueError, match="no row to draw"):
        forest_plot(youtube)


@pytest.mark.parametrize(("high", "is_cut"), [(12.0, False), (90.0, True)])
def test_an_interval_beyond_the_axis_has_an_arrow_head(high: float, is_cut: bool) -> None:
    wide = inputs.pair("instagram", "feed", "er_followers_d7", "micro", "mega", ratio=1.4)
    wide |= {"ci_low": 0.5, "ci_high": high, "verdict_low": 0.4, "verdict_high": high}
    instagram = next(
        platform
        for platform in build_model(
            inputs.planted(comparison=inputs.table([wide], inputs.COMPARISON))
        ).platforms
        if platform.platform == "instagram"
    )
    with Image.open(io.BytesIO(forest_plot(instagram))) as drawn:
        beside = drawn.convert("L").crop((938, 140, 952, 320))  # right of the axis, left of the numbers
    assert (min(beside.tobytes()) < 128) == is_cut


def test_hostile_text_stays_text_in_the_page(hostile: Rendered) -> None:
    for html in (hostile[1].html.read_text(encoding="utf-8"), render_mail_html(hostile[0])):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "{{7*7}}" in html
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", html.replace("\r\n", "\n"))
        assert len(re.findall(r"<script", html)) <= 1


def test_hostile_text_cannot_leave_its_line_or_steer_a_terminal(hostile: Rendered) -> None:
    text = hostile[1].text.read_text(encoding="utf-8")
    assert "=cmd|" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert not re.search(r"^\s*Bcc:", text, re.MULTILINE)


def test_hostile_text_survives_json_as_a_string(hostile: Rendered) -> None:
    document = json.loads(hostile[1].json.read_text(encoding="utf-8"))
    assert "<script>alert(1)</script>" in document["health"]["quarantine"][0]["name"]


def test_no_csv_cell_is_a_formula(hostile: Rendered) -> None:
    seen = 0
    for content in csv_files(hostile[0]).values():
        for row in csv.reader(io.StringIO(content, newline="")):
            for cell in row:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
                seen += cell.startswith("'=cmd|")
    assert seen >= 25


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_formula_like_cells_are_neutralised(text: str) -> None:
    assert spreadsheet_cell(text) == "'" + text


def test_numbers_and_plain_cells_stay() -> None:
    assert [spreadsheet_cell(value) for value in (-1.5, 0, None, "micro")] == [-1.5, 0, None, "micro"]


def test_one_line_keeps_letters_and_shows_what_it_cannot_keep() -> None:
    assert one_line("Größe\n\tñ 東京 👩‍🍳") == "Größe ñ 東京 👩‍🍳"
    assert one_line("a\x1b[31mb\u202ec\ud800") == "a\ufffd[31mb\ufffdc\ufffd"
    assert one_line("x" * 400) == "x" * 299 + "…"
