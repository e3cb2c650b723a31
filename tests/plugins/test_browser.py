"""The page in the real Airflow, in a real browser: anonymous is refused; log in, open, sort, print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from creator_tiers.airflow_local.api import Api
from creator_tiers.airflow_local.home import USER, AirflowHome
from creator_tiers.airflow_local.instance import running
from creator_tiers.report import build_model, render
from creator_tiers.settings import load_settings
from tests.browsing import CHROMIUM, NO_CHROMIUM, chromium, violations
from tests.plugins.made_up import publish
from tests.report import planted

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("airflow"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]

PATHS = ["", "2026-W46/", "2026-W46/report.html", "2026-W46/report.json", "static/page.css", "no/such/page"]


@dataclass
class Up:
    """A running Airflow over a folder of reports."""

    api: Api
    password: str

    @property
    def page(self) -> str:
        return f"{self.api.url}/tier-reports/"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("home"))})
    publish(settings.reports, "2026-W44")
    publish(settings.reports, "2026-W45", headline={"word": "contradicted", "symbol": "✗", "estimate": 0.71})
    render(build_model(planted.planted()), settings.reports / "2026-W46")
    home = AirflowHome(settings)
    with running(home, mode="run", port=None, say=print) as (api, _):
        yield Up(api, home.password)


def answer(url: str, **headers: str) -> tuple[int, str]:
    """Status and text, without a proxy and without cookies."""
    try:
        with build_opener(ProxyHandler({})).open(Request(url, headers=headers), timeout=60) as got:  # noqa: S310
            return got.status, got.read().decode(errors="replace")
    except HTTPError as error:
        return error.code, error.read().decode(errors="replace")


@pytest.mark.parametrize("path", PATHS)
def test_anonymous_is_refused(up: Up, path: str) -> None:
    status, text = answer(up.page + path)
    assert status == 401
    assert "W46" not in text


@pytest.mark.parametrize("path", PATHS)
def test_a_forged_session_is_refused(up: Up, path: str) -> None:
    forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."
    for headers in ({"Authorization": f"Bearer {forged}"}, {"Cookie": f"_token={forged}"}):
        status, text = answer(up.page + path, **headers)
        assert status in (401, 403)
        assert "W46" not in text


def test_a_user_of_the_api_may_read_and_404_is_404(up: Up) -> None:
    up.api.get("/dags")  # logs in
    session = {"Authorization": f"Bearer {up.api._token}"}
    assert [answer(up.page + path, **session)[0] for path in PATHS] == [200, 200, 200, 200, 200, 404]
    assert answer(up.page + "2026-W44/report.eml", **session)[0] == 404


@pytest.fixture
def page(up: Up) -> Iterator[Page]:
    """A browser's page, logged in by Airflow's own form."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{up.api.url}/")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", up.password)
        page.click("button[type=submit]")
        page.get_by_role("link", name="Tier reports").first.wait_for(timeout=60_000)
        yield page


def weeks(page: Page | FrameLocator) -> list[str]:
    return page.locator("table.sortable").first.locator("tbody th").all_inner_texts()


def test_log_in_open_sort_print(up: Up, page: Page, tmp_path: Path) -> None:
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
    )
    page.get_by_role("link", name="Tier reports").first.click()
    inside = page.frame_locator("iframe")
    inside.get_by_role("heading", name="Creator Tiers: weekly reports").wait_for(timeout=60_000)
    assert weeks(inside) == ["2026-W46", "2026-W45", "2026-W44"]
    inside.get_by_role("button", name="Ratio").click()
    assert weeks(inside)[0] == "2026-W45"
    assert inside.locator("th[aria-sort]").inner_text().startswith("Ratio")
    inside.get_by_role("button", name="Ratio").click()
    assert weeks(inside)[-1] == "2026-W45"
    inside.get_by_role("link", name="2026-W44").click()
    inside.get_by_text("Supported in 2026-W44.").wait_for()
    inside.get_by_role("link", name="2026-W46").click()
    report = inside.frame_locator("iframe.report")
    report.locator("body").wait_for()

    page.goto(f"{up.page}2026-W46/")
    printed = page.pdf(path=tmp_path / "page.pdf")
    assert printed.startswith(b"%PDF")
    page.goto(f"{up.page}2026-W46/report.html")
    assert page.pdf().startswith(b"%PDF")
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert complaints == []


def test_the_tables_of_the_report_itself_sort(up: Up, page: Page) -> None:
    page.goto(f"{up.page}2026-W46/report.html")
    button = page.locator("table.data thead button").first
    button.click()
    assert page.locator("table.data th[aria-sort=ascending]").count() == 1


def test_the_run_of_a_dag_has_a_tab(up: Up) -> None:
    (plugin,) = [one for one in up.api.get("/plugins", limit=100)["plugins"] if one["name"] == "tier_reports"]
    views: dict[str, Any] = {view["destination"]: view["href"] for view in plugin["external_views"]}
    assert views == {"nav": "tier-reports/", "dag_run": "tier-reports/?run={RUN_ID}"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_in_the_way_of_those_who_cannot_see(up: Up, page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(up.page)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
