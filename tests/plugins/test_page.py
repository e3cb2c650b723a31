"""The page behind its guard: who gets it, what is in it, what is never in it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from starlette.testclient import TestClient

from creator_tiers.settings import RESOURCES
from tests.plugins.made_up import HOSTILE, publish

pytestmark = pytest.mark.contract


def everybody() -> None:
    """A guard that lets everybody pass."""


def nobody() -> None:
    raise HTTPException(401, "Not authenticated")


def broken() -> None:
    raise RuntimeError("the database is away")


def client(reports: Path, guard: Any = everybody) -> TestClient:
    from tier_reports.app import create_app

    return TestClient(create_app(reports, guard), raise_server_exceptions=False)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    publish(tmp_path, "2026-W45")
    publish(tmp_path, "2026-W46")
    return tmp_path


PATHS = [
    "/", "/2026-W46/", "/2026-W46/report.html", "/2026-W46/comparison.csv", "/2026-W46/report.json",
    "/2026-W46/charts/instagram.png", "/static/page.css", "/static/sort.js", "/?run=x", "/no/such/page", "/2026-W99/",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_anything(reports: Path, path: str) -> None:
    answer = client(reports, nobody).get(path)
    assert answer.status_code == 401
    assert "Log in to Airflow first" in answer.text
    assert "W46" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_a_guard_in_trouble_lets_nobody_pass(reports: Path, path: str) -> None:
    answer = client(reports, broken).get(path)
    assert answer.status_code == 500
    assert "W46" not in answer.text


def test_every_route_has_the_guard(reports: Path) -> None:
    from tier_reports.app import create_app

    app = create_app(reports, nobody)
    assert (app.docs_url, app.openapi_url, app.redoc_url) == (None, None, None)
    for route in app.routes:
        guards = [one.call for one in route.dependant.dependencies]  # type: ignore[attr-defined]
        assert nobody in guards, route


def test_there_is_no_page_without_a_guard(reports: Path) -> None:
    from tier_reports.app import create_app

    with pytest.raises(TypeError):
        create_app(reports)  # type: ignore[call-arg]


def test_the_latest_report_and_the_weeks_are_shown(reports: Path) -> None:
    page = client(reports).get("/").text
    assert "Supported in 2026-W46." in page
    assert 'href="2026-W45/"' in page
    assert 'src="2026-W46/report.html"' in page
    assert 'href="2026-W46/comparison.csv"' in page
    assert "bad_date" in page
    assert "freshness" in page
    assert "✓ open" in page
    assert "C1, Instagram feed posts" in page
    assert "C4" not in page


def test_an_earlier_week_is_shown_with_links_that_work(reports: Path) -> None:
    browser = client(reports)
    page = browser.get("/2026-W45/")
    assert "Supported in 2026-W45." in page.text
    for link in set(re.findall(r'(?:href|src)="([^"]+)"', page.text)):
        assert not link.startswith("/"), link
        answer = browser.get(str(page.url.join(link)))
        assert answer.status_code == 200, link


def test_a_run_leads_to_its_week(reports: Path) -> None:
    browser = client(reports)
    due_w45 = "scheduled__2026-11-09T00:00:00+00:00"
    assert "Supported in 2026-W45." in browser.get("/", params={"run": due_w45}).text
    for run in (
        "manual__2026-11-09T00:00:00+00:00",
        "scheduled__2020-01-01T00:00:00+00:00",
        HOSTILE,
        "scheduled__9T",
    ):
        page = browser.get("/", params={"run": run})
        assert page.status_code == 200
        assert "Supported in 2026-W46." in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/2026-W99/", "/2026-W46", "/2026-W46/report.eml", "/2026-W46/gates.json", "/2026-W46/deliveries.json",
        "/2026-W46/../../secret.csv", "/2026-W46/..%2f..%2fsecret.csv", "/2026-W46/charts/..%2freport.eml", "/.drafts/",
        "/static/../app.py", "/static/app.py", "/2026-W46/link.csv", "/2026-W46/.hidden.csv", "/nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_for_readers_is_404(reports: Path, path: str) -> None:
    (reports / "secret.csv").write_text("secret")
    (reports / "2026-W46" / "link.csv").symlink_to(reports / "secret.csv")
    (reports / "2026-W46" / ".hidden.csv").write_text("secret")
    answer = client(reports).get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_no_report_yet_is_a_page(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nothing"):
        answer = client(folder).get("/")
        assert answer.status_code == 200
        assert "No report has been published yet" in answer.text


def test_a_report_that_cannot_be_read_hides_nothing_else(reports: Path) -> None:
    (reports / "2026-W46" / "report.json").write_text("{")
    (reports / "2026-W45" / "gates.json").write_text("[1")
    answer = client(reports).get("/")
    assert answer.status_code == 200
    assert "Supported in 2026-W45." in answer.text
    assert "No outcome of the gates was kept" in answer.text


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_hostile_text_stays_text(reports: Path) -> None:
    headline = {"sentence": HOSTILE, "word": HOSTILE, "symbol": HOSTILE, "estimate": HOSTILE}
    claim = {"claim_id": HOSTILE, "where": HOSTILE, "estimate": 1.0, "verdict": HOSTILE}
    row = {"name": HOSTILE, "n": HOSTILE}
    health = {name: [row] for name in ("rows_by_fate", "quarantine", "validation", "files_by_status")}
    publish(reports, "2026-W47", headline=headline, claims=[claim], health=health, run_id=HOSTILE)
    page = client(reports).get("/").text
    tags = Tags()
    tags.feed(page)
    assert [one for tag, one in tags.found if tag == "script"] == [{"src": "static/sort.js", "defer": None}]
    assert not [tag for tag, one in tags.found if tag == "img" or any(name.startswith("on") for name in one)]
    assert not [tag for tag, one in tags.found if "style" in one or tag == "style"]
    assert "&lt;script&gt;" in page


def test_fees_are_shown_only_where_everybody_may_see_them(reports: Path) -> None:
    from tier_reports.app import create_app

    shared = publish(reports / "2026-W46", "2026-W46", headline={"sentence": "Without fees."})
    shared.rename(reports / "2026-W46" / "shared")
    (reports / "2026-W46" / "costs.csv").write_text("fee\n100\n")
    (reports / "2026-W46" / "shared" / "report.html").write_text("without fees")
    closed = client(reports)
    page = closed.get("/").text
    assert "Without fees." in page
    assert "costs.csv" not in page
    assert "✓ open" in page
    assert closed.get("/2026-W46/report.html").text == "without fees"
    for path in ("costs.csv", "../2026-W46/costs.csv", "shared/report.html"):
        assert closed.get(f"/2026-W46/{path}").status_code == 404
    opened = TestClient(create_app(reports, everybody, shows_fees=True))
    assert "costs.csv" in opened.get("/").text
    assert opened.get("/2026-W46/costs.csv").status_code == 200


def test_mail_addresses_are_not_shown(reports: Path) -> None:
    page = client(reports).get("/").text
    assert "ann@" not in page
    assert "a…@brand.example" in page


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_closed(reports: Path, path: str) -> None:
    headers = client(reports).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'self'" in policy
    assert "base-uri 'none'" in policy
    scripts = next((part for part in policy.split("; ") if part.startswith("script-src")), "")
    assert "unsafe" not in scripts
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_report_may_run_the_products_own_script_only(reports: Path) -> None:
    policy = client(reports).get("/2026-W46/report.html").headers["Content-Security-Policy"]
    allowed = set(re.findall(r"sha256-([^']+)", policy))
    own = [path.read_text("utf-8") for path in (RESOURCES / "creator_tiers/report/templates").glob("*.js")]
    digests = {base64.b64encode(hashlib.sha256(text.rstrip().encode()).digest()).decode() for text in own}
    assert digests <= allowed
    assert len(allowed) <= 2 * len(own)


def test_a_line_never_crosses_a_change_of_definitions_or_a_missing_week(tmp_path: Path) -> None:
    from tier_reports.archive import Archive
    from tier_reports.history import multiples

    for week, version in (("W40", "1"), ("W41", "1"), ("W43", "1"), ("W44", "2"), ("W45", "2")):
        publish(tmp_path, f"2026-{week}", definitions_version=version)
    (one,) = multiples(Archive(tmp_path).reports())
    assert [len(line.split()) for line in one.lines] == [2, 1, 2]
    assert len(one.points) == 5
    assert len(one.breaks) == 1
    assert one.points[2].x < one.breaks[0] < one.points[3].x
    assert one.finding == "2026-W45: 1.38, 1.20 to 1.60, supported"


def test_the_guard_asks_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    from tier_reports import guard

    class Manager:
        answer: Any = True

        def is_authorized_dag(self, *, method: str, details: Any, user: Any) -> Any:
            assert (method, details.id, user) == ("GET", "publish_tier_report", "user")
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

    manager = Manager()
    monkeypatch.setattr(guard, "get_auth_manager", lambda: manager)
    guard.may_read_reports("user")  # type: ignore[arg-type]
    for refused in (False, None, "yes", RuntimeError("away")):
        manager.answer = refused
        with pytest.raises(HTTPException) as caught:
            guard.may_read_reports("user")  # type: ignore[arg-type]
        assert caught.value.status_code == 403
