"""A report from the sample exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import clock


def sample(_home: Path, _file: str) -> dict[str, Any]:
    """The sample exports, ingested, built and compared; says which week may be reported."""
    from creator_tiers.ingestion import ingest, plan
    from creator_tiers.publishing import build_warehouse, compare
    from creator_tiers.samples import write_samples
    from creator_tiers.samples.generate import DEFAULT_UNTIL
    from creator_tiers.settings import load_settings

    settings = load_settings()
    write_samples(settings.landing)
    for batch in plan(settings):
        ingest(settings, batch)
    build_warehouse(settings)
    compare(settings, DEFAULT_UNTIL)
    return {"week": DEFAULT_UNTIL.label}


def report(_home: Path, week: str) -> dict[str, Any]:
    """Page, mail with its pictures, text, JSON, CSV files, each also without fees: from the marts, with all imports."""
    from datetime import UTC, datetime

    from creator_tiers.publishing import render
    from creator_tiers.publishing.drafts import drafted
    from creator_tiers.report.message import build_message
    from creator_tiers.settings import load_settings
    from creator_tiers.weeks import Week

    settings = load_settings()
    reported = Week.parse(week, settings.zone)
    render(settings, reported)
    model, files = drafted(settings, reported)
    mail = build_message(model, files, settings.sender, ["a@example.org"], datetime.now(UTC), None)
    clock.end()
    return {"page": files.html.stat().st_size, "mail": len(mail.as_bytes()), "csv": len(files.csvs)}


def pdf(home: Path, week: str) -> dict[str, Any]:
    """The page that `report` wrote, printed by the browser."""
    from creator_tiers.publishing.drafts import draft_folder
    from creator_tiers.report.pdf import print_pdf
    from creator_tiers.settings import load_settings
    from creator_tiers.weeks import Week

    settings, target = load_settings(), home / "report.pdf"
    draft = draft_folder(settings, Week.parse(week, settings.zone))
    is_printed = print_pdf(draft / "report.html", target)
    clock.end()
    return {"is_printed": is_printed}
