"""The report's page, by axe-core in a real browser: structure, names, contrast."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browsing import CHROMIUM, NO_CHROMIUM, chromium, violations
from tests.report.conftest import Rendered

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["planted", "hostile", "nothing"])
def test_axe_finds_nothing_wrong(which: str, scheme: Any, request: pytest.FixtureRequest) -> None:
    rendered: Rendered = request.getfixturevalue(which)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 900, "height": 1200}, color_scheme=scheme)
        page.goto(rendered[1].html.as_uri())
        assert violations(page) == []


def test_axe_finds_what_is_wrong() -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(
            "<html><body><main><h1>x</h1><p>y</p><ul><li>z</li></ul><table><tr><th>a</th><td>b</td></tr></table>"
            "<a href='#x'>c</a><img src='x.png'><input></main></body></html>"
        )
        assert {rule for rule, _, _ in violations(page)} >= {"image-alt", "label", "html-has-lang"}
