"""The steps of a week's report, in the order in which they run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import GateClosedError, TransientError
from creator_tiers.publishing.drafts import draft_folder, drafted, keep, publish
from creator_tiers.publishing.inputs import read_inputs
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    from creator_tiers.report.smtp import Sender

log = logging.getLogger(__name__)

Facts = dict[str, Any]
"""Small and JSON-able: what one task tells the next."""

_SCHEMES = "SELECT DISTINCT scheme FROM seeds.tiers ORDER BY scheme"
_CAMPAIGNS = (
    "SELECT * FROM marts.campaign_conversions ORDER BY campaign_key, account_key",
    "SELECT * FROM core.placements ORDER BY campaign_key, account_key",
    "SELECT * FROM core.campaigns ORDER BY campaign_key",
)


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
    """Write a week's tier comparison and claim verdicts, in the place of those that are there.

    Returns:
        `week, posts` (that could be compared), `comparisons, claims` (rows written), `is_changed`.

    Raises:
        WarehouseBusyError: another process writes the warehouse; try again.
        WarehouseError: nothing has been built yet, or the warehouse cannot be used.
    """
    from creator_tiers.comparison import (
        ClaimInputs,
        claim_sensitivity,
        compare_tiers,
        judge_claims,
        mark_fragile,
        placements_of,
    )
    from creator_tiers.warehouse import comparison_posts, open_reader, write_claims, write_comparison

    with open_reader(settings) as reader:
        names = [one["scheme"] for one in reader.read(_SCHEMES).to_pylist()]
        schemes = {name: comparison_posts(reader, week, settings, name) for name in names}
        posts = schemes.get(settings.tier_scheme) or comparison_posts(reader, week, settings)
        campaigns = [reader.read(query) for query in _CAMPAIGNS]
    comparison = compare_tiers(posts, week, settings.tier_scheme)
    claims = judge_claims(comparison, week, inputs=ClaimInputs(posts, *campaigns))
    placements = placements_of(week, *campaigns)
    claims = mark_fragile(claims, claim_sensitivity(week, schemes, settings.tier_scheme, placements))
    is_changed = write_comparison(settings, week, comparison)
    is_changed = write_claims(settings, week, claims) or is_changed
    return {
        "week": week.label,
        "posts": posts.num_rows,
        "comparisons": comparison.num_rows,
        "claims": claims.num_rows,
        "is_changed": is_changed,
    }


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
    keep(inputs, draft / "inputs")
    model = build_model(inputs)
    render_files(model, draft)
    return {"week": week.label, "run_id": model.run_id, "draft": str(draft)}


def check_gates(settings: Settings, week: Week) -> Facts:
    """Hold a week's draft against every gate.

    Returns:
        `week, gates` (how many are open: all).

    Raises:
        GateClosedError: the report may not be sent; the reasons say why.
        ContractError: there is no draft.
    """
    from creator_tiers.report.gates import check_gates as check

    model, files = drafted(settings, week)
    results = check(model, files)
    closed = [f"{result.gate}: {result.message}" for result in results if not result.passed]
    if closed:
        raise GateClosedError(closed)
    return {"week": week.label, "gates": len(results)}


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
    from creator_tiers.report.message import parse_mailbox
    from creator_tiers.report.smtp import airflow_sender

    model, draft = drafted(settings, week)
    files = publish(draft, settings.reports / week.label)
    if sender is None and settings.recipients:
        sender = airflow_sender(settings.smtp_connection, parse_mailbox(settings.sender).address)
    delivery = send(model, files, settings, sender)
    _record(settings, delivery.rows)
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
    check_gates(settings, week)
    facts = deliver(settings, week, sender)
    return PublishResult(facts["week"], Path(facts["report"]), facts["headline"], facts["summary"])


def _record(settings: Settings, rows: tuple[Any, ...]) -> None:
    import pyarrow as pa

    from creator_tiers.warehouse import record_deliveries

    if not rows:
        return
    names = ("report_id", "recipient", "state", "message_id", "sent_at")
    record_deliveries(settings, pa.table({name: [getattr(row, name) for row in rows] for name in names}))
