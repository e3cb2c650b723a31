"""The report as plain text: all that the page says, and every row of the comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import fill

from creator_tiers.report.claims import Claim, scorecard
from creator_tiers.report.health import Count
from creator_tiers.report.model import ReportModel
from creator_tiers.report.platforms import Pair
from creator_tiers.report.sections import sections
from creator_tiers.report.tabular import Cell, Section
from creator_tiers.report.views import remarks, tier_matrix
from creator_tiers.report.wording import (
    count_text,
    group_name,
    interval_text,
    is_over_all_posts,
    measure,
    needed_note,
    ratio_text,
)

_WIDTH = 78


def render_text(model: ReportModel) -> str:
    """The text, in lines that end in LF; paragraphs at most 78 wide, tables as wide as they need."""
    return "\n".join(line.rstrip() for line in _lines(model)) + "\n"


def _lines(model: ReportModel) -> Iterator[str]:
    headline, after = model.headline, sections(model)
    yield f"CREATOR TIERS, WEEK {model.week.label} ({model.week.text})"
    yield ""
    yield f"{headline.symbol} {headline.word.upper()}"
    yield _paragraph(headline.sentence)
    yield from (_paragraph(note) for note in headline.notes)
    for section in after:
        if section.anchor == "restated":
            yield from _section(section)
    yield from _heading("What changed since last week")
    yield from (_paragraph(line) for line in model.changes)
    yield from _heading("The article's claims on your data")
    yield from _claims(scorecard(model.claims))
    for platform in model.platforms:
        yield from _heading(platform.name)
        for group in platform.groups:
            yield _paragraph(group.finding)
        if platform.empty:
            yield _paragraph(platform.empty)
        rows = [pair for pair in model.comparison if pair.platform == platform.platform and _is_listed(pair)]
        yield from _comparison(rows)
    yield from _heading("Creators per tier")
    yield from _tiers(model)
    for section in after:
        if section.anchor != "restated":
            yield from _section(section)
    yield from _heading("Data health")
    yield from _health(model)
    yield from _heading(f"What the numbers mean (definitions, version {model.definitions_version})")
    yield from (_paragraph(f"{item.term}: {item.meaning}") for item in model.definitions)
    yield from _heading("How to get the same numbers")
    yield from (f"  {line}" for line in model.reproduce)
    yield ""
    yield f"As of {model.as_of_text}. Run {model.run_id}."
    yield f"Tier scheme {model.scheme}. Warehouse {model.engine}."


def _heading(title: str) -> tuple[str, ...]:
    return ("", title.upper(), "-" * len(title))


def _paragraph(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _claims(claims: Sequence[Claim]) -> Iterator[str]:
    if not claims:
        yield "No claim has been judged this week."
    for claim in claims:
        yield _paragraph(
            f"{claim.claim_id}  {claim.statement} ({claim.where}; article: {claim.claimed_text})"
        )
        ours = claim.estimate_text
        if interval := claim.interval_text():
            ours += f", 95% interval {interval}"
        if creators := claim.creators_text(" and "):
            is_counted = claim.creators_a is not None or claim.creators_b is not None
            ours += f"; {creators} creators" if is_counted else f"; {creators}"
        yield f"    ours: {ours}"
        yield f"    {claim.shown.symbol} {claim.shown.word}{_tail(claim)}"


def _tail(row: Claim | Pair) -> str:
    notes = (*remarks(row), needed_note(row.verdict, row.needed_more))
    return "".join(f"; {note}" for note in notes if note)


def _comparison(pairs: Sequence[Pair]) -> Iterator[str]:
    for (platform, kind_group, metric), rows in groupby(
        pairs, key=lambda pair: (pair.platform, pair.kind_group, pair.metric)
    ):
        listed = tuple(rows)
        yield ""
        yield f"{group_name(platform, kind_group)}: {measure(metric)}"
        missing = {needed_note(pair.verdict, pair.needed_more) for pair in listed}
        if all(pair.verdict == "not_testable" for pair in listed) and len(missing) == 1:
            yield _paragraph(f"  – not testable; {missing.pop() or 'no input'}")
            continue
        header = ("pair", "ratio", "95% interval", "verdict interval", "creators", "posts", "verdict")
        yield from _table(header, (_cells(pair) for pair in listed))


def _is_listed(pair: Pair) -> bool:
    """Over branded or own posts alone only micro/mega; `comparison.csv` has every pair."""
    return is_over_all_posts(pair.metric) or pair.is_key_pair


def _cells(pair: Pair) -> tuple[str, ...]:
    return (
        f"{pair.tier_a} / {pair.tier_b}",
        ratio_text(pair.estimate),
        interval_text(pair.ci_low, pair.ci_high),
        interval_text(pair.verdict_low, pair.verdict_high),
        f"{count_text(pair.creators_a)} / {count_text(pair.creators_b)}",
        f"{count_text(pair.posts_a)} / {count_text(pair.posts_b)}",
        f"{pair.outcome.symbol} {pair.outcome.word}{_tail(pair)}",
    )


def _tiers(model: ReportModel) -> Iterator[str]:
    if not model.tiers:
        yield "No creator of a known tier has a settled post in the window yet."
        return
    matrix = tier_matrix(model.tiers)
    yield "Creators with settled posts in the window (posts in brackets)."
    yield from _table(
        ("posts on", *matrix.tiers),
        (
            (name, *(f"{count_text(c.creators)} ({count_text(c.posts)})" if c else "0" for c in cells))
            for name, cells in matrix.rows
        ),
    )


def _health(model: ReportModel) -> Iterator[str]:
    health = model.health
    if not health.files:
        yield _paragraph(
            "No export file has been received yet: there is nothing to show. Put exports into the landing "
            "folder; the next run reads them."
        )
        return
    yield f"Files: {count_text(health.files)} ({_counts(health.files_by_status)})"
    yield f"Rows read: {count_text(health.rows_read)} ({_counts(health.rows_by_fate)})"
    if health.unbalanced_files:
        yield f"Files whose rows do not add up: {count_text(health.unbalanced_files)}"
    if health.ages:
        yield from _table(
            ("platform", "oldest data", "newest data", "days old"),
            ((age.name, age.oldest, age.newest, f"{age.age_days:.1f}") for age in health.ages),
        )
    yield f"Quarantine by rule: {_counts(health.quarantine) or 'empty'}"
    yield f"Expectations checked: {_counts(health.validation)}"
    for item in health.expectations:
        if item.outcome != "passed":
            yield f"  {item.outcome} ({item.severity}): {item.expectation}, {count_text(item.n, 'time')}"
    if health.troubled:
        yield f"Files to look at: {count_text(health.troubled_files)}"
        for file in health.troubled:
            yield f"  {file.status}: {file.path}{' - ' + file.message if file.message else ''}"


def _section(section: Section) -> Iterator[str]:
    yield from _heading(section.title)
    yield from (_paragraph(line) for line in section.lines)
    for one in section.tables:
        yield ""
        yield _paragraph(f"{one.caption}.")
        if not one.rows:
            yield _paragraph(one.empty or "Nothing.")
            continue
        yield from _table(one.columns, ([_said(cell) for cell in row] for row in one.rows))
        yield from (
            _paragraph(f"And {count_text(one.more)} more in {one.file}.") for _ in range(one.more > 0)
        )
        yield from (_paragraph(one.note) for _ in range(bool(one.note)))


def _said(cell: Cell) -> str:
    return f"{cell.text} ({cell.small})" if cell.small else cell.text


def _counts(items: Iterable[Count]) -> str:
    return ", ".join(f"{item.name} {count_text(item.n)}" for item in items)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    cells = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    for row in cells:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
