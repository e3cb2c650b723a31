"""The claims over the weeks, as small multiples: one little chart a claim, all on one log axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tier_reports.archive import Report

WIDTH, HEIGHT, PAD = 220, 96, 8
LOW, HIGH = 0.25, 4.0
"""The axis: ratios outside are drawn at its ends."""


@dataclass(frozen=True)
class Point:
    """A week of a claim: where it is drawn, and what is said of it."""

    x: float
    y: float
    low_y: float
    high_y: float
    week: str
    text: str


@dataclass(frozen=True)
class Multiple:
    """A claim's chart. A line joins neighbouring weeks of one definition only.

    Attributes:
        title: the claim and where it is judged.
        lines: the points of each unbroken line, as SVG has them.
        points: every week that has a ratio.
        breaks: x of each change of definitions, schemes or engines of definition.
        finding: the newest week in words.
    """

    title: str
    lines: tuple[str, ...]
    points: tuple[Point, ...]
    breaks: tuple[float, ...]
    finding: str


def multiples(reports: Sequence[Report]) -> list[Multiple]:
    """The charts of all claims that had a ratio in any week.

    Args:
        reports: published reports, in any order.
    """
    weeks = sorted(reports, key=lambda report: report.week)
    keys: dict[tuple[str, str], list[tuple[Report, dict[str, Any]]]] = {}
    for report in weeks:
        for claim in _claims(report):
            key = (str(claim.get("claim_id")), str(claim.get("where") or claim.get("scope")))
            keys.setdefault(key, []).append((report, claim))
    if not weeks:
        return []
    first, last = _monday(weeks[0].week), _monday(weeks[-1].week)
    return [_multiple(key, found, first, last) for key, found in sorted(keys.items(), key=_rank)]


def axis(ratio: float) -> float:
    """Where a ratio lies, from the top."""
    share = math.log(min(max(ratio, LOW), HIGH) / LOW) / math.log(HIGH / LOW)
    return round(HEIGHT - PAD - share * (HEIGHT - 2 * PAD), 1)


def _rank(item: tuple[tuple[str, str], Any]) -> tuple[int, str]:
    claim_id, where = item[0]
    return (int(claim_id[1:]) if claim_id[1:].isdigit() else 999, where)


def _claims(report: Report) -> Iterable[dict[str, Any]]:
    found = report.model.get("claims")
    for claim in found if isinstance(found, list) else []:
        if isinstance(claim, dict) and _number(claim.get("estimate")):
            yield claim


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value > 0 else None  # type: ignore[arg-type,operator]


def _monday(week: str) -> date:
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def _definition(report: Report) -> tuple[Any, Any]:
    return (report.model.get("definitions_version"), report.model.get("scheme"))


def _multiple(
    key: tuple[str, str], found: Sequence[tuple[Report, dict[str, Any]]], first: date, last: date
) -> Multiple:
    span = max((last - first).days, 7)
    points, lines, breaks = [], [[]], []  # type: ignore[var-annotated]
    before: Report | None = None
    for report, claim in found:
        estimate = _number(claim["estimate"]) or 1.0
        low, high = _number(claim.get("ci_low")), _number(claim.get("ci_high"))
        x = round(PAD + (_monday(report.week) - first).days / span * (WIDTH - 2 * PAD), 1)
        if before is not None:
            if _definition(before) != _definition(report):
                breaks.append(round((points[-1].x + x) / 2, 1))
                lines.append([])
            elif _monday(report.week) - _monday(before.week) > timedelta(days=7):
                lines.append([])
        interval = f", {low:.2f} to {high:.2f}" if low and high else ""
        verdict = str(claim.get("verdict", "")).replace("_", " ")
        text = f"{report.week}: {estimate:.2f}{interval}, {verdict}"
        y = axis(estimate)
        points.append(Point(x, y, axis(low or estimate), axis(high or estimate), report.week, text))
        lines[-1].append(f"{x},{y}")
        before = report
    title = f"{key[0]}, {key[1]}"
    return Multiple(
        title, tuple(" ".join(line) for line in lines), tuple(points), tuple(breaks), points[-1].text
    )
