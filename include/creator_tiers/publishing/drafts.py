"""A report before it is sent: its files and the rows it was made from, in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from creator_tiers.errors import ContractError
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.report.gates import GateResult
    from creator_tiers.report.inputs import ReportInputs
    from creator_tiers.report.model import ReportModel
    from creator_tiers.report.outbox import OutboxRow
    from creator_tiers.report.render import ReportFiles

TABLES = ("comparison", "previous", "claims", "creators_per_tier", "files", "rejected", "validation")


def draft_folder(settings: Settings, week: Week) -> Path:
    """Where a week's draft is."""
    return settings.reports / ".drafts" / week.label


def keep(inputs: ReportInputs, folder: Path) -> None:
    """Write the rows that a report is made from into a folder; `facts.json` comes last."""
    from pyarrow import feather

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "facts.json").unlink(missing_ok=True)
    for name in TABLES:
        feather.write_feather(
            getattr(inputs, name), str(folder / f"{name}.arrow"), compression="uncompressed"
        )
    for name, rows in inputs.details.items():
        feather.write_feather(rows, str(folder / f"details.{name}.arrow"), compression="uncompressed")
    facts = {
        "details": sorted(inputs.details),
        "week": inputs.week.label,
        "engine": inputs.engine,
        "scheme": inputs.scheme,
        "window_days": inputs.window_days,
    }
    (folder / "facts.json").write_text(json.dumps(facts))


def kept(settings: Settings, folder: Path) -> ReportInputs:
    """The rows that `keep` wrote.

    Raises:
        FileNotFoundError: they are not there, or not whole.
    """
    from pyarrow import feather

    from creator_tiers.report import ReportInputs

    facts = json.loads((folder / "facts.json").read_text())
    week = Week.parse(facts["week"], settings.zone)

    def read(name: str) -> pa.Table:
        return feather.read_table(str(folder / f"{name}.arrow"), memory_map=False)

    return ReportInputs(
        week=week,
        as_of=week.ends_at,
        engine=facts["engine"],
        scheme=facts["scheme"],
        window_days=facts["window_days"],
        details={name: read(f"details.{name}") for name in facts["details"]},
        **{name: read(name) for name in TABLES},
    )


def drafted(settings: Settings, week: Week) -> tuple[ReportModel, ReportFiles]:
    """A week's draft: its model, and its files.

    Raises:
        ContractError: there is none.
    """
    from creator_tiers.report import build_model
    from creator_tiers.report.render import files_in

    draft = draft_folder(settings, week)
    try:
        model = build_model(kept(settings, draft / "inputs"))
    except FileNotFoundError as error:
        raise ContractError(
            f"There is no draft of {week.label}: clear the task `render` ({error})"
        ) from error
    return model, files_in(model, draft)


def keep_gates(folder: Path, results: Sequence[GateResult]) -> None:
    """Write every gate's outcome beside a draft, as `gates.json`."""
    from creator_tiers.report.render import write_whole

    content = {"gates": [asdict(result) for result in results]}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    write_whole(folder / "gates.json", f"{text}\n".encode())


def keep_deliveries(folder: Path, rows: Sequence[OutboxRow]) -> None:
    """Write what became of a report's mails beside it, as `deliveries.json`; nothing when there are none."""
    from creator_tiers.report.render import write_whole

    if not rows:
        return
    names = ("recipient", "state", "message_id", "sent_at", "error")
    told = [{name: getattr(row, name) for name in names} for row in rows]
    text = json.dumps({"deliveries": told}, ensure_ascii=False, indent=1, default=str)
    write_whole(folder / "deliveries.json", f"{text}\n".encode())


def publish(draft: ReportFiles, folder: Path) -> ReportFiles:
    """Copy a draft's files, each whole or not at all; the page comes last. Charts of an earlier report go.

    A new page is also printed as `report.pdf` where there is a browser.
    """
    from creator_tiers.report.pdf import print_pdf
    from creator_tiers.report.render import ReportFiles, write_whole

    def copied(path: Path) -> Path:
        target = folder / path.relative_to(draft.folder)
        write_whole(target, path.read_bytes())
        return target

    shared = None if draft.shared is None else publish(draft.shared, folder / draft.shared.folder.name)
    if (draft.folder / "gates.json").exists():
        copied(draft.folder / "gates.json")
    charts = tuple(copied(path) for path in draft.charts)
    csvs = tuple(copied(path) for path in draft.csvs)
    for stale in set((folder / "charts").glob("*.png")) - set(charts):
        stale.unlink()
    page, pdf = folder / "report.html", folder / "report.pdf"
    before = page.read_bytes() if page.exists() else b""
    files = ReportFiles(
        folder=folder,
        json=copied(draft.json),
        text=copied(draft.text),
        html=copied(draft.html),
        charts=charts,
        csvs=csvs,
        shared=shared,
    )
    if page.read_bytes() != before:
        pdf.unlink(missing_ok=True)
    if shared is not None and not pdf.exists():
        print_pdf(page, pdf)
    return files
