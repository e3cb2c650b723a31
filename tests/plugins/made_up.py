"""A folder of published reports, small and partly hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def publish(reports: Path, week: str, **changes: Any) -> Path:
    """Write a week's report; `changes` go over its model."""
    model: dict[str, Any] = {
        "report_id": f"tier-report-{week}",
        "run_id": f"{week}-0123456789",
        "definitions_version": "1",
        "scheme": "article",
        "headline": {"sentence": f"Supported in {week}.", "word": "supported", "symbol": "✓", "estimate": 1.38},
        "claims": [
            {
                "claim_id": "C1", "where": "Instagram feed posts", "estimate": 1.38, "ci_low": 1.2, "ci_high": 1.6,
                "verdict": "supported",
            },
            {"claim_id": "C4", "where": "all", "estimate": None, "ci_low": None, "ci_high": None, "verdict": "x"},
        ],
        "health": {
            "rows_by_fate": [{"name": "loaded", "n": 12}],
            "quarantine": [{"name": "bad_cell", "n": 3}, {"name": "bad_date", "n": 20}],
            "validation": [{"name": "passed", "n": 9}],
            "files_by_status": [{"name": "loaded", "n": 4}],
        },
    } | changes  # fmt: skip
    folder = reports / week
    (folder / "charts").mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(model))
    (folder / "report.html").write_text(
        "<!DOCTYPE html><html lang='en'><title>r</title><h1>The report</h1></html>"
    )
    (folder / "report.txt").write_text("the report")
    (folder / "report.eml").write_text("To: ann@brand.example")
    (folder / "comparison.csv").write_text("platform,estimate\ninstagram,1.38\n")
    (folder / "charts" / "instagram.png").write_bytes(b"\x89PNG")
    gates = [{"gate": "freshness", "passed": True, "message": "good"}]
    (folder / "gates.json").write_text(json.dumps({"gates": gates}))
    mail = {"recipient": "ann@brand.example", "state": "sent", "message_id": "<a@b>", "sent_at": "2026-11-16"}
    (folder / "deliveries.json").write_text(json.dumps({"deliveries": [mail]}))
    return folder
