"""The page printed: a PDF where there is a browser, a warning where it breaks, nothing half."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from creator_tiers.report import pdf
from tests.report.conftest import Rendered

pytestmark = pytest.mark.browser


@pytest.mark.skipif(
    not any(map(shutil.which, pdf.BROWSERS)), reason="no chromium here: apt-get install chromium"
)
def test_the_page_is_printed(planted: Rendered, tmp_path: Path) -> None:
    assert pdf.print_pdf(planted[1].html, tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    time.sleep(1.1)  # the browser writes the second
    elsewhere = shutil.copy(planted[1].html, tmp_path / "page.html")
    assert pdf.print_pdf(Path(elsewhere), tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == content
    assert content.startswith(b"%PDF-")
    assert b"file://" not in content
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") > 2


@pytest.mark.parametrize("browser", [None, "/bin/false"])
def test_a_browser_that_is_missing_or_broken_costs_no_report(
    browser: str | None, planted: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: browser)
    assert not pdf.print_pdf(planted[1].html, tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())
