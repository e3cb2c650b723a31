"""The page's application: published reports, server-rendered, read-only, every answer behind the guard."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from creator_tiers.settings import RESOURCES
from tier_reports import history
from tier_reports.archive import Archive, Report

HERE = Path(__file__).resolve().parent
SCRIPTS = RESOURCES / "creator_tiers" / "report" / "templates"
STATIC = {"page.css": "text/css", "sort.js": "text/javascript"}

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
"""What our own pages may do: nothing inline, nothing from elsewhere, framed by Airflow only."""

_DUE = re.compile(r"(?:scheduled|backfill)__(?P<due>\d{4}-\d{2}-\d{2}T\S+)")

Guard = Callable[..., Any]


def create_app(reports: Path, guard: Guard, *, shows_fees: bool = False) -> FastAPI:
    """The application.

    Args:
        reports: the folder of the published reports.
        guard: a FastAPI dependency that raises for everybody who may not read; there is no page without one.
        shows_fees: whether those who may read may see fees.
    """
    archive = Archive(reports, shows_fees=shows_fees)
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    app = FastAPI(dependencies=[Depends(guard)], docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def close(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        answer = await call_next(request)
        answer.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.exception_handler(HTTPException)
    async def refuse(_request: Request, error: HTTPException) -> Response:
        said = {
            401: "Log in to Airflow first.",
            403: "You may not read these reports.",
            404: "There is no such page.",
        }
        text = said.get(error.status_code, "This cannot be answered.")
        page = templates.get_template("refused.html.j2").render(status=error.status_code, text=text)
        return HTMLResponse(page, error.status_code, error.headers)

    def shown(report: Report | None, root: str) -> HTMLResponse:
        everything = archive.reports()
        page = templates.get_template("report.html.j2").render(
            report=report,
            reports=everything,
            multiples=history.multiples(everything),
            axis=history,
            root=root,
        )
        return HTMLResponse(page)

    @app.get("/")
    def latest(run: str = "") -> Response:
        everything = archive.reports()
        wanted = next((one for one in everything if one.week == _week_of_run(run)), None)
        return shown(wanted or (everything[0] if everything else None), "")

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404)
        return FileResponse(HERE / "static" / name, media_type=STATIC[name])

    @app.get("/{week}/")
    def of_week(week: str) -> Response:
        report = archive.report(week)
        if report is None:
            raise HTTPException(404)
        return shown(report, "../")

    @app.get("/{week}/{name:path}")
    def file(week: str, name: str) -> Response:
        path = archive.file(week, name)
        if path is None:
            raise HTTPException(404)
        if path.suffix == ".html":
            return FileResponse(path, headers={"Content-Security-Policy": _report_policy()})
        if path.suffix == ".csv":
            return FileResponse(path, media_type="text/csv", filename=f"{week}-{path.name}")
        return FileResponse(path)

    @app.get("/{rest:path}")
    def nothing(rest: str) -> Response:
        raise HTTPException(404, rest)

    return app


def _report_policy() -> str:
    """What the report itself may do: its own inline styles, and the one script that comes with the product."""
    scripts = sorted(SCRIPTS.glob("*.js"))
    texts = {
        form for path in scripts for text in [path.read_text("utf-8")] for form in (text, text.rstrip("\n"))
    }
    hashes = sorted(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; img-src 'self' data:; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )


def _week_of_run(run_id: str) -> str | None:
    """The week that a scheduled or backfilled run reports on: the last that had ended when it was due."""
    match = _DUE.match(run_id.replace(" ", "+"))
    if not match:
        return None
    try:
        due = datetime.fromisoformat(match["due"].split("_")[0])
    except ValueError:
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    year, number, _ = (due - timedelta(days=4)).isocalendar()
    return f"{year}-W{number:02}"
