"""`creator-tiers rebuild`: the warehouse again, from the lake."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import click

from creator_tiers.cli.common import AS_JSON, progress, settings_or_fail, told_failures
from creator_tiers.cli.printing import print_json


@click.command()
@click.option("--as-of", "as_of", help="Only what had been received by then, such as 2026-11-16T00:00:00Z.")
@AS_JSON
def rebuild(as_of: str | None, as_json: bool) -> None:
    """Build the warehouse again from the lake.

    \b
    Examples:
      creator-tiers rebuild
      creator-tiers rebuild --as-of 2026-11-16T00:00:00Z
    """
    from creator_tiers.warehouse.build import rebuild as build_again

    try:
        known = datetime.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise click.BadParameter(
            f"{as_of!r} is no time; write it like 2026-11-16T00:00:00Z", param_hint="--as-of"
        ) from None
    if known is not None and known.tzinfo is None:
        known = known.replace(tzinfo=UTC)
    with told_failures(), progress("Building", None, shown=not as_json) as advance:
        report = build_again(settings_or_fail(), known, lambda _, total, what: advance(1, total, what))
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        click.echo(
            f"{report.loads} loads, {report.rows_loaded:,} rows, {report.posts:,} posts; published for readers."
        )
