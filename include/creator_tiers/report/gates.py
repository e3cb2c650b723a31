"""The gates before sending: a report that is stale, blank, unbalanced or too large goes to nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from creator_tiers.report.csv_files import ATTACHED
from creator_tiers.report.model import ReportModel, without_fees
from creator_tiers.report.render import MOST_HTML, ReportFiles, content_id, render_mail_html
from creator_tiers.report.wording import FORBIDDEN

MOST_MESSAGE = 10 * 1024 * 1024
"""Bytes of pictures and attachments; many mail servers refuse more than 10 MB."""

_INSIDE = ("data:image/png;base64,", "#")
"""What a page may refer to beside its own folder: itself."""

_SOURCE = re.compile(r'(?:src|href)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What is demanded beyond what always holds.

    Attributes:
        overdue: a sentence for each expected export that is missing at as-of and not waived
            (`creator_tiers.freshness.overdue`).
        max_rejected_share: share of the rows read that may lie in quarantine; None: any share.
    """

    overdue: tuple[str, ...] = ()
    max_rejected_share: float | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate's outcome; `message` says what is wrong and what to look at, or what was found good."""

    gate: str
    passed: bool
    message: str


def check_gates(
    model: ReportModel, files: ReportFiles, policy: GatePolicy | None = None
) -> tuple[GateResult, ...]:
    """Every gate's outcome, in a fixed order. One that did not pass means: do not send.

    Args:
        model: the report.
        files: its rendered files.
        policy: what is expected; nothing when None.
    """
    wanted = policy or GatePolicy()
    checks = (
        ("as_of", _as_of(model)),
        ("identities", _identities(model)),
        ("validation", _validation(model)),
        ("freshness", iter(wanted.overdue)),
        ("quarantine", _quarantine(model, wanted)),
        ("charts", _charts(model, files)),
        ("words", _words(model)),
        ("size", _size(model, files)),
        ("links", _links(model, files)),
    )
    return tuple(_result(gate, tuple(faults)) for gate, faults in checks)


def _result(gate: str, faults: tuple[str, ...]) -> GateResult:
    return GateResult(gate, not faults, "; ".join(faults) or "good")


def _as_of(model: ReportModel) -> Iterator[str]:
    if model.as_of != model.week.ends_at:
        yield f"as-of {model.as_of} is not the end of {model.week.label}, {model.week.ends_at}"


def _identities(model: ReportModel) -> Iterator[str]:
    health = model.health
    if health.unbalanced_files:
        names = ", ".join(health.unbalanced[:5])
        yield (
            f"rows read are not loaded + duplicate + rejected + ignored in {health.unbalanced_files} files: {names}"
        )
    total = sum(fate.n for fate in health.rows_by_fate)
    if total != health.rows_read:
        yield f"{health.rows_read} rows read, but {total} by fate"


def _validation(model: ReportModel) -> Iterator[str]:
    for item in model.health.expectations:
        if item.outcome == "errored":
            yield f"“{item.expectation}” could not be checked ({item.n}): see ops.validation_results"
        elif item.outcome == "failed" and item.severity == "fail":
            yield f"“{item.expectation}” failed ({item.n}) and its severity is fail: see ops.validation_results"


def _quarantine(model: ReportModel, policy: GatePolicy) -> Iterator[str]:
    health, limit = model.health, policy.max_rejected_share
    rejected = sum(fate.n for fate in health.rows_by_fate if fate.name == "rejected")
    if limit is not None and rejected > limit * health.rows_read:
        yield f"{rejected} of {health.rows_read} rows were rejected, more than the share of {limit:g}"


def _charts(model: ReportModel, files: ReportFiles) -> Iterator[str]:
    written = {str(path.relative_to(files.folder)): path for path in files.charts}
    for platform in model.platforms:
        if platform.chart is None:
            if not platform.empty:
                yield f"{platform.name} has neither a chart nor the reason why not"
            continue
        path = written.get(platform.chart.file)
        if path is None or not path.exists():
            yield f"the chart of {platform.name} is missing"
        elif platform.chart.rows_drawn == 0 or _is_blank(path):
            yield f"the chart of {platform.name} is empty"


def _is_blank(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            return len(picture.convert("L").getcolors() or (1, 2)) < 2
    except OSError:
        return True


def _words(model: ReportModel) -> Iterator[str]:
    if not model.headline.sentence.strip():
        yield "the headline is blank"
    said = [model.headline.sentence, *(group.finding for p in model.platforms for group in p.groups)]
    found = sorted({match.group().lower() for text in said for match in FORBIDDEN.finditer(text)})
    if found:
        yield f"the sentences claim a cause: {', '.join(found)}"


def _size(model: ReportModel, files: ReportFiles) -> Iterator[str]:
    for said, its in _copies(model, files):
        html = len(render_mail_html(said).encode())
        if html >= MOST_HTML:
            yield f"the mail's HTML has {html} bytes, {MOST_HTML} are allowed"
        others = sum(path.stat().st_size for path in (*its.charts, *its.csvs) if path.exists())
        if others > MOST_MESSAGE:
            yield f"charts and tables have {others} bytes, {MOST_MESSAGE} are allowed"


def _links(model: ReportModel, files: ReportFiles) -> Iterator[str]:
    carried = {f"cid:{content_id(p.chart)}" for p in model.platforms if p.chart is not None}
    for said, its in _copies(model, files):
        for source in sorted(set(_SOURCE.findall(render_mail_html(said))) - carried):
            yield f"the mail refers to {source!r}, which it does not carry"
        page = its.html.read_text(encoding="utf-8") if its.html.exists() else ""
        for target in sorted(set(_SOURCE.findall(page))):
            if not target.startswith(_INSIDE) and not (its.folder / target).exists():
                yield f"the page refers to {target!r}, which is not in its folder"
        attached = {path.name for path in its.csvs if path.exists()}
        for name in sorted(set(ATTACHED) - attached):
            yield f"the attachment {name} is missing"


def _copies(model: ReportModel, files: ReportFiles) -> tuple[tuple[ReportModel, ReportFiles], ...]:
    """The report, and its copy without fees where there is one."""
    shared = () if files.shared is None else ((without_fees(model), files.shared),)
    return ((model, files), *shared)
