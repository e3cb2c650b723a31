"""`creator-tiers backup` and `restore`: a copy of all that cannot be made again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from creator_tiers.cli.common import AS_JSON, settings_or_fail, told_failures
from creator_tiers.cli.printing import print_json

if TYPE_CHECKING:
    from creator_tiers.operations import Done

_FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))


@click.command()
@_FOLDER
@AS_JSON
def backup(folder: Path, as_json: bool) -> None:
    """Copy the lake, the state, what reports have written, and the hash key into a new FOLDER.

    It may run while the pipeline works. Keep it as safe as the home: it holds the key of hashed customers.

    \b
    Examples:
      creator-tiers backup /backups/2026-11-24
    """
    _tell("Backed up", _done(restores=False, folder=folder), as_json)


@click.command()
@_FOLDER
@AS_JSON
def restore(folder: Path, as_json: bool) -> None:
    """Put the backup in FOLDER back into an empty home, and build the warehouse from it.

    \b
    Examples:
      CREATOR_TIERS_HOME=/srv/creator-tiers creator-tiers restore /backups/2026-11-24
    """
    _tell("Restored", _done(restores=True, folder=folder), as_json)


def _done(*, restores: bool, folder: Path) -> Done:
    from creator_tiers import operations

    verb = operations.restore if restores else operations.back_up
    with told_failures():
        return verb(settings_or_fail(), folder)


def _tell(verb: str, done: Done, as_json: bool) -> None:
    if as_json:
        print_json(dataclasses.asdict(done))
        return
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in done.seconds.items())
    click.echo(f"{verb} {done.loads} loads in {done.files} files, {done.size / 1e6:.1f} MB: {steps}.")
