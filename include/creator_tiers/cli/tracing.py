"""`creator-tiers trace`: a report's number back to the export files and rows that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from creator_tiers.cli.common import AS_JSON, FORMATS, settings_or_fail, told_failures
from creator_tiers.cli.printing import json_value, plain, print_json, print_rows

if TYPE_CHECKING:
    from creator_tiers.tracing import Trace


@click.command()
@click.argument("week")
@click.argument("cell")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@AS_JSON
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=40,
    show_default=True,
    help="Rows to show as a table; CSV and JSON have all.",
)
def trace(week: str, cell: str, form: str, as_json: bool, limit: int) -> None:
    """Trace a report's number, CELL of WEEK, back to the export files and row numbers that it rests on.

    \b
    A CELL is called
      PLATFORM/KINDS/METRIC/TIER-TIER   instagram/feed/er_reach_settled/micro-mega, a ratio of comparison.csv.
                                        KINDS may be `all` or left out, _settled too, where that is clear.
      CLAIM or CLAIM/SCOPE              C1, the ratio behind a claim about engagement rates (C1, C2, C3, ...)
      campaign/CAMPAIGN/MEASURE         campaign/spring infusion/orders_net; also orders_gross and the steps between,
                                        revenue_net, cost_fee, cost_loaded, hours_spent
      campaign/CAMPAIGN/ACCOUNT/MEASURE the same of one account, such as instagram:some.handle

    The rows are the values used, each with its creator, post or order, file and row number as a spreadsheet shows it.
    The number is worked out from them again: when that differs from what was reported, exports came later than the
    report; make it again. Exit code 3 then.

    \b
    Examples:
      creator-tiers trace 2026-W46 C1
      creator-tiers trace 2026-W46 instagram/er_reach/micro-mega --format csv
      creator-tiers trace 2026-W46 "campaign/spring infusion/orders_net" --json
    """
    from creator_tiers.tracing import trace as trace_cell
    from creator_tiers.weeks import Week

    settings = settings_or_fail()
    with told_failures(ValueError):
        found = trace_cell(settings, Week.parse(week, settings.zone), cell)
    if as_json or form == "json":
        _print_json(found)
    elif form == "csv":
        print_rows(found.rows, "csv")
    else:
        click.echo(
            f"{found.cell} of {found.week}: reported {found.reported}, from these rows {found.recomputed}"
        )
        click.echo(", ".join(f"{name} {json_value(value)}" for name, value in found.facts.items()))
        print_rows(found.rows.slice(0, limit), "table")
        if found.rows.num_rows > limit:
            left = found.rows.num_rows - limit
            click.echo(f"{left:,} more; --limit shows more, --format csv all of them.", err=True)
    if not found.agrees:
        click.echo("creator-tiers: the rows do not give the reported number: make the report again", err=True)
        raise SystemExit(3)


def _print_json(found: Trace) -> None:
    print_json(
        {
            "week": found.week,
            "cell": found.cell,
            "reported": found.reported,
            "recomputed": found.recomputed,
            "agrees": found.agrees,
            **plain(found.facts),
            "rows": [plain(row) for row in found.rows.to_pylist()],
        }
    )
