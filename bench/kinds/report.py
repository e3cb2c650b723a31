"""The report of the sample exports in all its forms, and its PDF apart."""

from __future__ import annotations

from collections.abc import Iterator

from bench.kinds import Plan
from bench.measuring import WrongResultError, measure
from bench.table import Line

KIND = "report"
MOST_SECONDS = 3.0


def lines(plan: Plan) -> Iterator[Line]:
    """Measure the sample exports."""
    home = plan.folder / "report"
    week = measure("sample", home).figures["week"]
    one = measure("report", home, week)
    if not all(one.figures.values()):
        raise WrongResultError(f"a form of the report is empty: {one.figures}")
    yield Line(
        KIND,
        "samples",
        "all forms, without PDF",
        one,
        one.processor / MOST_SECONDS,
        "3 s",
        1.0,
        "at most 3 s",
    )
    pdf = measure("pdf", home, week)
    if pdf.figures["is_printed"]:
        yield Line(KIND, "samples", "PDF", pdf)
    else:
        yield Line(KIND, "samples", "PDF", None, None, "no browser is on this machine")
