"""The steps of a week's report, in the order in which they run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import GateClosedError, TransientError
from creator_tiers.publishing.drafts import draft_folder, drafted, keep, keep_gates, publish
from creator_tiers.publishing.gating import gate_policy, summarise
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
        `week, gates` (how many are open: all), `summary` (of the draft, Markdown).

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
    return {"week": week.label, "gates": len(results), "summary": summarise(settings, model)}


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

    model, draft = drafted(settings, week)
    files = publish(draft, settings.reports / week.label)
    if sender is None and settings.recipients:
        sender = configured_sender(settings)
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
    check_gates(settings, week, sender)
    facts = deliver(settings, week, sender)
    return PublishResult(facts["week"], Path(facts["report"]), facts["headline"], facts["summary"])


def configured_sender(settings: Settings) -> Sender | None:
    """A sender over the Airflow connection of the settings; None when there is none."""
    from creator_tiers.report.message import parse_mailbox
    from creator_tiers.report.smtp import airflow_sender

    return airflow_sender(settings.smtp_connection, parse_mailbox(settings.sender).address)


def _tell_owner(settings: Settings, week: Week, closed: list[str], sender: Sender | None) -> str:
    """Tell the owner; trouble with that must not hide why the report was held back."""
    from creator_tiers.report.notices import tell_owner

    if sender is None and settings.owner:
        sender = configured_sender(settings)
    try:
        return tell_owner(
            settings,
            f"held-back-{week.label}",
            f"Creator Tiers {week.label}: the report was held back",
            closed,
            f"mend the data or waive it in {settings.expected_exports.name}, run ingest_exports, then clear "
            "publish_tier_report from `compare`. Nothing was sent to the audience.",
            sender,
        )
    except (OSError, ValueError) as error:
        return f"The owner could not be told: {error}"


def _record(settings: Settings, rows: tuple[Any, ...]) -> None:
    import pyarrow as pa

    from creator_tiers.warehouse import record_deliveries

    if not rows:
        return
    names = ("report_id", "recipient", "state", "message_id", "sent_at")
    record_deliveries(settings, pa.table({name: [getattr(row, name) for row in rows] for name in names}))
