"""`creator-tiers health`: one look at everything that the pipeline stands on."""

from __future__ import annotations

import dataclasses

import click

from creator_tiers.cli.common import AS_JSON, settings_or_fail
from creator_tiers.cli.printing import plain, print_json


@click.command()
@AS_JSON
@click.pass_context
def health(context: click.Context, as_json: bool) -> None:
    """Tell whether landing zone, lake, warehouse, state store, mails, reports and disk are well.

    Nothing is written. Exit code 0 when all are well, 1 when one is not. Airflow's own services say theirs at
    /api/v2/monitor/health.

    \b
    Examples:
      creator-tiers health
      creator-tiers health --json
    """
    from creator_tiers.health import look

    checks = look(settings_or_fail())
    is_well = all(one.is_well for one in checks)
    if as_json:
        print_json({"is_well": is_well, "checks": [plain(dataclasses.asdict(one)) for one in checks]})
    else:
        for one in checks:
            click.echo(f"{'well' if one.is_well else 'NOT WELL':<9} {one.name:<11} {one.message}")
    context.exit(0 if is_well else 1)
