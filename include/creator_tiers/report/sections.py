"""The parts of the report behind the engagement, as sections of tables that every form shows."""

from __future__ import annotations

from creator_tiers.report.figures import count_cell, percent_cell, percent_text
from creator_tiers.report.model import ReportModel
from creator_tiers.report.section_beside import published, robustness
from creator_tiers.report.section_conversions import conversions, restated
from creator_tiers.report.section_money import money
from creator_tiers.report.tabular import Cell, DataTable, Section, cells, table
from creator_tiers.report.wording import count_text

MOST_SHOWN = 40
"""Rows of the lists of creators; their CSV files have more."""


def sections(model: ReportModel) -> tuple[Section, ...]:
    """In the report's order; restated figures first, where there are any."""
    made = [restated(model), conversions(model), money(model), creators(model), robustness(model), published(model),
            audits(model)]  # fmt: skip
    return tuple(one for one in made if one is not None)


def creators(model: ReportModel) -> Section:
    """The shrunken leagues, and the accounts that the audits name."""
    ranked = [
        cells(
            Cell(one.shown_name, small=f"{one.where}, {one.tier}, {count_text(one.posts, 'post')}"),
            Cell(_place(one.rank, one.creators), None if one.rank is None else float(one.rank)),
            percent_cell(one.shrunk, small=_percents(one.low, one.high)),
            percent_cell(one.rate, small=f"{_place(one.raw_rank, one.creators)}"),
        )
        for one in sorted(model.league, key=lambda one: one.rank or one.raw_rank)
    ]
    ranked_table = table(
        "Creators to look at: the first of each tier, by the shrunken rate; the raw rate beside",
        ("Creator", "Place", "Shrunken rate", "Raw rate"),
        ranked,
        (2, 3),
        file="creators.csv",
        note="Shrunken: pulled towards the tier's mean the more, the fewer posts there are, so that two lucky posts "
        "top no list. Rates per follower on Instagram and Facebook, per view elsewhere.",
        empty="No creator of a known tier has a rate in the window yet.",
    )
    troubled: dict[str, list[str]] = {}
    for one in model.problems:
        troubled.setdefault(one.account_key, []).append(f"{count_text(one.n)} × {one.problem}")
    problem_rows = [cells(account, "; ".join(said)) for account, said in troubled.items()]
    problem_table = table(
        "Creators with problems",
        ("Account", "What the audits say"),
        problem_rows,
        file="problems.csv",
        empty="The audits name no account.",
    )
    shown = (ranked_table.first(MOST_SHOWN), problem_table.first(MOST_SHOWN))
    return Section("creators", "Creators", (), shown)


def _place(rank: int | None, of: int) -> str:
    return "not ranked" if rank is None else f"{count_text(rank)} of {count_text(of)}"


def _percents(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{percent_text(low)} to {percent_text(high)}"


def audits(model: ReportModel) -> Section:
    """How many rows each audit has, and the warnings of the build."""
    rows = [cells(Cell(one.title, small=one.meaning), count_cell(one.n)) for one in model.audits]
    listed = table(
        "What to look at", ("List", "Rows"), rows, (1,), note="Each list is a CSV file of its own."
    )
    broken = [one for one in model.warnings if one.n]
    warned = table(
        "Expectations that warn",
        ("Table and expectation", "Rows that break it"),
        (cells(Cell(one.expectation, small=one.table), count_cell(one.n)) for one in broken),
        (1,),
        file="warnings.csv",
        empty=f"All {count_text(len(model.warnings))} expectations that warn hold in the tables.",
    )
    return Section("audits", "What to look at", (), (listed, warned))


def audit_tables(model: ReportModel, most: int) -> tuple[DataTable, ...]:
    """The first rows of every audit that has any, for the page."""
    found = []
    for one in model.audits:
        rows = [
            cells(*(Cell("" if value is None else str(value), _sort(value)) for value in row))
            for row in one.rows[:most]
        ]
        made = table(
            f"{one.title}: {count_text(one.n)}", one.columns, rows, file=one.file, note=f"{one.meaning}."
        )
        if rows:
            found.append(DataTable(made.caption, made.columns, made.rows, note=made.note, file=one.file,
                                   more=max(0, one.n - len(rows))))  # fmt: skip
    return tuple(found)


def _sort(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
