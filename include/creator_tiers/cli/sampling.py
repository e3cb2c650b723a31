"""`creator-tiers samples`: realistic export files with planted effects."""

from __future__ import annotations

from pathlib import Path

import click

from creator_tiers.cli.common import progress, told_failures


@click.command()
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

    with told_failures(ValueError):
        planted = Effects.from_file(effects) if effects else None
        with progress("Writing sample exports", None, shown=True) as advance:
            summary = write_samples(
                folder,
                seed=seed,
                creators=creators,
                weeks=weeks,
                effects=planted,
                progress=lambda _, total: advance(1, total),
                truth_path=truth,
            )
    click.echo(
        f"{summary.exports} exports, {summary.size / 1e6:.1f} MB, {summary.weeks} weeks up to {summary.until}, "
        f"in {summary.folder}"
    )
