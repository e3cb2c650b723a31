"""The report's rows as CSV files that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields

from creator_tiers.hygiene import spreadsheet_cell
from creator_tiers.report.claims import Claim
from creator_tiers.report.model import ReportModel
from creator_tiers.report.platforms import Pair

FILE_NAMES = (
    "comparison.csv",
    "claims.csv",
    "creators_per_tier.csv",
    "quarantine.csv",
    "validation.csv",
    "files_to_look_at.csv",
)
"""Every report has all of them."""

ATTACHED = FILE_NAMES[:3]
"""The files that go with the mail; the others stay in the folder."""

_NOT_IN_CSV = {"where", "measure", "claimed_text"}


def csv_files(model: ReportModel) -> dict[str, str]:
    """File name to content (UTF-8, comma, CRLF, header first; NULL is an empty cell)."""
    health = model.health
    means = sorted({name for row in model.tiers for name in row.means})
    return {
        "comparison.csv": _csv(_names(Pair), (asdict(pair) for pair in model.comparison)),
        "claims.csv": _csv(_names(Claim), (asdict(claim) for claim in model.claims)),
        "creators_per_tier.csv": _csv(
            ("platform", "kind_group", "tier", "creators", "posts", *means),
            (asdict(row) | row.means for row in model.tiers),
        ),
        "quarantine.csv": _csv(("rule", "rows"), ({"rule": c.name, "rows": c.n} for c in health.quarantine)),
        "validation.csv": _csv(
            ("expectation", "severity", "outcome", "n"), (asdict(item) for item in health.expectations)
        ),
        "files_to_look_at.csv": _csv(
            ("path", "status", "rows_rejected", "message"), (asdict(file) for file in health.troubled)
        ),
    }


def _names(record: type[Pair] | type[Claim]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record) if field.name not in _NOT_IN_CSV)


def _csv(names: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: spreadsheet_cell(row.get(name)) for name in names} for row in rows)
    return buffer.getvalue()
