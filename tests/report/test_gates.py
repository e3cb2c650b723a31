"""The gates: each one turns red for its fault, and for nothing else."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from creator_tiers.report import GatePolicy, ReportInputs, build_model, check_gates, render
from creator_tiers.report.gates import GateResult
from tests.report import planted as inputs
from tests.report.conftest import Rendered

pytestmark = pytest.mark.unit


def red(results: tuple[GateResult, ...]) -> list[str]:
    return [result.gate for result in results if not result.passed]


def red_of(given: ReportInputs, folder: Path, policy: GatePolicy | None = None) -> list[str]:
    model = build_model(given)
    return red(check_gates(model, render(model, folder), policy))


def quick(**changes: Any) -> ReportInputs:
    """Inputs without charts, which cost most of the time."""
    return dataclasses.replace(inputs.nothing(), **changes)


def test_all_gates_open_for_good_reports(planted: Rendered, hostile: Rendered, nothing: Rendered) -> None:
    for model, files in (planted, hostile, nothing):
        assert red(check_gates(model, files)) == []


def test_rows_that_do_not_add_up(tmp_path: Path) -> None:
    rows = inputs.file_rows()
    rows[0]["rows_read"] += 1
    assert red_of(quick(files=inputs.table(rows, inputs.FILES)), tmp_path) == ["identities"]


@pytest.mark.parametrize(
    ("severity", "outcome", "closed"),
    [("warn", "failed", []), ("fail", "failed", ["validation"]), ("warn", "errored", ["validation"])],
)
def test_validation(severity: str, outcome: str, closed: list[str], tmp_path: Path) -> None:
    row = {"expectation": "likes between", "severity": severity, "outcome": outcome, "n": 1}
    assert red_of(quick(validation=inputs.table([row], inputs.VALIDATION)), tmp_path) == closed


def test_overdue_exports_only_where_they_are_expected(planted: Rendered) -> None:
    model, files = planted
    assert red(check_gates(model, files, GatePolicy(overdue=()))) == []
    results = check_gates(model, files, GatePolicy(overdue=("no tiktok for 7 days", "no youtube")))
    assert red(results) == ["freshness"]
    assert [result.message for result in results if not result.passed] == ["no tiktok for 7 days; no youtube"]


def test_the_share_of_the_quarantine(planted: Rendered) -> None:
    model, files = planted
    assert red(check_gates(model, files, GatePolicy(max_rejected_share=0.005))) == ["quarantine"]
    assert red(check_gates(model, files, GatePolicy(max_rejected_share=0.05))) == []


def test_missing_and_blank_charts(tmp_path: Path) -> None:
    rows = [row for row in inputs.comparison_rows() if row["platform"] == "tiktok"][:2]
    model = build_model(quick(comparison=inputs.table(rows, inputs.COMPARISON)))
    files = render(model, tmp_path)
    assert red(check_gates(model, files)) == []
    Image.new("L", (100, 100), 255).save(files.charts[0])
    assert red(check_gates(model, files)) == ["charts"]
    files.charts[0].unlink()
    assert red(check_gates(model, files)) == ["charts"]
    files.csvs[0].unlink()
    assert red(check_gates(model, files)) == ["charts", "links"]


def test_a_report_of_another_instant(tmp_path: Path) -> None:
    assert red_of(quick(as_of=inputs.WEEK.ends_at - timedelta(hours=1)), tmp_path) == ["as_of"]


def test_sentences_that_claim_a_cause(planted: Rendered) -> None:
    model, files = planted
    bold = dataclasses.replace(model.headline, sentence="Micro creators drive engagement.")
    assert red(check_gates(dataclasses.replace(model, headline=bold), files)) == ["words"]


def test_too_large(tmp_path: Path) -> None:
    model = build_model(quick())
    files = render(model, tmp_path)
    long = dataclasses.replace(model, changes=("x" * 90_000,))
    assert red(check_gates(long, files)) == ["size"]


def test_files_that_the_page_names_are_there(tmp_path: Path) -> None:
    model = build_model(quick())
    files = render(model, tmp_path)
    (tmp_path / "quarantine.csv").unlink()
    assert red(check_gates(model, files)) == ["links"]
