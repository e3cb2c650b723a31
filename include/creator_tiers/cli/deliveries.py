"""`creator-tiers deliveries`: what became of mails, and a word on those in doubt."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from creator_tiers.cli.common import AS_JSON, settings_or_fail, told_failures
from creator_tiers.cli.printing import plain, print_json, print_table

if TYPE_CHECKING:
    from creator_tiers.report.outbox import OutboxRow

_SHOWN = ("report_id", "recipient", "state", "attempts", "sent_at", "message_id", "error")


@click.group(invoke_without_command=True)
@click.option("--report", help="Only this report or notice, such as tier-report-2026-W46.")
@click.option("--in-doubt", is_flag=True, help="Only deliveries of which nobody knows.")
@AS_JSON
@click.pass_context
def deliveries(context: click.Context, report: str | None, in_doubt: bool, as_json: bool) -> None:
    """List what became of the mails: reports to their recipients, notices to the owner.

    The state `handing_over` is in doubt unless a run is at work: the mail server may or may not have taken the mail,
    and it is never sent again by itself. Look its Message-ID up in the server's log, then say it with `resolve`.

    \b
    Examples:
      creator-tiers deliveries
      creator-tiers deliveries --in-doubt --json
      creator-tiers deliveries resolve tier-report-2026-W46 ann@brand.example --not-sent
    """
    if context.invoked_subcommand is not None:
        return
    from creator_tiers.publishing.deliveries import list_deliveries
    from creator_tiers.report.outbox import HANDING_OVER

    with told_failures():
        rows = [
            row
            for row in list_deliveries(settings_or_fail(), report)
            if not in_doubt or row.state == HANDING_OVER
        ]
    if as_json:
        print_json([_record(row) for row in rows])
    else:
        shown = [{name: str(value or "") for name, value in _record(row).items()} for row in rows]
        print_table(_SHOWN, [[row[name] for name in _SHOWN] for row in shown])


@deliveries.command()
@click.argument("report_id")
@click.argument("recipient")
@click.option("--sent/--not-sent", "was_sent", default=None, help="What the mail server's log says.")
@AS_JSON
def resolve(report_id: str, recipient: str, was_sent: bool | None, as_json: bool) -> None:
    """Settle a delivery in doubt: the mail was --sent, or --not-sent and the next run sends it.

    \b
    Examples:
      creator-tiers deliveries resolve tier-report-2026-W46 ann@brand.example --sent
      creator-tiers deliveries resolve tier-report-2026-W46 bob@brand.example --not-sent
    """
    from creator_tiers.publishing.deliveries import resolve_delivery

    if was_sent is None:
        raise click.UsageError("say --sent or --not-sent, after a look into the mail server's log")
    with told_failures():
        row = resolve_delivery(settings_or_fail(), report_id, recipient, was_sent)
    if as_json:
        print_json(_record(row))
    else:
        then = "" if was_sent else ": the next run of publish_tier_report sends it"
        click.echo(f"{row.report_id} to {row.recipient}: {row.state}{then}.")


def _record(row: OutboxRow) -> dict[str, object]:
    return plain(dataclasses.asdict(row))
