"""Write a landing zone of sample exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from creator_tiers.samples import campaigns, instagram, lists, tiktok, youtube
from creator_tiers.samples.effects import METRICS, TIERS, Effects
from creator_tiers.samples.stage import Drawn, Stage
from creator_tiers.weeks import Week

DEFAULT_UNTIL = Week.parse("2026-W45")
"""The last week of the samples unless another is asked for: fixed, so that the bytes never depend on the clock."""

Progress = Callable[[int, int], None]
"""Called with (files written, files in all)."""


@dataclass(frozen=True, slots=True)
class PlantedRatio:
    """A planted ratio and what the drawn posts came to.

    Attributes:
        platform, kind_group, metric: where it is planted; the metric as `marts.tier_comparison` names it.
        tier_a, tier_b: the smaller and the larger tier.
        planted: creator rate of `tier_a` over that of `tier_b`, geometric means.
        drawn: the same of the posts that the last week compares, before counts are rounded; None where a
            tier has no such post.
        creator_sd: planted standard deviation of the creators' log rates.
        creators_a, creators_b: creators with a compared post.
        posts_a, posts_b: their compared posts.
    """

    platform: str
    kind_group: str
    metric: str
    tier_a: str
    tier_b: str
    planted: float
    drawn: float | None
    creator_sd: float
    creators_a: int
    creators_b: int
    posts_a: int
    posts_b: int


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written.

    Attributes:
        folder: the landing zone.
        seed, weeks, until: what it was made from; `until` is the ISO week whose report finds the ratios.
        exports: export files; sidecars: `.meta.yaml` files beside them; size: bytes of all.
        accounts: platform -> accounts; posts: platform -> feed posts drawn (stories not counted).
        truth: every planted ratio, all pairs of tiers.
        conversions: what is planted for each campaign and tier; nothing where the samples are too short.
    """

    folder: Path
    seed: int
    weeks: int
    until: str
    exports: int
    sidecars: int
    size: int
    accounts: dict[str, int]
    posts: dict[str, int]
    truth: tuple[PlantedRatio, ...]
    conversions: tuple[campaigns.PlantedConversions, ...] = ()

    def ratio(self, platform: str, kind_group: str, tier_a: str, tier_b: str) -> PlantedRatio:
        """The planted ratio of a pair; `tier_a` is the smaller tier.

        Raises:
            KeyError: there is no such pair.
        """
        for one in self.truth:
            if (one.platform, one.kind_group, one.tier_a, one.tier_b) == (
                platform,
                kind_group,
                tier_a,
                tier_b,
            ):
                return one
        raise KeyError(f"{platform} {kind_group} {tier_a}/{tier_b}")


def write_samples(
    folder: Path,
    *,
    seed: int = 7,
    creators: int | None = None,
    weeks: int = 26,
    until: Week = DEFAULT_UNTIL,
    effects: Effects | None = None,
    progress: Progress | None = None,
    truth_path: Path | None = None,
) -> SampleSummary:
    """Write realistic export files with planted effects, laid out as a landing zone.

    The same arguments give the same bytes. A file that already has them is left untouched; each file appears
    whole or not at all. Other files in the folder are left alone.

    Args:
        folder: the landing zone; made when missing.
        seed: of every draw.
        creators: accounts in each tier of each platform; None for a mix that finds the default effects
            (`stage.DEFAULT_COUNTS`). Every TikTok and YouTube account costs at least one file.
        weeks: weeks of posts.
        until: the last week; every file was observed before it ends.
        effects: what is planted; None for the article's statements.
        progress: called after each file.
        truth_path: where to write what was planted, as JSON; outside `folder`, which holds exports only.

    Raises:
        ValueError: `creators` or `weeks` below 1, or `truth_path` inside `folder`.
    """
    if weeks < 1 or (creators is not None and creators < 1):
        raise ValueError(f"weeks ({weeks}) and creators ({creators}) must be at least 1")
    if truth_path is not None and truth_path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{truth_path} lies in the landing zone {folder}; choose a place outside")
    stage = Stage.of(seed=seed, weeks=weeks, until=until, effects=effects or Effects(), creators=creators)
    platforms = [platform.draw(stage) for platform in (instagram, tiktok, youtube)]
    files: dict[str, bytes] = {}
    for drawn in platforms:
        files |= drawn.files | lists.creator_lists(stage, drawn.accounts)
    files |= lists.strays(stage)
    conversion = stage.effects.conversion
    sold, conversions = campaigns.draw(stage, platforms[0], dict(conversion.levels), conversion.base_rate)
    files |= sold
    for number, (name, body) in enumerate(sorted(files.items()), 1):
        _write(folder / name, body)
        if progress is not None:
            progress(number, len(files))
    sidecars = sum(name.endswith(".meta.yaml") for name in files)
    summary = SampleSummary(
        folder=folder,
        seed=seed,
        weeks=weeks,
        until=until.label,
        exports=len(files) - sidecars,
        sidecars=sidecars,
        size=sum(map(len, files.values())),
        accounts={drawn.accounts.platform: len(drawn.accounts) for drawn in platforms},
        posts={drawn.accounts.platform: len(drawn.posts) for drawn in platforms},
        truth=tuple(ratio for drawn in platforms for ratio in _truth(stage, drawn)),
        conversions=conversions,
    )
    if truth_path is not None:
        _write(truth_path, _as_json(summary))
    return summary


def _write(path: Path, body: bytes) -> None:
    if path.is_file() and path.stat().st_size == len(body) and path.read_bytes() == body:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(body)
    part.replace(path)


def _truth(stage: Stage, drawn: Drawn) -> list[PlantedRatio]:
    posts, accounts = drawn.posts, drawn.accounts
    found = []
    for place, (kind, effect) in enumerate(stage.group_effects(accounts.platform).items()):
        chosen = posts.is_compared & (posts.group == place)
        per_creator = np.bincount(posts.account, chosen, len(accounts))
        summed = np.bincount(posts.account, np.where(chosen, np.log(posts.rate), 0.0), len(accounts))
        mean = summed / np.maximum(per_creator, 1)
        has = per_creator > 0
        creators = np.bincount(accounts.tier, has, len(TIERS)).astype(int)
        tier_posts = np.bincount(accounts.tier, per_creator, len(TIERS)).astype(int)
        level = np.bincount(accounts.tier, np.where(has, mean, 0.0), len(TIERS)) / np.maximum(creators, 1)
        for a in range(len(TIERS)):
            for b in range(a + 1, len(TIERS)):
                both = creators[a] > 0 and creators[b] > 0
                found.append(
                    PlantedRatio(
                        platform=accounts.platform,
                        kind_group=kind,
                        metric=METRICS[accounts.platform, kind],
                        tier_a=TIERS[a],
                        tier_b=TIERS[b],
                        planted=effect.ratio(TIERS[a], TIERS[b]),
                        drawn=float(np.exp(level[a] - level[b])) if both else None,
                        creator_sd=effect.creator_sd,
                        creators_a=int(creators[a]),
                        creators_b=int(creators[b]),
                        posts_a=int(tier_posts[a]),
                        posts_b=int(tier_posts[b]),
                    )
                )
    return found


def _as_json(summary: SampleSummary) -> bytes:
    facts: dict[str, Any] = asdict(summary)
    del facts["folder"]
    return (json.dumps(facts, indent=2, sort_keys=True) + "\n").encode()
