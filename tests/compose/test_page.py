"""The page of the reports in Airflow's own server, under `/` and under a sub-path: who gets it, that links work."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from tests.compose.shapes import WEEK, Ran

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800), pytest.mark.xdist_group("compose")]

PAGE = "/tier-reports/"


class Links(HTMLParser):
    """What a page loads and leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("href", "src") and value}


@pytest.mark.parametrize(
    "path", [PAGE, f"{PAGE}{WEEK}/report.html", f"{PAGE}static/page.css", f"{PAGE}no/such"]
)
def test_nobody_without_a_login_gets_anything(ran: Ran, path: str) -> None:
    status, text = ran.stack.page(path, token=None)
    assert status == 401
    assert WEEK not in text


def test_with_a_login_there_is_the_report_and_every_link_works(ran: Ran) -> None:
    visited: dict[str, int] = {}
    for page in (PAGE, f"{PAGE}{WEEK}/"):
        status, text = ran.stack.page(page)
        assert status == 200
        assert WEEK in text
        links = Links()
        links.feed(text)
        assert len(links.found) > 10
        for link in links.found:
            assert not link.startswith(("/", "http")), f"{link} leaves the sub-path"
            path = urlsplit(urljoin(page, link)).path
            assert path.startswith(PAGE)
            visited[path] = visited.get(path) or ran.stack.page(path)[0]
    assert {f"{PAGE}{WEEK}/report.html", f"{PAGE}{WEEK}/report.json", f"{PAGE}static/page.css"} <= set(
        visited
    )
    assert set(visited.values()) == {200}, visited
    assert ran.stack.page(f"{PAGE}2026-W01/")[0] == 404


def test_a_user_without_the_right_is_refused(ran: Ran) -> None:
    if ran.shape != "plain":
        pytest.skip("the same in each shape")
    stack = ran.stack
    stack.run(
        "airflow-api-server", "airflow", "users", "create", "--username", "guest", "--role", "Public",
        "--firstname", "A", "--lastname", "Guest", "--email", "guest@example.com", "--password", "guest-of-a-test",
    )  # fmt: skip
    status, text = stack.page(PAGE, token=stack.login("guest", "guest-of-a-test"))
    assert status == 403
    assert WEEK not in text
