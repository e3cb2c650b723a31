"""The steps of a week's report, in the order in which they run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import GateClosedError, NothingYetError, TransientError
from creator_tiers.publishing.comparing import compare_week
from creator_tiers.publishing.drafts import draft_folder, drafted, keep, keep_deliveries, keep_gates, publish
from creator_tiers.publishing.gating import gate_policy, summarise
from creator_tiers.publishing.inputs import read_inputs
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    from creator_tiers.report.outbox import OutboxRow
    from creator_tiers.report.smtp import Sender

log = logging.getLogger(__name__)

Facts = dict[str, Any]
"""Small and JSON-able: what one task tells the next."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """A published report: its week (`2026-W46`), its page, its headline, what became of the delivery."""

    week: str
    report: Path
    headline: str
    summary: str


def build_warehouse(settings: Settings, progress: Callable[[int, int, str], None] | None = None) -> Facts:
    """Bring the warehouse up to date with the lake; returns the build's counts (`warehouse.build.BuildReport`)."""
    from creator_tiers.warehouse.build import build

    return asdict(build(settings, progress))


def parse_week(settings: Settings, facts: Facts) -> Week:
    """The week of an earlier step's answer."""
    return Week.parse(facts["week"], settings.zone)


def compare(settings: Settings, week: Week) -> Facts:
    """Write the tables that a week's report rests on, in the place of those that are there.

    Returns:
        `week, posts` (that could be compared), `comparisons, claims` (rows written), `is_changed`.

    Raises:
        NothingYetError: no export was ever read here.
        TransientError: another process writes the warehouse, or the first build has not ended; try again.
        WarehouseError: the warehouse cannot be used.
    """
    from creator_tiers.warehouse import NothingPublishedError

    try:
        return {"week": week.label, **compare_week(settings, week)}
    except NothingPublishedError as error:
        reason = _why_nothing(settings, error)
        if reason is None:
            raise
        raise reason from error


def render(settings: Settings, week: Week) -> Facts:
    """Make a week's report files, and keep the rows they were made from, as a draft.

    Returns:
        `week, run_id, draft` (the folder).

    Raises:
        WarehouseError: nothing has been built yet, or the warehouse cannot be used.
    """
    from creator_tiers.report import build_model
    from creator_tiers.report.render import render as render_files
    from creator_tiers.warehouse import open_reader

    with open_reader(settings) as reader:
        inputs = read_inputs(reader, settings, week)
    draft = draft_folder(settings, week)
    (draft / "gates.json").unlink(missing_ok=True)
    keep(inputs, draft / "inputs")
    model = build_model(inputs)
    render_files(model, draft)
    return {"week": week.label, "run_id": model.run_id, "draft": str(draft)}


def check_gates(settings: Settings, week: Week, sender: Sender | None = None) -> Facts:
    """Hold a week's draft against every gate; when one is closed, tell the owner why, once.

    Args:
        settings: what is expected, the owner.
        week: the week; its draft has been rendered.
        sender: sends a message; the Airflow connection of the settings when None.

    Returns:
        `week, gates` (how many are open: all), `draft` (its page), `summary` (of the draft, Markdown).

    Raises:
        GateClosedError: the report may not be sent; the reasons say why.
        ContractError: there is no draft.
    """
    from creator_tiers.report.gates import check_gates as check

    model, files = drafted(settings, week)
    results = check(model, files, gate_policy(settings, week))
    keep_gates(files.folder, results)
    closed = [f"{result.gate}: {result.message}" for result in results if not result.passed]
    if closed:
        log.warning("%s", _tell_owner(settings, week, closed, sender))
        raise GateClosedError(closed)
    return {
        "week": week.label,
        "gates": len(results),
        "draft": str(files.html),
        "summary": summarise(settings, model),
    }


def deliver(settings: Settings, week: Week, sender: Sender | None = None) -> Facts:
    """Publish a week's draft in `reports/<week>/` and send it, once to each recipient.

    Args:
        settings: recipients, From address, the Airflow connection that sends.
        week: the week; its draft has passed the gates.
        sender: sends a message; the Airflow connection of the settings when None.

    Returns:
        `week, report` (the page), `headline, summary` (of the delivery), `sent` (recipients now), `run_id`.

    Raises:
        TransientError: a recipient's server refused or could not be reached; try again.
        ContractError: there is no draft.
    """
    from creator_tiers.report.delivery import deliver as send
    from creator_tiers.report.smtp import configured_sender

    model, draft = drafted(settings, week)
    files = publish(draft, settings.reports / week.label)
    if sender is None and settings.recipients:
        sender = configured_sender(settings)
    delivery = send(model, files, settings, sender)
    record(settings, delivery.rows)
    keep_deliveries(files.folder, delivery.rows)
    if delivery.failed:
        raise TransientError(delivery.summary)
    if delivery.in_doubt:
        log.warning("%s", delivery.summary)
    return {
        "week": week.label,
        "report": str(files.html),
        "headline": model.headline.sentence,
        "summary": delivery.summary,
        "sent": len(delivery.sent_now),
        "run_id": model.run_id,
    }


def publish_week(settings: Settings, week: Week, sender: Sender | None = None) -> PublishResult:
    """All steps, without Airflow's scheduler in between; raises what they raise."""
    compare(settings, week)
    render(settings, week)
    check_gates(settings, week, sender)
    facts = deliver(settings, week, sender)
    return PublishResult(facts["week"], Path(facts["report"]), facts["headline"], facts["summary"])


def _why_nothing(settings: Settings, error: Exception) -> Exception | None:
    """Whether a warehouse without tables is a beginning or a first build that has not ended; None for a loss."""
    from creator_tiers.lake import open_lake

    if open_lake(settings).manifests():
        return TransientError(
            "The lake has loads, and the warehouse no tables: the first run of build_marts has not ended, or has "
            f"failed, or its tables are gone ({error})"
        )
    if any(settings.reports.glob("*/report.json")):
        return None
    return NothingYetError(
        f"Nothing has been built yet, so there is nothing to report: drop exports into {settings.landing_place}; "
        "ingest_exports reads them every hour, or trigger it. Then trigger publish_tier_report, or wait for Monday"
    )


def _tell_owner(settings: Settings, week: Week, closed: list[str], sender: Sender | None) -> str:
    """Tell the owner; trouble with that must not hide why the report was held back."""
    from creator_tiers.report.notices import inform_owner

    return inform_owner(
        settings,
        f"held-back-{week.label}",
        f"Creator Tiers {week.label}: the report was held back",
        closed,
        f"mend the data or waive it in {settings.expected_exports.name}, run ingest_exports, then clear "
        "publish_tier_report from `compare`. Nothing was sent to the audience.",
        sender,
    )


def record(settings: Settings, rows: Sequence[OutboxRow]) -> None:
    """Copy rows of the outbox to `ops.report_deliveries`.

    Raises:
        WarehouseBusyError: another process writes the warehouse; try again.
    """
    import pyarrow as pa

    from creator_tiers.warehouse import record_deliveries

    if not rows:
        return
    names = ("report_id", "recipient", "state", "message_id", "sent_at")
    record_deliveries(settings, pa.table({name: [getattr(row, name) for row in rows] for name in names}))
