"""The page printed: a PDF where there is a browser, a warning where it breaks, nothing half."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from creator_tiers.report import pdf
from tests.report.conftest import Rendered

pytestmark = pytest.mark.browser


@pytest.mark.skipif(
    not any(map(shutil.which, pdf.BROWSERS)), reason="no chromium here: apt-get install chromium"
)
def test_the_page_is_printed(planted: Rendered, tmp_path: Path) -> None:
    """A browser under load may order a file otherwise, so two are not compared byte by byte."""
    assert pdf.print_pdf(planted[1].html, tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert set(re.findall(rb"/(?:CreationDate|ModDate) \(D:(\d+)", content)) == {b"19700101000000"}
    assert b"file://" not in content
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") > 2


@pytest.mark.parametrize("browser", [None, "/bin/false"])
def test_a_browser_that_is_missing_or_broken_costs_no_report(
    browser: str | None, planted: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: browser)
    assert not pdf.print_pdf(planted[1].html, tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())
