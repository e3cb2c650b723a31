"""The model in its forms: a page, a mail body, a text, JSON, CSV files and charts, in one folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import css_inline
import jinja2

from creator_tiers.report.charts import WIDTH, forest_plot
from creator_tiers.report.claims import scorecard
from creator_tiers.report.csv_files import FILE_NAMES, csv_files
from creator_tiers.report.model import ReportModel
from creator_tiers.report.palette import DARK, LIGHT, TONES
from creator_tiers.report.plain import render_text
from creator_tiers.report.platforms import Chart
from creator_tiers.report.views import (
    MOST_LISTED,
    has_ratio,
    no_ratio,
    shown_pairs,
    shows_fragile,
    tier_matrix,
)
from creator_tiers.report.wording import count_text, interval_text, measure, needed_note, ratio_text

FONTS = "-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"

MOST_HTML = 80 * 1024
"""Bytes that the mail's HTML stays under; Gmail hides what is past 102 KB."""

_ALT = re.compile(r' alt="[^"]*"')
"""Text alternatives: the inliner leaves `<` bare there, as HTML 5 allows; not every mail filter knows that."""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written. `charts` and `csvs` are in the report's order."""

    folder: Path
    html: Path
    text: Path
    json: Path
    charts: tuple[Path, ...]
    csvs: tuple[Path, ...]


def render(model: ReportModel, folder: Path) -> ReportFiles:
    """Write a report into its folder; each file appears whole or not at all.

    The same model gives the same bytes. Charts of an earlier rendering that this one lacks are removed.

    Args:
        model: the report.
        folder: made when missing, such as `reports/2026-W46`.
    """
    charts = {p.chart.file: forest_plot(p) for p in model.platforms if p.chart is not None}
    tables = csv_files(model)
    links = ("report.txt", "report.json", *tables)
    page = render_html(model, chart_source=lambda chart: chart.file, links=links)
    files = files_in(model, folder)
    for name, picture in charts.items():
        write_whole(folder / name, picture)
    for name, rows in tables.items():
        write_whole(folder / name, rows.encode())
    write_whole(files.json, render_json(model).encode())
    write_whole(files.text, render_text(model).encode())
    write_whole(files.html, page.encode())
    for stale in set((folder / "charts").glob("*.png")) - set(files.charts):
        stale.unlink()
    return files


def files_in(model: ReportModel, folder: Path) -> ReportFiles:
    """Where the files of a report are, once rendered into a folder."""
    return ReportFiles(
        folder=folder,
        html=folder / "report.html",
        text=folder / "report.txt",
        json=folder / "report.json",
        charts=tuple(folder / p.chart.file for p in model.platforms if p.chart is not None),
        csvs=tuple(folder / name for name in FILE_NAMES),
    )


def render_json(model: ReportModel) -> str:
    """`report.json`: keys in the order of the schema, two spaces, a line end."""
    return json.dumps(model.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_mail_html(model: ReportModel) -> str:
    """The mail's HTML body; its pictures are named by Content-ID.

    One that would be too large for a mail reader lists only micro/mega and small/rest, and says so.
    """
    full = render_html(model, chart_source=_by_content_id)
    return full if len(full.encode()) < MOST_HTML else render_html(model, _by_content_id, is_brief=True)


def _by_content_id(chart: Chart) -> str:
    return f"cid:{content_id(chart)}"


def content_id(chart: Chart) -> str:
    """A chart's Content-ID, without the angle brackets."""
    return f"{Path(chart.file).stem}.chart@creator-tiers"


def render_html(
    model: ReportModel,
    chart_source: Callable[[Chart], str],
    links: tuple[str, ...] = (),
    is_brief: bool = False,
) -> str:
    """The page with its CSS inlined, in which only media queries stay in a style element.

    Args:
        model: the report.
        chart_source: gives the `src` of a chart's picture.
        links: files beside the page to link to; none for the mail.
        is_brief: leave out the pairs that are neither micro/mega nor small/rest.
    """
    page = _template().render(
        m=model,
        c=LIGHT,
        d=DARK,
        tones=TONES,
        fonts=FONTS,
        chart_width=WIDTH,
        chart_source=chart_source,
        links=links,
        is_brief=is_brief,
        matrix=tier_matrix(model.tiers),
        most_listed=MOST_LISTED,
    )
    return _ALT.sub(lambda found: found[0].replace("<", "&lt;").replace(">", "&gt;"), _inliner().inline(page))


@cache
def _template() -> jinja2.Template:
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
            has_ratio, no_ratio, scorecard, shows_fragile, shown_pairs,
        )
    }  # fmt: skip
    return environment.get_template("report.html.j2")


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
