"""What the gates demand of a draft by the settings, and what a person who approves it is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from creator_tiers.publishing.drafts import draft_folder
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    from creator_tiers.report.gates import GatePolicy
    from creator_tiers.report.model import ReportModel

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")


def gate_policy(settings: Settings, week: Week) -> GatePolicy:
    """What is demanded of a week's draft: expected exports that came or are waived, and the share of the quarantine.

    Raises:
        ConfigurationError: the list of what is expected cannot be used.
        FileNotFoundError: there is no draft.
    """
    from pyarrow import feather

    from creator_tiers.freshness import overdue, read_expected
    from creator_tiers.report.gates import GatePolicy

    files = feather.read_table(str(draft_folder(settings, week) / "inputs" / "files.arrow"), memory_map=False)
    return GatePolicy(
        overdue=overdue(read_expected(settings).exports, files, week.ends_at),
        max_rejected_share=settings.most_rejected,
    )


def summarise(settings: Settings, model: ReportModel) -> str:
    """A draft in a few lines of Markdown: what it says, to whom it goes, where it is. Foreign text stays text."""
    health = model.health
    read = f"{health.files:,} files, {health.rows_read:,} rows read"
    lines = [
        f"**{_text(model.headline.sentence)}**",
        *(f"* {_text(change)}" for change in model.changes),
        f"* Data: {read}; {health.troubled_files:,} files need a look.",
        f"* It goes to {len(settings.recipients):,} recipients.",
        f"* Draft: `reports/.drafts/{model.week.label}/report.html` in the home. Run id {_text(model.run_id)}.",
    ]
    return "\n\n".join([lines[0], "\n".join(lines[1:])])


def _text(foreign: str) -> str:
    return _MARKUP.sub(r"\\\1", foreign)
