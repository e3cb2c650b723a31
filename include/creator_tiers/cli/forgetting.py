"""`creator-tiers forget`: an account erased for good."""

from __future__ import annotations

from typing import Any

import click

from creator_tiers.cli.common import AS_JSON, progress, settings_or_fail, told_failures
from creator_tiers.cli.printing import print_json


@click.command()
@click.argument("account")
@AS_JSON
def forget(account: str, as_json: bool) -> None:
    """Erase a creator's ACCOUNT (platform:handle) from lake, quarantine and warehouse, for good.

    Its rows, the raw text of its refused rows and the paths that name it go; their files' counts say so. Reading the
    same files again does not bring it back. When, what and a keyed hash of the account stay, in lake/forgotten/. Files
    in the landing zone are yours to delete: those in a folder of the account are listed. So are the reports that name
    it: make them again or delete them.

    \b
    Examples:
      creator-tiers forget instagram:some.handle
    """
    from creator_tiers.ingestion import forget as erase
    from creator_tiers.ingestion.forgetting import account_key
    from creator_tiers.publishing.naming import reports_naming
    from creator_tiers.warehouse.build import build
    from creator_tiers.warehouse.erasing import erase_leftovers

    settings = settings_or_fail()
    with told_failures():
        with progress("Erasing", None, shown=not as_json) as advance:
            found = erase(settings, account, lambda _, total, what: advance(1, total, what))
        with progress("Building", None, shown=not as_json) as advance:
            build(settings, lambda _, total, what: advance(1, total, what))
        erase_leftovers(settings)
        found["reports"] = reports_naming(settings, account_key(account))
    if as_json:
        print_json(found)
        return
    _print_erasure(found)


def _print_erasure(found: dict[str, Any]) -> None:
    from creator_tiers.hygiene import one_line

    rows = ", ".join(f"{count:,} of {name}" for name, count in found["rows"].items()) or "none"
    click.echo(
        f"Rows erased: {rows}; refused rows: {found['refused_rows']:,}; {found['loads']:,} loads rewritten."
    )
    click.echo(f"Noted as lake/forgotten/{found['account_hash']}.json")
    for path in found["landing"]:
        click.echo(f"Still in the landing zone, delete it: {one_line(path)}")
    for path in found["reports"]:
        click.echo(f"Still named in a report, make it again or delete it: {one_line(path)}")
