"""The parts of the page about engagement and data health, as tables that can be sorted."""

from __future__ import annotations

from collections.abc import Sequence

from creator_tiers.report.beside import Strip
from creator_tiers.report.claims import Claim, scorecard
from creator_tiers.report.figures import count_cell
from creator_tiers.report.health import Count, Health
from creator_tiers.report.model import ReportModel
from creator_tiers.report.platforms import Group, Pair
from creator_tiers.report.tabular import Cell, DataTable, cells, table
from creator_tiers.report.views import has_ratio, remarks, shown_pairs, tier_matrix
from creator_tiers.report.wording import Verdict, count_text, interval_text, measure, needed_note, ratio_text

ORDER = (
    "supported",
    "direction_only",
    "no_material_difference",
    "contradicted",
    "not_enough_evidence",
    "not_testable",
)


def scorecard_table(model: ReportModel) -> DataTable:
    """The primary measure of each claim: the article's value, ours raw and adjusted, the verdict."""
    rows = []
    for claim in scorecard(model.claims):
        strip = next(
            (s for s in model.strips if (s.claim_id, s.scope) == (claim.claim_id, claim.scope)), None
        )
        rows.append(
            cells(
                Cell(
                    f"{claim.claim_id} {claim.statement}",
                    float(claim.claim_id[1:]) if claim.claim_id[1:].isdigit() else None,
                    claim.where,
                ),
                _verdict(claim, claim.shown),
                Cell(claim.estimate_text, claim.estimate, claim.interval_text()),
                _adjusted(strip),
                Cell(claim.claimed_text, claim.claimed_value),
                Cell(claim.creators_text(), None if claim.creators_a is None else float(claim.creators_a)),
            )
        )
    return table(
        "Your data: the first tier over the second, its 95% interval, and the creators behind it",
        ("Claim", "Verdict", "Your data", "Adjusted", "Article", "Creators"),
        rows,
        file="claims.csv",
        note="The primary measure of each claim. Adjusted: for kind, niche and month of the posts. All measures and "
        "single campaigns are in claims.csv.",
        empty="No claim has been judged this week.",
    )


def pair_tables(group: Group) -> tuple[DataTable, ...]:
    """A kind group's pairs by its main metric, and micro/mega by its other ones."""
    found = []
    if has_ratio(group):
        pairs = [cells(f"{one.tier_a} / {one.tier_b}", *_pair(one)) for one in shown_pairs(group)]
        caption = f"{group.name}: {group.measure}, first tier over second"
        found.append(table(caption, ("Pair", *_PAIR), pairs, (3,), file="comparison.csv"))
    if group.other_measures:
        others = [cells(measure(one.metric), *_pair(one)) for one in group.other_measures]
        found.append(
            table(f"{group.name}: micro / mega by other measures", ("Measure", *_PAIR), others, (3,))
        )
    return tuple(found)


_PAIR = ("Verdict", "Ratio, 95%", "Creators")


def tier_table(model: ReportModel) -> DataTable:
    """Creators with settled posts, tier by tier."""
    matrix = tier_matrix(model.tiers)
    rows = [
        cells(
            name,
            *(
                Cell(count_text(one.creators), float(one.creators), count_text(one.posts, "post"))
                if one
                else Cell("0", 0.0)
                for one in found
            ),
        )
        for name, found in matrix.rows
    ]
    return table(
        f"Creators with settled posts in the window, posts beneath. Scheme: {model.scheme}",
        ("Posts on", *matrix.tiers),
        rows,
        range(1, len(matrix.tiers) + 1),
        file="creators_per_tier.csv",
        empty="No creator of a known tier has a settled post in the window yet.",
    )


def health_tables(model: ReportModel) -> tuple[DataTable, ...]:
    """Files, rows, ages, quarantine, expectations, and files to look at."""
    health = model.health
    ages = [
        cells(one.name, one.oldest[:10], one.newest[:10], Cell(f"{one.age_days:.1f}", one.age_days))
        for one in health.ages
    ]
    return (
        _counts(
            health.files_by_status,
            f"Export files by status: {count_text(health.files)} in all",
            "Status",
            "Files",
        ),
        _counts(health.rows_by_fate, f"Rows by fate: {count_text(health.rows_read)} read", "Fate", "Rows"),
        table(
            f"Age of the data at {model.as_of_text}", ("Platform", "Oldest", "Newest", "Days old"), ages, (3,)
        ),
        _counts(
            health.quarantine,
            "Quarantine by rule",
            "Rule",
            "Rows",
            "The quarantine is empty.",
            "quarantine.csv",
        ),
        _expectations(health),
        _files(health),
    )


def _counts(
    items: Sequence[Count], caption: str, first: str, second: str, empty: str = "", file: str = ""
) -> DataTable:
    return table(caption, (first, second), [cells(one.name, count_cell(one.n)) for one in items], (1,), empty=empty,
                 file=file)  # fmt: skip


def _expectations(health: Health) -> DataTable:
    said = ", ".join(f"{one.name} {count_text(one.n)}" for one in health.validation)
    rows = [
        cells(one.expectation, f"{one.outcome} ({one.severity})", count_cell(one.n))
        for one in health.expectations
        if one.outcome != "passed"
    ]
    return table(
        f"Expectations of files that did not pass; by outcome: {said}",
        ("Expectation", "Outcome", "Times"),
        rows,
        (2,),
        file="validation.csv",
        empty=f"Every expectation of the files passed ({said}).",
    )


def _files(health: Health) -> DataTable:
    rows = [cells(one.path, one.status, one.message) for one in health.troubled]
    made = table(f"Files to look at: {count_text(health.troubled_files)}", ("File", "Status", "Why"), rows,
                 file="files_to_look_at.csv", empty="Every file could be read whole.")  # fmt: skip
    return made.first(25)


def _ratio(row: Pair) -> Cell:
    interval = "" if row.ci_low is None else interval_text(row.ci_low, row.ci_high)
    return Cell(ratio_text(row.estimate), row.estimate, interval)


def _pair(row: Pair) -> tuple[Cell, ...]:
    creators = f"{count_text(row.creators_a)} / {count_text(row.creators_b)}"
    smallest = float(min(row.creators_a, row.creators_b))
    return (_verdict(row, row.outcome), _ratio(row), Cell(creators, smallest))


def _verdict(row: Pair | Claim, shown: Verdict) -> Cell:
    notes = (*remarks(row), needed_note(row.verdict, row.needed_more))
    place = float(ORDER.index(row.verdict)) if row.verdict in ORDER else None
    return Cell(f"{shown.symbol} {shown.word}", place, "; ".join(filter(None, notes)), shown.tone)


def _adjusted(strip: Strip | None) -> Cell:
    found = strip.named("kind_niche_month") if strip else None
    if found is None or found.estimate is None:
        return Cell("–")
    return Cell(ratio_text(found.estimate), found.estimate, interval_text(found.low, found.high))
