"""The register of claims: what is said, where it is judged, and the sentence for each verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from creator_tiers.comparison.coded import KIND_GROUPS, METRICS
from creator_tiers.comparison.rates import ARMS
from creator_tiers.comparison.verdicts import (
    FEWEST_FOR_INTERVAL,
    FEWEST_FOR_VERDICT,
    HIGHER,
    MARGIN,
    Expectation,
    Expects,
    Verdict,
)
from creator_tiers.settings import RESOURCES

REGISTER = RESOURCES / "seeds" / "claims.yaml"
COMMON = {"id", "statement", "judge", "unit", "window", "test", "claimed", "sentences"}
TIER_KEYS = {*COMMON, "metric", "tier_a", "tier_b", "scopes"}
OTHER_KEYS = {*COMMON, "measures"}
MEASURE_KEYS = {"metric", "tier_a", "tier_b"}
JUDGES = ("definition", "tiers", "ratios", "totals", "branded_share", "paired", "rebooking", "trend")
"""Who answers: `tiers` the tier comparison, the others the judges of placements and of branded posts."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, where libyaml is there."""

_POSSIBLE = {
    Expects.EQUIVALENCE: (
        Verdict.SUPPORTED,
        Verdict.CONTRADICTED,
        Verdict.NOT_ENOUGH_EVIDENCE,
        Verdict.NOT_TESTABLE,
    ),
    Expects.NOT_BELOW: (
        Verdict.SUPPORTED,
        Verdict.CONTRADICTED,
        Verdict.NOT_ENOUGH_EVIDENCE,
        Verdict.NOT_TESTABLE,
    ),
}


class ClaimError(ValueError):
    """The register cannot be used; the message names the claim and the key."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a claim is judged: a platform's kind group, under the name that `scope` has in the marts."""

    scope: str
    platform: str
    kind_group: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to look at a claim that is not about creator rates; the first of a claim is its primary one.

    Attributes:
        metric: the name in the marts.
        tier_a, tier_b: the claim is about a / b: tiers, sides, or `fit` / `unfit`.
        expectation: what is said of the ratio.
        above, below: the columns that are totalled and divided by; no `below` counts rows.
        goal: only campaigns of this goal.
    """

    metric: str
    tier_a: str
    tier_b: str
    expectation: Expectation
    above: str = ""
    below: str | None = None
    goal: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about a ratio of two groups.

    Attributes:
        claim_id: such as `C1`.
        statement: what the article says.
        metric: the primary metric.
        tier_a, tier_b: the claim is about a / b.
        expectation: what is said of the ratio.
        scopes: where it is judged, the primary one first.
        sentences: one fixed sentence for each verdict that it can get.
        judge: one of `JUDGES`.
        unit, window, test: how it is judged, in words.
        measures: how it is measured, for claims that are not about creator rates.
        per_campaign: whether each campaign gets a row of its own.
    """

    claim_id: str
    statement: str
    metric: str
    tier_a: str
    tier_b: str
    expectation: Expectation
    scopes: tuple[Scope, ...]
    sentences: Mapping[Verdict, str]
    judge: str = "tiers"
    unit: str = "creator"
    window: str = ""
    test: str = ""
    measures: tuple[Measure, ...] = ()
    per_campaign: bool = False

    @property
    def claimed_value(self) -> float:
        """The claimed ratio or bound; 1 for equivalence and for a direction."""
        return 1.0 if self.expectation.value is None else self.expectation.value


def load_claims(path: Path = REGISTER) -> tuple[Claim, ...]:
    """Read and check the register.

    Raises:
        ClaimError: a key is missing, unknown or has a value that cannot be used.
        OSError: the file cannot be read.
    """
    return _load(path)


def expectation_of(
    claims: Sequence[Claim], platform: str, kind_group: str, metric: str, pair: tuple[str, str]
) -> Expectation:
    """What is claimed about a row of the tier comparison in its own direction; else only "higher"."""
    for claim in claims:
        same = claim.metric == metric and (claim.tier_a, claim.tier_b) == pair
        sized = claim.expectation.value is not None
        if same and sized and any((s.platform, s.kind_group) == (platform, kind_group) for s in claim.scopes):
            return claim.expectation
    return HIGHER


@cache
def _load(path: Path) -> tuple[Claim, ...]:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise ClaimError(f"{path.name} is not YAML: {error}") from error
    entries = raw.get("claims") if isinstance(raw, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ClaimError(f"{path.name}: `claims` has to be a list of claims")
    _constants(path.name, raw)
    claims = tuple(_claim(entry) for entry in entries)
    ids = [claim.claim_id for claim in claims]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ClaimError(f"{path.name}: the ids {', '.join(twice)} occur twice")
    return claims


def _claim(entry: Any) -> Claim:
    if not isinstance(entry, dict):
        raise ClaimError(f"a claim has to be a mapping, not {entry!r}")
    name = str(entry.get("id", "a claim without id"))
    _one_of(name, "judge", entry.get("judge"), JUDGES)
    keys = TIER_KEYS if entry["judge"] == "tiers" else OTHER_KEYS
    if wrong := sorted((set(entry) ^ keys) - {"per_campaign"}):
        raise ClaimError(f"{name}: missing or unknown keys: {', '.join(map(str, wrong))}")
    if entry["judge"] != "tiers":
        return _other(name, entry)
    _one_of(name, "metric", entry["metric"], METRICS)
    for side in ("tier_a", "tier_b"):
        _one_of(name, side, entry[side], ARMS)
    if entry["tier_a"] == entry["tier_b"]:
        raise ClaimError(f"{name}: tier_a and tier_b are the same tier")
    expectation = _expectation(name, entry["claimed"])
    return Claim(
        claim_id=name,
        statement=str(entry["statement"]),
        metric=entry["metric"],
        tier_a=entry["tier_a"],
        tier_b=entry["tier_b"],
        expectation=expectation,
        scopes=_scopes(name, entry["scopes"]),
        sentences=_sentences(name, entry["sentences"], expectation),
        **_words(entry),
    )


def _other(name: str, entry: Mapping[str, Any]) -> Claim:
    expectation = _expectation(name, entry["claimed"])
    if not isinstance(entry["measures"], list) or not entry["measures"]:
        raise ClaimError(f"{name}: `measures` has to be a list")
    measures = tuple(_measure(name, one, expectation) for one in entry["measures"])
    return Claim(
        claim_id=name,
        statement=str(entry["statement"]),
        metric=measures[0].metric,
        tier_a=measures[0].tier_a,
        tier_b=measures[0].tier_b,
        expectation=expectation,
        scopes=(),
        sentences=_sentences(name, entry["sentences"], expectation),
        measures=measures,
        per_campaign=bool(entry.get("per_campaign", False)),
        **_words(entry),
    )


def _measure(name: str, entry: Any, usual: Expectation) -> Measure:
    optional = {"above", "below", "goal", "claimed"}
    if not isinstance(entry, dict) or not MEASURE_KEYS <= set(entry) <= MEASURE_KEYS | optional:
        raise ClaimError(f"{name}: a measure takes {', '.join(sorted(MEASURE_KEYS | optional))}")
    expectation = _expectation(name, entry["claimed"]) if "claimed" in entry else usual
    rest = {key: entry.get(key) for key in ("below", "goal")}
    return Measure(
        entry["metric"], entry["tier_a"], entry["tier_b"], expectation, entry.get("above", ""), **rest
    )


def _words(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(entry[key]) for key in ("judge", "unit", "window", "test")}


def _constants(name: str, raw: Mapping[str, Any]) -> None:
    """The margin and the floors that the register prints have to be those that the verdicts use."""
    used = {
        "margin": list(MARGIN),
        "floors": {"shown": FEWEST_FOR_INTERVAL, "verdict": FEWEST_FOR_VERDICT},
    }
    for key, value in used.items():
        if raw.get(key) != value:
            raise ClaimError(f"{name}: `{key}` is {raw.get(key)!r}, but the verdicts use {value!r}")


def _expectation(name: str, claimed: Any) -> Expectation:
    if not isinstance(claimed, dict) or set(claimed) - {"kind", "value"}:
        raise ClaimError(f"{name}: `claimed` takes `kind` and `value`")
    _one_of(name, "claimed.kind", claimed.get("kind"), [one.value for one in Expects])
    kind, value = Expects(claimed["kind"]), claimed.get("value")
    sized = kind in (Expects.RATIO, Expects.BOUND, Expects.NOT_BELOW)
    if sized != (value is not None):
        raise ClaimError(f"{name}: a value goes with ratio and bound, and only there")
    if kind is Expects.NOT_BELOW:
        if value != MARGIN[0]:
            raise ClaimError(f"{name}: not_below goes with the margin's {MARGIN[0]}")
        return Expectation(kind, float(value))
    if sized and (isinstance(value, bool) or not isinstance(value, int | float) or not 1 < value < 1000):
        raise ClaimError(f"{name}: the claimed value {value!r} has to be a number above 1")
    return Expectation(kind, None if value is None else float(value))


def _scopes(name: str, scopes: Any) -> tuple[Scope, ...]:
    if not isinstance(scopes, list) or not scopes:
        raise ClaimError(f"{name}: `scopes` has to be a list")
    for scope in scopes:
        if not isinstance(scope, dict) or set(scope) != {"scope", "platform", "kind_group"}:
            raise ClaimError(f"{name}: a scope takes `scope`, `platform` and `kind_group`")
        _one_of(name, "kind_group", scope["kind_group"], KIND_GROUPS)
    return tuple(Scope(one["scope"], one["platform"], one["kind_group"]) for one in scopes)


def _sentences(name: str, sentences: Any, expectation: Expectation) -> Mapping[Verdict, str]:
    wanted = set(_POSSIBLE.get(expectation.kind, tuple(Verdict)))
    if not isinstance(sentences, dict) or set(sentences) != {verdict.value for verdict in wanted}:
        raise ClaimError(f"{name}: `sentences` needs one for each of {', '.join(sorted(wanted))}")
    return {Verdict(verdict): str(sentence) for verdict, sentence in sentences.items()}


def _one_of(name: str, key: str, value: Any, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ClaimError(f"{name}: {key} is {value!r}; it has to be one of {', '.join(allowed)}")
