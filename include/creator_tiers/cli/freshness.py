"""`creator-tiers freshness`: what is expected and has not come."""

from __future__ import annotations

import click

from creator_tiers.cli.common import AS_JSON, settings_or_fail, told_failures
from creator_tiers.cli.printing import print_json


@click.command()
@AS_JSON
@click.pass_context
def freshness(context: click.Context, as_json: bool) -> None:
    """Tell which expected export or report is missing now.

    What is expected stands in expected_exports.yaml in the home. Exit code 0 when nothing is missing, 1 when something
    is: for a cron job on another machine, when Airflow itself may be down.

    \b
    Examples:
      creator-tiers freshness
      creator-tiers freshness --json
    """
    from datetime import UTC, datetime

    from creator_tiers.freshness import missing_exports, missing_reports

    settings, now = settings_or_fail(), datetime.now(UTC)
    with told_failures(ValueError):
        missing = [*missing_exports(settings, now), *missing_reports(settings, now)]
    if as_json:
        print_json({"missing": missing})
    else:
        for one in missing:
            click.echo(one)
        click.echo(f"{len(missing)} missing." if missing else "Nothing that is expected is missing.")
    context.exit(1 if missing else 0)
