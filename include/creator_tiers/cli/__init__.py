"""The command line `creator-tiers`: one module a verb. Every command imports what it needs when it runs."""

from __future__ import annotations

import click

from creator_tiers.cli.deliveries import deliveries
from creator_tiers.cli.forgetting import forget
from creator_tiers.cli.freshness import freshness
from creator_tiers.cli.health import health
from creator_tiers.cli.inspecting import inspect
from creator_tiers.cli.keeping import backup, restore
from creator_tiers.cli.quarantine import rejected, replay
from creator_tiers.cli.querying import query
from creator_tiers.cli.rebuilding import rebuild
from creator_tiers.cli.sampling import samples
from creator_tiers.cli.tracing import trace


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="creator-tiers")
def main() -> None:
    """Do small creators bring more engagement and conversions than mega-creators, on your own data?

    The data lies in $CREATOR_TIERS_HOME (default ./data). `make run` loads and reports; these commands look at what
    is there.
    """


for command in (
    inspect,
    query,
    rejected,
    replay,
    forget,
    trace,
    freshness,
    health,
    deliveries,
    samples,
    rebuild,
    backup,
    restore,
):
    main.add_command(command)
