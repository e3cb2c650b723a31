"""A report from the sample exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock


def sample(_home: Path, _file: str) -> dict[str, Any]:
    """The sample exports, ingested, built and compared."""
    from creator_tiers.ingestion import ingest, plan
    from creator_tiers.publishing import build_warehouse, compare
    from creator_tiers.samples import write_samples
    from creator_tiers.settings import load_settings

    settings = load_settings()
    write_samples(settings.landing)
    for batch in plan(settings):
        ingest(settings, batch)
    build_warehouse(settings)
    compare(settings, _week())
    return {}


def report(_home: Path, _file: str) -> dict[str, Any]:
    """Page, mail with its pictures, text, JSON, CSV files, each also without fees: from the marts, with all imports."""
    from datetime import UTC, datetime

    from creator_tiers.publishing import render
    from creator_tiers.publishing.drafts import drafted
    from creator_tiers.report.message import build_message
    from creator_tiers.settings import load_settings

    settings = load_settings()
    render(settings, _week())
    model, files = drafted(settings, _week())
    mail = build_message(model, files, settings.sender, ["a@example.org"], datetime.now(UTC), None)
    clock.end()
    return {"page": files.html.stat().st_size, "mail": len(mail.as_bytes()), "csv": len(files.csvs)}


def pdf(home: Path, _file: str) -> dict[str, Any]:
    """The page that `report` wrote, printed by the browser."""
    from creator_tiers.publishing.drafts import draft_folder
    from creator_tiers.report.pdf import print_pdf
    from creator_tiers.settings import load_settings

    target = home / "report.pdf"
    is_printed = print_pdf(draft_folder(load_settings(), _week()) / "report.html", target)
    clock.end()
    return {"is_printed": is_printed}


def _week() -> Any:
    from creator_tiers.samples.generate import DEFAULT_UNTIL

    return DEFAULT_UNTIL
