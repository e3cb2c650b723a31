"""`creator-tiers rejected` and `replay`: the quarantine, listed and read again."""

from __future__ import annotations

from typing import Any

import click

from creator_tiers.cli.common import AS_JSON, progress, settings_or_fail, told_failures
from creator_tiers.cli.printing import print_json, print_rows


@click.command()
@click.option("--rule", help="Only this rule, such as bad_date.")
@click.option(
    "--file", "file", help="Only files whose path contains this text, or whose file_id begins with it."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Rows to show as a table; JSON has all of them.",
)
@AS_JSON
def rejected(rule: str | None, file: str | None, limit: int, as_json: bool) -> None:
    """List the quarantine: rows and files that were refused, with the rule and the raw text.

    \b
    Examples:
      creator-tiers rejected
      creator-tiers rejected --rule missing_post_id --file instagram/ --json
    """
    from creator_tiers.warehouse import open_reader

    text = """
        SELECT files.path, rejected.row_number, rejected.rule, rejected.column_name, rejected.value, rejected.raw,
            rejected.rejected_at, rejected.file_id
        FROM ops.rejected_rows AS rejected
        INNER JOIN ops.export_files AS files ON rejected.load_key = files.load_key
        WHERE rejected.resolved_at IS NULL
            AND ($rule = '' OR rejected.rule = $rule)
            AND ($file = '' OR strpos(files.path, $file) > 0 OR strpos(rejected.file_id, $file) = 1)
        ORDER BY files.path, rejected.row_number
    """
    with told_failures(), open_reader(settings_or_fail()) as reader:
        rows = reader.read(text, {"rule": rule or "", "file": file or ""})
    _tell_unknown(rule, rows.num_rows)
    if as_json:
        print_rows(rows, "json")
        return
    print_rows(rows.slice(0, limit), "table")
    if rows.num_rows > limit:
        click.echo(f"{rows.num_rows - limit:,} more; --limit shows more, --json all of them.", err=True)


def _tell_unknown(rule: str | None, found: int) -> None:
    """Say that there is no such rule, where nothing was found by it: an empty list would look like good news."""
    from creator_tiers.exports.faults import RULES

    if rule and not found and rule not in RULES:
        click.echo(f"creator-tiers: no rule is called {rule!r}; there are {', '.join(RULES)}", err=True)


@click.command()
@click.option("--rule", help="Only files with a row refused by this rule, such as bad_date.")
@click.option(
    "--file", "file", help="Only files whose path contains this text, or whose file_id begins with it."
)
@AS_JSON
def replay(rule: str | None, file: str | None, as_json: bool) -> None:
    """Read the quarantined files again with today's rules, and build the warehouse from what they give.

    With --file and without --rule also the files so named that have no refusals: a renamed column refuses nothing.

    A file that reads differently now is replaced as a whole, as if it had been read so when it was received. What is
    settled stays in ops.rejected_rows with its time (resolved_at). Nothing new: nothing changes.

    \b
    Examples:
      creator-tiers replay
      creator-tiers replay --rule bad_date --file instagram/ --json
    """
    from creator_tiers.ingestion import replay as read_again
    from creator_tiers.warehouse.build import build

    settings = settings_or_fail()
    with told_failures():
        with progress("Reading again", None, shown=not as_json) as advance:
            found = read_again(settings, rule, file, lambda _, total, what: advance(1, total, what))
        with progress("Building", None, shown=not as_json) as advance:
            build(settings, lambda _, total, what: advance(1, total, what))
    _tell_unknown(rule, found["files"])
    if as_json:
        print_json(found)
        return
    _print_replay(found)


def _print_replay(found: dict[str, Any]) -> None:
    from creator_tiers.hygiene import one_line

    for one in found["answers"]:
        counts = f"{one['rows_resolved']:,} refusals settled, {one['rows_rejected']:,} rows refused still"
        told = one["message"] if one["state"] in ("missing", "waiting") else counts
        click.echo(f"{one['state']}: {one_line(one['path'])}: {one_line(told)}")
    click.echo(
        f"{found['files']} files: {found['replaced']} replaced, {found['unchanged']} unchanged, "
        f"{found['missing']} missing, {found['waiting']} waiting; {found['rows_accepted']:+,} rows."
    )
