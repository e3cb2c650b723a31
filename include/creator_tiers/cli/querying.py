"""`creator-tiers query`: a read-only query on the warehouse in use."""

from __future__ import annotations

import click

from creator_tiers.cli.common import FORMATS, settings_or_fail, told_failures
from creator_tiers.cli.printing import print_rows


@click.command()
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
def query(sql: str, form: str) -> None:
    """Run a read-only query on the warehouse in use.

    \b
    Examples:
      creator-tiers query "SELECT * FROM marts.tier_comparison WHERE verdict = 'supported'"
      creator-tiers query "SELECT status, count(*) AS files FROM ops.export_files GROUP BY status" --format csv
    """
    from creator_tiers.warehouse import open_reader

    with told_failures(), open_reader(settings_or_fail()) as reader:
        print_rows(reader.query(sql), form)
