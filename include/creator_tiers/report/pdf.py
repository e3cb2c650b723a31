"""The web page as a PDF, printed by a headless Chromium where there is one."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from creator_tiers.report.render import write_whole

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60
"""How long a browser may take."""

_PRINTED_AT = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}\+00'00'")
"""Replaced by as many bytes, because a PDF counts them."""

_BESIDE = re.compile(r' href="(?!#|https?:|mailto:)[^"]*"')
"""Links to files beside the page: a PDF would keep them with the folder that it was printed in."""

_log = logging.getLogger(__name__)


def print_pdf(page: Path, target: Path) -> bool:
    """Print a page with its print style; whether it could be done.

    A report is whole without its PDF: a browser that is missing, slow or broken costs a warning, no report. The file
    does not tell when it was printed: equal pages give equal files, unless a busy browser orders their parts otherwise.

    Args:
        page: `report.html`; it loads nothing from elsewhere.
        target: where the PDF goes, whole or not at all.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        made, copy = Path(folder) / "report.pdf", Path(folder) / "report.html"
        copy.write_text(_BESIDE.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
        command = [
            browser, "--headless", *_as_root(), "--disable-gpu", "--no-first-run", "--disable-background-networking",
            f"--user-data-dir={folder}/profile", "--no-pdf-header-footer", f"--print-to-pdf={made}", copy.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)  # noqa: S603 - a browser by name
            content = made.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            _log.warning("%s could not be printed: %s", page, error)
            return False
    write_whole(target, _PRINTED_AT.sub(rb"\g<1>19700101000000+00'00'", content))
    return True


def _as_root() -> tuple[str, ...]:
    """Chromium refuses to start as root with its sandbox."""
    return ("--no-sandbox",) if os.getuid() == 0 else ()
