"""The register of claims: what is said, where it is judged, and the sentence for each verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from creator_tiers.comparison.rates import ARMS, KIND_GROUPS, METRICS
from creator_tiers.comparison.verdicts import HIGHER, Expectation, Expects, Verdict
from creator_tiers.settings import RESOURCES

REGISTER = RESOURCES / "seeds" / "claims.yaml"
_KEYS = {"id", "statement", "metric", "tier_a", "tier_b", "claimed", "scopes", "sentences"}
_POSSIBLE = {
    Expects.EQUIVALENCE: (
        Verdict.SUPPORTED,
        Verdict.CONTRADICTED,
        Verdict.NOT_ENOUGH_EVIDENCE,
        Verdict.NOT_TESTABLE,
    )
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
class Claim:
    """A claim about the ratio of two tiers' creator rates.

    Attributes:
        claim_id: such as `C1`.
        statement: what the article says.
        metric: the primary metric.
        tier_a, tier_b: the claim is about a / b.
        expectation: what is said of the ratio.
        scopes: where it is judged, the primary one first.
        sentences: one fixed sentence for each verdict that it can get.
    """

    claim_id: str
    statement: str
    metric: str
    tier_a: str
    tier_b: str
    expectation: Expectation
    scopes: tuple[Scope, ...]
    sentences: Mapping[Verdict, str]

    @property
    def claimed_value(self) -> float:
        """The claimed ratio or bound; 1 for equivalence."""
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
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ClaimError(f"{path.name} is not YAML: {error}") from error
    entries = raw.get("claims") if isinstance(raw, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ClaimError(f"{path.name}: `claims` has to be a list of claims")
    claims = tuple(_claim(entry) for entry in entries)
    ids = [claim.claim_id for claim in claims]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ClaimError(f"{path.name}: the ids {', '.join(twice)} occur twice")
    return claims


def _claim(entry: Any) -> Claim:
    if not isinstance(entry, dict):
        raise ClaimError(f"a claim has to be a mapping, not {entry!r}")
    name = str(entry.get("id", "a claim without id"))
    if wrong := sorted(set(entry) ^ _KEYS):
        raise ClaimError(f"{name}: missing or unknown keys: {', '.join(map(str, wrong))}")
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
    )


def _expectation(name: str, claimed: Any) -> Expectation:
    if not isinstance(claimed, dict) or set(claimed) - {"kind", "value"}:
        raise ClaimError(f"{name}: `claimed` takes `kind` and `value`")
    _one_of(name, "claimed.kind", claimed.get("kind"), [one.value for one in Expects])
    kind, value = Expects(claimed["kind"]), claimed.get("value")
    sized = kind in (Expects.RATIO, Expects.BOUND)
    if sized != (value is not None):
        raise ClaimError(f"{name}: a value goes with ratio and bound, and only there")
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
