"""What is planted: per platform and kind group the ratio between the tiers' creator rates, and the spreads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import yaml

TIERS = ("nano", "micro", "mid", "macro", "mega")
"""The tiers of the scheme `article`, smallest first; everywhere in this package a tier is its place here."""

METRICS = {
    ("instagram", "feed"): "er_followers_settled",
    ("tiktok", "video"): "er_views_settled",
    ("youtube", "video"): "er_views_settled",
    ("youtube", "short"): "er_views_settled",
}
"""The metric that each group's ratio is planted on: the one that the claims are judged by."""

_KEYS = ("ratios", "base_rate", "creator_sd", "post_sd", "elasticity")


class EffectsError(ValueError):
    """An effects file that cannot be used; the message names the file, the key and what would be right."""


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """What is planted in one kind group of one platform.

    Attributes:
        levels: tier -> its geometric mean creator rate relative to the mega tier's, for all of `TIERS`.
        base_rate: the geometric mean creator rate of the mega tier, engagements per denominator.
        creator_sd: standard deviation of the creators' log rates inside a tier.
        post_sd: standard deviation of a post's log rate around its creator's.
        elasticity: growth of engagements with followers inside a tier (1: in proportion).
    """

    levels: Mapping[str, float]
    base_rate: float
    creator_sd: float
    post_sd: float
    elasticity: float = 0.95

    def ratio(self, tier_a: str, tier_b: str) -> float:
        """Planted creator rate of `tier_a` divided by that of `tier_b`."""
        return self.levels[tier_a] / self.levels[tier_b]


def levels_from_ratios(ratios: Mapping[str, float]) -> dict[str, float]:
    """Every tier's level relative to mega, from ratios such as `{"micro/mega": 1.38}`.

    Tiers that no ratio names are put on a straight line, in log rate over the order of the tiers, through the
    named ones next to them; beyond the last named one the line goes on.

    Raises:
        ValueError: a key is no pair of a tier with `mega`, a value is not above 0, or a tier stands twice.
    """
    known = {TIERS.index("mega"): 0.0}
    for pair, value in ratios.items():
        first, _, second = str(pair).partition("/")
        if "mega" not in (first, second) or first == second or {first, second} - set(TIERS):
            raise ValueError(
                f"{pair!r} is no pair of a tier with mega; write it like micro/mega or mega/micro"
            )
        number = _positive(value, str(pair))
        place = TIERS.index(first if second == "mega" else second)
        if place in known:
            raise ValueError(f"{TIERS[place]} is given twice; keep one of the ratios")
        known[place] = math.log(number) if second == "mega" else -math.log(number)
    places = sorted(known)
    if len(places) == 1:
        return dict.fromkeys(TIERS, 1.0)
    levels = {}
    for place, tier in enumerate(TIERS):
        right = next((i for i, one in enumerate(places) if i > 0 and one >= place), len(places) - 1)
        low, high = places[right - 1], places[right]
        slope = (known[high] - known[low]) / (high - low)
        levels[tier] = math.exp(known[low] + slope * (place - low))
    return levels


def _article() -> dict[tuple[str, str], GroupEffect]:
    return {
        ("instagram", "feed"): GroupEffect(levels_from_ratios({"micro/mega": 1.38}), 0.0165, 0.5, 0.35),
        ("tiktok", "video"): GroupEffect(levels_from_ratios({"micro/mega": 1.0}), 0.062, 0.28, 0.25),
        ("youtube", "video"): GroupEffect(levels_from_ratios({"mega/micro": 2.0}), 0.045, 0.38, 0.25),
        ("youtube", "short"): GroupEffect(levels_from_ratios({"mega/micro": 1.6}), 0.05, 0.4, 0.3),
    }


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is planted in campaigns.

    Attributes:
        levels: tier -> its net orders per reach relative to the mega tier's, for all of `TIERS`.
        base_rate: the mega tier's net orders per reach.
    """

    levels: Mapping[str, float] = field(default_factory=lambda: levels_from_ratios({"micro/mega": 1.35}))
    base_rate: float = 0.0004


@dataclass(frozen=True, slots=True)
class Effects:
    """The planted effects of all groups; without arguments the article's statements.

    Attributes:
        groups: (platform, kind group) -> what is planted there, for the keys of `METRICS`.
        conversion: what is planted in campaigns.
    """

    groups: Mapping[tuple[str, str], GroupEffect] = field(default_factory=_article)
    conversion: Conversion = field(default_factory=Conversion)

    @classmethod
    def from_file(cls, path: Path) -> Effects:
        """Read a YAML file that overrides the defaults: `platform: {group: {ratios: {a/b: n}, ...}}`.

        Example::

            instagram:
              feed: {ratios: {micro/mega: 1.38}, creator_sd: 0.5, post_sd: 0.35}
            youtube:
              video: {ratios: {mega/micro: 2.0}}
            campaigns: {ratios: {micro/mega: 1.35}, base_rate: 0.0004}

        Keys of a group: `ratios`, `base_rate`, `creator_sd`, `post_sd`, `elasticity`; each is optional.

        Raises:
            EffectsError: the file cannot be read or says something that cannot be planted.
        """
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise EffectsError(f"{path}: cannot be read as YAML: {error}") from error
        groups, conversion = _article(), Conversion()
        for platform, kinds in _mapping(raw or {}, f"{path}").items():
            if platform == "campaigns":
                conversion = _conversion(_mapping(kinds, f"{path}: campaigns"), f"{path}: campaigns")
                continue
            for kind, entry in _mapping(kinds, f"{path}: {platform}").items():
                where = f"{path}: {platform}.{kind}"
                key = (str(platform), str(kind))
                if key not in groups:
                    known = ", ".join(".".join(one) for one in groups)
                    raise EffectsError(f"{where}: nothing can be planted there; the groups are {known}")
                groups[key] = _override(groups[key], _mapping(entry, where), where)
        return cls(groups, conversion)


def _conversion(entry: Mapping[str, Any], where: str) -> Conversion:
    if unknown := set(entry) - {"ratios", "base_rate"}:
        raise EffectsError(
            f"{where}: unknown keys {sorted(map(str, unknown))}; the keys are ratios, base_rate"
        )
    planted = Conversion()
    try:
        if "ratios" in entry:
            planted = replace(
                planted, levels=levels_from_ratios(_mapping(entry["ratios"], f"{where}.ratios"))
            )
        if "base_rate" in entry:
            planted = replace(planted, base_rate=_positive(entry["base_rate"], "base_rate"))
    except EffectsError:
        raise
    except ValueError as error:
        raise EffectsError(f"{where}: {error}") from error
    return planted


def _override(group: GroupEffect, entry: Mapping[str, Any], where: str) -> GroupEffect:
    changes: dict[str, Any] = {}
    if unknown := set(entry) - set(_KEYS):
        raise EffectsError(
            f"{where}: unknown keys {sorted(map(str, unknown))}; the keys are {', '.join(_KEYS)}"
        )
    for name, value in entry.items():
        try:
            if name == "ratios":
                changes["levels"] = levels_from_ratios(_mapping(value, f"{where}.ratios"))
            else:
                changes[name] = _positive(value, name, zero=name.endswith("_sd"))
        except EffectsError:
            raise
        except ValueError as error:
            raise EffectsError(f"{where}: {error}") from error
    return replace(group, **changes)


def _positive(value: object, name: str, *, zero: bool = False) -> float:
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
        raise ValueError(f"{name}: {value!r} must be a number {'of 0 or more' if zero else 'above 0'}")
    return number


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise EffectsError(f"{where}: expected a mapping, got {value!r}")
    return cast("Mapping[str, Any]", value)
