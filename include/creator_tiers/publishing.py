"""A week's report, from the marts to the mail, in steps that each can be run again.

`compare` writes the week's comparison, `render` makes the files as a draft, `check_gates` holds the draft against the
gates, `deliver` publishes and sends it. The draft keeps the rows that it was made from, so that the last two steps
speak of the same report whatever is built meanwhile. `publish_week` is all four.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import ContractError, GateClosedError, TransientError
from creator_tiers.settings import Settings
from creator_tiers.tables import table
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.report.inputs import ReportInputs
    from creator_tiers.report.model import ReportModel
    from creator_tiers.report.render import ReportFiles
    from creator_tiers.report.smtp import Sender
    from creator_tiers.warehouse import Reader

log = logging.getLogger(__name__)

Facts = dict[str, Any]
"""Small and JSON-able: what one task tells the next."""

_SCHEMES = "SELECT DISTINCT scheme FROM seeds.tiers ORDER BY scheme"
_CAMPAIGNS = (
    "SELECT * FROM marts.campaign_conversions ORDER BY campaign_key, account_key",
    "SELECT * FROM core.placements ORDER BY campaign_key, account_key",
    "SELECT * FROM core.campaigns ORDER BY campaign_key",
)
_FILES = "SELECT * FROM ops.export_files ORDER BY load_key"
_REJECTED = """
    SELECT rejected.rule, count(*) AS rows
    FROM ops.rejected_rows AS rejected
    INNER JOIN ops.export_files AS files ON rejected.load_key = files.load_key
    WHERE rejected.resolved_at IS NULL AND coalesce(files.observed_at, files.loaded_at) < $as_of
    GROUP BY rejected.rule
    ORDER BY rejected.rule
"""
_VALIDATION = """
    SELECT results.expectation, results.severity, results.outcome, count(*) AS n
    FROM ops.validation_results AS results
    INNER JOIN ops.export_files AS files ON results.load_key = files.load_key
    WHERE files.status IN ('loaded', 'partial') AND coalesce(files.observed_at, files.loaded_at) < $as_of
    GROUP BY results.expectation, results.severity, results.outcome
    ORDER BY results.expectation, results.severity, results.outcome
"""


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
        inputs = _read_inputs(reader, settings, week)
    draft = _draft(settings, week)
    _keep(inputs, draft / "inputs")
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

    model, files = _drafted(settings, week)
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

    model, draft = _drafted(settings, week)
    files = _publish(draft, settings.reports / week.label)
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


def _read_inputs(reader: Reader, settings: Settings, week: Week) -> ReportInputs:
    from creator_tiers.report import ReportInputs
    from creator_tiers.warehouse import comparison_posts

    as_of = {"as_of": week.ends_at}
    return ReportInputs(
        week=week,
        as_of=week.ends_at,
        comparison=_rows_of_week(reader, "marts.tier_comparison", week),
        previous=_rows_of_week(reader, "marts.tier_comparison", week.shift(-1)),
        claims=_rows_of_week(reader, "marts.claim_verdicts", week),
        creators_per_tier=_creators_per_tier(comparison_posts(reader, week, settings)),
        files=reader.read(_FILES),
        rejected=reader.read(_REJECTED, as_of),
        validation=reader.read(_VALIDATION, as_of),
        engine=reader.engine,
        scheme=settings.tier_scheme,
        window_days=settings.comparison_window.days,
    )


def _rows_of_week(reader: Reader, name: str, week: Week) -> pa.Table:
    mart = table(name)
    query = f"SELECT * FROM {mart.full_name} WHERE week_start = $week ORDER BY {', '.join(mart.key)}"
    return reader.read(query, {"week": week.monday})


def _creators_per_tier(posts: pa.Table) -> pa.Table:
    """Creators, posts and mean settled rates of the compared posts, by platform, kind group and tier."""
    import pyarrow.compute as pc

    keys = ["platform", "kind_group", "tier"]
    rates = ["er_followers", "er_reach", "er_views"]
    wanted = [
        ("creator_key", "count_distinct"),
        ("post_key", "count"),
        *((f"{one}_settled", "mean") for one in rates),
    ]
    tiered = posts.filter(pc.is_valid(posts["tier"]))
    grouped = tiered.group_by(keys, use_threads=False).aggregate(wanted)
    names = {"creator_key_count_distinct": "creators", "post_key_count": "posts"}
    names |= {f"{one}_settled_mean": f"mean_{one}" for one in rates}
    return grouped.rename_columns([names.get(name, name) for name in grouped.column_names]).sort_by(
        [(key, "ascending") for key in keys]
    )


_TABLES = ("comparison", "previous", "claims", "creators_per_tier", "files", "rejected", "validation")


def _draft(settings: Settings, week: Week) -> Path:
    return settings.reports / ".drafts" / week.label


def _keep(inputs: ReportInputs, folder: Path) -> None:
    from pyarrow import feather

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "facts.json").unlink(missing_ok=True)
    for name in _TABLES:
        feather.write_feather(
            getattr(inputs, name), str(folder / f"{name}.arrow"), compression="uncompressed"
        )
    facts = {
        "week": inputs.week.label,
        "engine": inputs.engine,
        "scheme": inputs.scheme,
        "window_days": inputs.window_days,
    }
    (folder / "facts.json").write_text(json.dumps(facts))


def _kept(settings: Settings, folder: Path) -> ReportInputs:
    from pyarrow import feather

    from creator_tiers.report import ReportInputs

    facts = json.loads((folder / "facts.json").read_text())
    week = parse_week(settings, facts)
    tables = {name: feather.read_table(str(folder / f"{name}.arrow"), memory_map=False) for name in _TABLES}
    return ReportInputs(
        week=week,
        as_of=week.ends_at,
        engine=facts["engine"],
        scheme=facts["scheme"],
        window_days=facts["window_days"],
        **tables,
    )


def _drafted(settings: Settings, week: Week) -> tuple[ReportModel, ReportFiles]:
    from creator_tiers.report import build_model
    from creator_tiers.report.csv_files import csv_files
    from creator_tiers.report.render import ReportFiles

    draft = _draft(settings, week)
    try:
        model = build_model(_kept(settings, draft / "inputs"))
    except FileNotFoundError as error:
        raise ContractError(
            f"There is no draft of {week.label}: clear the task `render` ({error})"
        ) from error
    charts = (platform.chart for platform in model.platforms)
    return model, ReportFiles(
        folder=draft,
        html=draft / "report.html",
        text=draft / "report.txt",
        json=draft / "report.json",
        charts=tuple(draft / chart.file for chart in charts if chart is not None),
        csvs=tuple(draft / name for name in csv_files(model)),
    )


def _publish(draft: ReportFiles, folder: Path) -> ReportFiles:
    """Copy a draft's files, each whole or not at all; the page comes last. Charts of an earlier report go."""
    from creator_tiers.report.render import ReportFiles, write_whole

    def copied(path: Path) -> Path:
        target = folder / path.relative_to(draft.folder)
        write_whole(target, path.read_bytes())
        return target

    charts = tuple(copied(path) for path in draft.charts)
    csvs = tuple(copied(path) for path in draft.csvs)
    for stale in set((folder / "charts").glob("*.png")) - set(charts):
        stale.unlink()
    return ReportFiles(
        folder=folder,
        json=copied(draft.json),
        text=copied(draft.text),
        html=copied(draft.html),
        charts=charts,
        csvs=csvs,
    )


def _record(settings: Settings, rows: tuple[Any, ...]) -> None:
    import pyarrow as pa

    from creator_tiers.warehouse import record_deliveries

    if not rows:
        return
    names = ("report_id", "recipient", "state", "message_id", "sent_at")
    record_deliveries(settings, pa.table({name: [getattr(row, name) for row in rows] for name in names}))
