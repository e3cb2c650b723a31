"""The command line `creator-tiers`. Every command imports what it needs when it runs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.exports.inspecting import Inspection
    from creator_tiers.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
FORMATS = ("table", "csv", "json")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="creator-tiers")
def main() -> None:
    """Do small creators bring more engagement and conversions than mega-creators, on your own data?

    The data lies in $CREATOR_TIERS_HOME (default ./data). `make run` loads and reports; these commands look at what
    is there.
    """


@main.command()
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
    from creator_tiers.settings import ConfigurationError
    from creator_tiers.thresholds import read_limits

    try:
        limits = read_limits(_settings())
    except ConfigurationError as error:
        _fail(str(error))
    files = list(find(paths))
    with _progress(f"Inspecting {len(files)} files", len(files), shown=len(files) > 1) as advance:
        found = []
        for one in inspect_files(files, limits):
            found.append(one)
            advance(1)
    if as_json:
        _print_json([_plain(dataclasses.asdict(one)) for one in found])
    else:
        for one in found:
            _print_inspection(one)
    if any(one.status == "missing" for one in found):
        context.exit(2)


@main.command()
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
def query(sql: str, form: str) -> None:
    """Run a read-only query on the warehouse in use.

    \b
    Examples:
      creator-tiers query "SELECT * FROM marts.tier_comparison WHERE verdict = 'supported'"
      creator-tiers query "SELECT status, count(*) AS files FROM ops.export_files GROUP BY status" --format csv
    """
    from creator_tiers.errors import ContractError, TransientError
    from creator_tiers.warehouse import WarehouseError, open_reader

    try:
        with open_reader(_settings()) as reader:
            rows = reader.query(sql)
    except (WarehouseError, ContractError, TransientError) as error:
        _fail(str(error))
    _print_rows(rows, form)


@main.command()
@click.option("--rule", help="Only this rule, such as bad_date.")
@click.option(
    "--file", "file", help="Only files whose path contains this text, or whose file_id begins with it."
)
@click.option(
    "--limit", default=100, show_default=True, help="Rows to show as a table; JSON has all of them."
)
@AS_JSON
def rejected(rule: str | None, file: str | None, limit: int, as_json: bool) -> None:
    """List the quarantine: rows and files that were refused, with the rule and the raw text.

    \b
    Examples:
      creator-tiers rejected
      creator-tiers rejected --rule missing_post_id --file instagram/ --json
    """
    from creator_tiers.errors import ContractError, TransientError
    from creator_tiers.warehouse import WarehouseError, open_reader

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
    try:
        with open_reader(_settings()) as reader:
            rows = reader.read(text, {"rule": rule or "", "file": file or ""})
    except (WarehouseError, ContractError, TransientError) as error:
        _fail(str(error))
    if as_json:
        _print_rows(rows, "json")
        return
    _print_rows(rows.slice(0, limit), "table")
    if rows.num_rows > limit:
        click.echo(f"{rows.num_rows - limit:,} more; --limit shows more, --json all of them.", err=True)


@main.command()
@click.option("--rule", help="Only files with a row refused by this rule, such as bad_date.")
@click.option(
    "--file", "file", help="Only files whose path contains this text, or whose file_id begins with it."
)
@AS_JSON
def replay(rule: str | None, file: str | None, as_json: bool) -> None:
    """Read the quarantined files again with today's rules, and build the warehouse from what they give.

    A file that reads differently now is replaced as a whole, as if it had been read so when it was received. What is
    settled stays in ops.rejected_rows with its time (resolved_at). Nothing new: nothing changes.

    \b
    Examples:
      creator-tiers replay
      creator-tiers replay --rule bad_date --file instagram/ --json
    """
    from creator_tiers.errors import ContractError, TransientError
    from creator_tiers.ingestion import replay as read_again
    from creator_tiers.settings import ConfigurationError
    from creator_tiers.warehouse import WarehouseError
    from creator_tiers.warehouse.build import build

    settings = _settings()
    try:
        with _progress("Reading again", None, shown=not as_json) as advance:
            found = read_again(settings, rule, file, lambda _, total, what: advance(1, total, what))
        with _progress("Building", None, shown=not as_json) as advance:
            build(settings, lambda _, total, what: advance(1, total, what))
    except (WarehouseError, ContractError, TransientError, ConfigurationError, OSError) as error:
        _fail(str(error))
    if as_json:
        _print_json(found)
        return
    _print_replay(found)


@main.command()
@click.argument("account")
@AS_JSON
def forget(account: str, as_json: bool) -> None:
    """Erase a creator's ACCOUNT (platform:handle) from lake, quarantine and warehouse, for good.

    Its rows, the raw text of its refused rows and the paths that name it go; their files' counts say so. Reading the
    same files again does not bring it back. When, what and a keyed hash of the account stay, in lake/forgotten/. Files
    in the landing zone are yours to delete: those in a folder of the account are listed.

    \b
    Examples:
      creator-tiers forget instagram:some.handle
    """
    from creator_tiers.errors import ContractError, TransientError
    from creator_tiers.ingestion import forget as erase
    from creator_tiers.warehouse import WarehouseError
    from creator_tiers.warehouse.build import build

    settings = _settings()
    try:
        with _progress("Erasing", None, shown=not as_json) as advance:
            found = erase(settings, account, lambda _, total, what: advance(1, total, what))
        with _progress("Building", None, shown=not as_json) as advance:
            build(settings, lambda _, total, what: advance(1, total, what))
    except (WarehouseError, ContractError, TransientError, OSError) as error:
        _fail(str(error))
    if as_json:
        _print_json(found)
        return
    _print_erasure(found)


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--creators", type=click.IntRange(1), help="Creators in every tier of every platform.")
@click.option("--weeks", type=click.IntRange(1), default=26, show_default=True, help="Weeks of posts.")
@click.option(
    "--effects",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML of effects to plant.",
)
@click.option(
    "--truth", type=click.Path(dir_okay=False, path_type=Path), help="Write what was planted to this file."
)
def samples(
    folder: Path, seed: int, creators: int | None, weeks: int, effects: Path | None, truth: Path | None
) -> None:
    """Write realistic export files with known planted effects into FOLDER, laid out as a landing zone.

    \b
    Examples:
      creator-tiers samples data/landing
      creator-tiers samples /tmp/landing --seed 3 --creators 20 --effects effects.yaml --truth truth.json
    """
    from creator_tiers.samples import Effects, write_samples

    try:
        planted = Effects.from_file(effects) if effects else None
        with _progress("Writing sample exports", None, shown=True) as advance:
            summary = write_samples(
                folder,
                seed=seed,
                creators=creators,
                weeks=weeks,
                effects=planted,
                progress=lambda _, total: advance(1, total),
                truth_path=truth,
            )
    except (ValueError, OSError) as error:
        _fail(str(error))
    click.echo(
        f"{summary.exports} exports, {summary.size / 1e6:.1f} MB, {summary.weeks} weeks up to {summary.until}, "
        f"in {summary.folder}"
    )


@main.command()
@click.option("--as-of", "as_of", help="Only what had been received by then, such as 2026-11-16T00:00:00Z.")
@AS_JSON
def rebuild(as_of: str | None, as_json: bool) -> None:
    """Build the warehouse again from the lake.

    \b
    Examples:
      creator-tiers rebuild
      creator-tiers rebuild --as-of 2026-11-16T00:00:00Z
    """
    from creator_tiers.errors import ContractError, TransientError
    from creator_tiers.warehouse import WarehouseError
    from creator_tiers.warehouse.build import rebuild as build_again

    try:
        known = datetime.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise click.BadParameter(
            f"{as_of!r} is no time; write it like 2026-11-16T00:00:00Z", param_hint="--as-of"
        ) from None
    if known is not None and known.tzinfo is None:
        known = known.replace(tzinfo=UTC)
    try:
        with _progress("Building", None, shown=not as_json) as advance:
            report = build_again(_settings(), known, lambda _, total, what: advance(1, total, what))
    except (WarehouseError, ContractError, TransientError) as error:
        _fail(str(error))
    if as_json:
        _print_json(dataclasses.asdict(report))
    else:
        click.echo(
            f"{report.loads} loads, {report.rows_loaded:,} rows, {report.posts:,} posts; published for readers."
        )


def _settings() -> Settings:
    from creator_tiers.settings import ConfigurationError, load_settings

    try:
        return load_settings()
    except ConfigurationError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    click.echo(f"creator-tiers: {message}", err=True)
    raise SystemExit(1)


class _progress:  # noqa: N801 - used as a function
    """A progress bar on a terminal's standard error; nothing elsewhere."""

    def __init__(self, label: str, total: int | None, *, shown: bool) -> None:
        self._label, self._total = label, total
        self._shown = shown and sys.stderr.isatty()

    def __enter__(self) -> Callable[..., None]:
        if not self._shown:
            return lambda *_: None
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task(self._label, total=self._total)

        def advance(steps: int, total: int | None = None, what: str | None = None) -> None:
            self._bar.update(task, advance=steps, total=total or self._total, description=what or self._label)

        return advance

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._bar.stop()


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
        click.echo("  " + ", ".join(f"{name} {_number(value)}" for name, value in numbers.items()))
    if one.message:
        click.echo(f"  {one_line(one.message)}")


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


def _print_erasure(found: dict[str, Any]) -> None:
    from creator_tiers.hygiene import one_line

    rows = ", ".join(f"{count:,} of {name}" for name, count in found["rows"].items()) or "none"
    click.echo(
        f"Rows erased: {rows}; refused rows: {found['refused_rows']:,}; {found['loads']:,} loads rewritten."
    )
    click.echo(f"Noted as lake/forgotten/{found['account_hash']}.json")
    for path in found["landing"]:
        click.echo(f"Still in the landing zone, delete it: {one_line(path)}")


def _number(value: object) -> str:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _print_rows(rows: pa.Table, form: str) -> None:
    if form == "json":
        _print_json([_plain(row) for row in rows.to_pylist()])
    elif form == "csv":
        _print_csv(rows.column_names, (row.values() for row in rows.to_pylist()))
    else:
        _print_table(
            rows.column_names, [[_shown(value) for value in row.values()] for row in rows.to_pylist()]
        )


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _print_csv(names: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    import csv

    from creator_tiers.hygiene import spreadsheet_cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([spreadsheet_cell(name) for name in names])
    for row in rows:
        writer.writerow([spreadsheet_cell(_json_value(value)) for value in row])


def _print_table(names: Sequence[str], rows: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 1000, highlight=False)
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _shown(value: object) -> str:
    from creator_tiers.hygiene import one_line

    return "" if value is None else one_line(_json_value(value), 120)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _json_value(value) for name, value in record.items()}


def _json_value(value: Any) -> Any:
    """A value as JSON has it: times as `YYYY-MM-DDTHH:MM:SSZ`, decimals as numbers, unknown and no number as null."""
    from datetime import date
    from decimal import Decimal

    if isinstance(value, datetime):
        instant = value if value.tzinfo is None else value.astimezone(UTC)
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_json_value(one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


if __name__ == "__main__":
    main()
