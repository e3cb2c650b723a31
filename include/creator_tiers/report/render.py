"""The model in its forms: a page, a mail body, a text, JSON, CSV files and charts, in one folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
from base64 import b64encode
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
import jinja2

from creator_tiers.report.charts import WIDTH, forest_plot
from creator_tiers.report.claims import scorecard
from creator_tiers.report.csv_files import FILE_NAMES, csv_files
from creator_tiers.report.model import ReportModel, without_fees
from creator_tiers.report.palette import DARK, LIGHT, TONES
from creator_tiers.report.plain import render_text
from creator_tiers.report.platforms import Chart
from creator_tiers.report.section_engagement import health_tables, pair_tables, scorecard_table, tier_table
from creator_tiers.report.sections import audit_tables, sections
from creator_tiers.report.views import (
    MOST_LISTED,
    has_ratio,
    no_ratio,
    remarks,
    shown_pairs,
    tier_matrix,
)
from creator_tiers.report.wording import count_text, interval_text, measure, needed_note, ratio_text

FONTS = "-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"

MOST_HTML = 80 * 1024
"""Bytes that the mail's HTML stays under; Gmail hides what is past 102 KB."""

PAGE_WIDTH = 840
"""CSS pixels at which the web page shows a chart."""

SHARED = "shared"
"""The folder, inside a report's, of the copy without fees."""

MOST_AUDITED = 25
"""Rows of an audit that the page shows; its CSV file has more."""

_ALT = re.compile(r' alt="[^"]*"')
"""Text alternatives: the inliner leaves `<` bare there, as HTML 5 allows; not every mail filter knows that."""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written. `charts` and `csvs` are in the report's order, `shared` is the copy without fees."""

    folder: Path
    html: Path
    text: Path
    json: Path
    charts: tuple[Path, ...]
    csvs: tuple[Path, ...]
    shared: ReportFiles | None = None


def render(model: ReportModel, folder: Path) -> ReportFiles:
    """Write a report into its folder, and the copy without fees into `shared/` in it; each file whole or not at all.

    The same model gives the same bytes. Charts of an earlier rendering that this one lacks are removed.

    Args:
        model: the report.
        folder: made when missing, such as `reports/2026-W46`.
    """
    charts = {p.chart.file: forest_plot(p) for p in model.platforms if p.chart is not None}
    files = files_in(model, folder)
    for name, picture in charts.items():
        write_whole(folder / name, picture)
    _write_texts(model, files)
    if files.shared is not None:
        for name, picture in charts.items():
            write_whole(files.shared.folder / name, picture)
        _write_texts(without_fees(model), files.shared)
    for one in (files, files.shared):
        for stale in set((one.folder / "charts").glob("*.png")) - set(one.charts) if one else ():
            stale.unlink()
    return files


def _write_texts(model: ReportModel, files: ReportFiles) -> None:
    for name, rows in csv_files(model).items():
        write_whole(files.folder / name, rows.encode())
    write_whole(files.json, render_json(model).encode())
    write_whole(files.text, render_text(model).encode())
    write_whole(files.html, render_page(model).encode())


def files_in(model: ReportModel, folder: Path) -> ReportFiles:
    """Where the files of a report are, once rendered into a folder."""
    return _files_in(model, folder, _files_in(model, folder / SHARED, None) if model.shows_fees else None)


def _files_in(model: ReportModel, folder: Path, shared: ReportFiles | None) -> ReportFiles:
    return ReportFiles(
        folder=folder,
        html=folder / "report.html",
        text=folder / "report.txt",
        json=folder / "report.json",
        charts=tuple(folder / p.chart.file for p in model.platforms if p.chart is not None),
        csvs=tuple(folder / name for name in FILE_NAMES),
        shared=shared,
    )


def render_json(model: ReportModel) -> str:
    """`report.json`: keys in the order of the schema, two spaces, a line end."""
    return json.dumps(model.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def content_id(chart: Chart) -> str:
    """A chart's Content-ID, without the angle brackets."""
    return f"{Path(chart.file).stem}.chart@creator-tiers"


def render_mail_html(model: ReportModel) -> str:
    """The mail's HTML body, its CSS inlined; its pictures are named by Content-ID.

    Of the pairs of tiers it has micro/mega and small/rest. Long tables are cut, and say so: shorter where the whole
    would be too large for a mail reader.
    """
    for most in (12, 8, 5):
        page = _mail_html(model, most)
        if len(page.encode()) < MOST_HTML:
            return page
    return _mail_html(model, 2)


def _mail_html(model: ReportModel, most: int) -> str:
    parts = [
        replace(part, tables=tuple((one.narrow or one).first(most) for one in part.tables))
        for part in sections(model)
    ]
    page = _template("mail.html.j2").render(
        m=model,
        c=LIGHT,
        d=DARK,
        tones=TONES,
        fonts=FONTS,
        parts=parts,
        chart_width=WIDTH,
        chart_source=lambda chart: f"cid:{content_id(chart)}",
        matrix=tier_matrix(model.tiers),
        most_listed=MOST_LISTED,
    )
    return _ALT.sub(lambda found: found[0].replace("<", "&lt;").replace(">", "&gt;"), _inliner().inline(page))


def render_page(model: ReportModel) -> str:
    """The web page: one file, its charts inside, its tables sortable by a script that its policy names by hash."""
    colours: dict[str, Any] = {
        "c": LIGHT,
        "d": DARK,
        "tones": TONES,
        "fonts": FONTS,
        "chart_width": PAGE_WIDTH,
    }
    style = _template("page.css").render(**colours)
    script = _template("sort.js").render()
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    return _template("page.html.j2").render(
        m=model,
        chart_source=lambda platform, width: _data(forest_plot(platform, width)),
        small_width=WIDTH,
        parts=sections(model),
        audits=audit_tables(model, MOST_AUDITED),
        scorecard=scorecard_table(model),
        tiers=tier_table(model),
        health=health_tables(model),
        links=("report.txt", "report.json", *FILE_NAMES),
        policy=policy,
        **colours,
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _data(picture: bytes) -> str:
    return f"data:image/png;base64,{b64encode(picture).decode()}"


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        function.__name__: function
        for function in (
            count_text, interval_text, measure, needed_note, ratio_text,
            has_ratio, no_ratio, pair_tables, scorecard, remarks, shown_pairs,
        )
    }  # fmt: skip
    return environment.get_template(name)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
