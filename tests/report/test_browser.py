"""The page in a real browser: it fits a phone, pictures load, texts have enough contrast, light and dark."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.report.render import content_id, render_mail_html
from tests.report.conftest import Rendered

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MEASURE = """
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const surface = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = numbers(view.getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT), poor = [];
  let seen = 0;
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement, style = view.getComputedStyle(node);
    if (!texts.currentNode.data.trim() || !node.offsetParent) continue;
    seen += 1;
    const pair = [light(numbers(style.color)), light(surface(node))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push([texts.currentNode.data.trim().slice(0, 40), ratio]);
  }
  const verdict = page.querySelector(".sentence").getBoundingClientRect().bottom;
  document.title = "done";
  document.body.append(Object.assign(document.createElement("pre"), {id: "found", textContent: JSON.stringify({
    seen, poor, verdict, wide: page.documentElement.scrollWidth,
    page: view.getComputedStyle(page.querySelector(".page")).backgroundColor,
    pictures: [...page.images].map((image) => image.complete && image.naturalWidth),
    scripts: page.scripts.length, title: page.title,
  })}));
});
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.parametrize("width", [360, 600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["planted", "hostile", "nothing"])
def test_the_page_fits_and_can_be_read(
    which: str, scheme: str, width: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rendered: Rendered = request.getfixturevalue(which)
    model, files = rendered
    found = measured(files.html, width, scheme, tmp_path)
    assert found["poor"] == []
    assert found["seen"] > 30
    assert found["wide"] <= width
    assert found["verdict"] <= 640
    assert found["pictures"] == [1120] * len(files.charts)
    assert found["scripts"] == 1
    assert found["title"] == f"Creator Tiers 2026-W46: {model.headline.word}"
    assert found["page"] == ("rgb(14, 19, 25)" if scheme == "dark" else "rgb(242, 244, 247)")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.parametrize("width", [360, 600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mail_fits_and_can_be_read(
    scheme: str, width: int, planted: Rendered, hostile: Rendered, tmp_path: Path
) -> None:
    for number, (model, files) in enumerate((planted, hostile)):
        html = render_mail_html(model)
        for platform in model.platforms:
            if platform.chart is not None:
                html = html.replace(
                    f"cid:{content_id(platform.chart)}", (files.folder / platform.chart.file).as_uri()
                )
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mail.html").write_text(html, encoding="utf-8")
        found = measured(folder / "mail.html", width, scheme, folder)
        assert found["poor"] == []
        assert found["wide"] <= width
        assert found["verdict"] <= 640
        assert found["pictures"] == [1120] * len(files.charts)
        assert found["scripts"] == 0


def measured(page: Path, width: int, scheme: str, folder: Path) -> dict[str, Any]:
    """What the browser says of the page in a frame of this width (its own window is never that narrow)."""
    frame = folder / "frame.html"
    frame.write_text(
        f'<!DOCTYPE html><iframe src="{page.as_uri()}" style="width:{width}px;height:800px;border:0"></iframe>'
        f"<script>{MEASURE}</script>",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars",
            "--allow-file-access-from-files", "--virtual-time-budget=10000",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}", "--dump-dom", frame.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:]
    result: dict[str, Any] = json.loads(unescape(found[1]))
    return result
