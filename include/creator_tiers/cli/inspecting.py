"""`creator-tiers inspect`: what a file is and what would happen to it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from creator_tiers.cli.common import AS_JSON, progress, settings_or_fail, told_failures
from creator_tiers.cli.printing import plain, print_json

if TYPE_CHECKING:
    from creator_tiers.exports.inspecting import Inspection


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@AS_JSON
@click.pass_context
def inspect(context: click.Context, paths: tuple[str, ...], as_json: bool) -> None:
    """Tell what files are and what would happen to them, without touching any warehouse.

    Folders are searched. Exit code 0 when every path was answered, 2 when one does not exist.

    \b
    Examples:
      creator-tiers inspect ~/Downloads/Content.csv
      creator-tiers inspect data/landing --json | jq '.[] | select(.rows_rejected > 0)'
    """
    from creator_tiers.exports.inspecting import find, inspect_files
    from creator_tiers.thresholds import read_limits

    with told_failures():
        limits = read_limits(settings_or_fail())
    files = list(find(paths))
    with progress(f"Inspecting {len(files)} files", len(files), shown=len(files) > 1) as advance:
        found = []
        for one in inspect_files(files, limits):
            found.append(one)
            advance(1)
    if as_json:
        print_json([plain(dataclasses.asdict(one)) for one in found])
    else:
        for one in found:
            _print_inspection(one)
    if any(one.status == "missing" for one in found):
        context.exit(2)


def _print_inspection(one: Inspection) -> None:
    from creator_tiers.hygiene import one_line

    observed = (
        f", observed {one.observed_at:%Y-%m-%d %H:%M} UTC ({one.observed_from})" if one.observed_at else ""
    )
    click.echo(click.style(one_line(one.path), bold=True))
    about = ", ".join(filter(None, [one.format, one.platform, one.account and one_line(one.account)]))
    click.echo(f"  {one.status}: {about}{observed}")
    click.echo(
        f"  {one.rows_read:,} rows = {one.rows_accepted:,} accepted + {one.rows_duplicate:,} duplicate"
        f" + {one.rows_rejected:,} rejected + {one.rows_ignored:,} ignored"
    )
    for rule, rows in one.rejected_by_rule.items():
        click.echo(f"  {rule}: {rows:,}")
    if one.totals:
        numbers = {name: value for name, value in one.totals.items() if not isinstance(value, dict)}
        click.echo("  " + ", ".join(f"{name} {_number_text(value)}" for name, value in numbers.items()))
    if one.message:
        click.echo(f"  {one_line(one.message)}")


def _number_text(value: object) -> str:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
