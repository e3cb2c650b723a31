"""The claims, judged on a week's tier comparison, its posts and the placements of the user's campaigns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa

from creator_tiers.comparison.branded import count_creators, judge_branded_share, judge_paired
from creator_tiers.comparison.claims import Claim, Scope, load_claims
from creator_tiers.comparison.intervals import Moments, cautious_contrast
from creator_tiers.comparison.judges import JUDGES
from creator_tiers.comparison.outcome import Outcome, not_testable, p_behind
from creator_tiers.comparison.placements import Placements, placements_of
from creator_tiers.comparison.power import Size, needed_more, pooled_sd
from creator_tiers.comparison.proportions import holm
from creator_tiers.comparison.stratified import p_of
from creator_tiers.comparison.verdicts import Verdict, decide
from creator_tiers.weeks import Week

DECIDED = frozenset({"supported", "direction_only", "no_material_difference", "contradicted"})

CLAIM_SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("claim_id", pa.string()),
        ("scope", pa.string()),
        ("metric", pa.string()),
        ("estimate", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("claimed_value", pa.float64()),
        ("verdict", pa.string()),
        ("needed_more", pa.string()),
        ("is_fragile", pa.bool_()),
        ("as_of", pa.timestamp("us")),
        ("verdict_low", pa.float64()),
        ("verdict_high", pa.float64()),
        ("needed_more_weekly", pa.string()),
        ("needed_more_once", pa.string()),
        ("platform", pa.string()),
        ("kind_group", pa.string()),
        ("tier_a", pa.string()),
        ("tier_b", pa.string()),
        ("creators_a", pa.int64()),
        ("creators_b", pa.int64()),
        ("posts_a", pa.int64()),
        ("posts_b", pa.int64()),
        ("claimed_kind", pa.string()),
        ("is_primary", pa.bool_()),
        ("statement", pa.string()),
        ("sentence", pa.string()),
        ("unit", pa.string()),
        ("strata", pa.int64()),
        ("prediction_low", pa.float64()),
        ("prediction_high", pa.float64()),
        ("p_value", pa.float64()),
        ("p_holm", pa.float64()),
        ("is_exploratory", pa.bool_()),
        ("note", pa.string()),
    ]
)
"""The columns of `marts.claim_verdicts`, then the extra ones. Ratios are tier_a / tier_b of the claim."""

_Record = Mapping[str, Any]


LEVEL_OF_ALL = 0.05
"""What Holm's adjusted p-value of a primary claim has to stay under."""


@dataclass(frozen=True, slots=True)
class ClaimInputs:
    """What the claims about posts and campaigns need beside the tier comparison; None where there is none.

    Attributes:
        posts: the posts of the comparison (`coded.coded`), for C0, C7 and C8.
        conversions: `marts.campaign_conversions`; more columns of `placements.NUMBERS` are used where there are any.
        placements: `core.placements`.
        campaigns: `core.campaigns`.
    """

    posts: pa.Table | None = None
    conversions: pa.Table | None = None
    placements: pa.Table | None = None
    campaigns: pa.Table | None = None


def judge_claims(
    comparison: pa.Table,
    week: Week,
    claims: Sequence[Claim] | None = None,
    inputs: ClaimInputs | None = None,
) -> pa.Table:
    """One row a claim, scope and metric.

    Args:
        comparison: `compare_tiers` of the same week.
        week: the week.
        claims: the register; the product's own when not given.
        inputs: posts and campaigns; without them the claims about those are `not_testable`.

    Returns:
        A table of `CLAIM_SCHEMA` in the register's order. `scope` is the platform for a claim's primary kind
        group, else `platform:kind_group`; a campaign, or `all`. A claim about something that is not in the data is
        `not_testable`, and `needed_more` names what is missing. Holm's correction runs over the primary rows that
        were tested; `is_exploratory` marks what it does not carry, and the sentence says so.
    """
    known = load_claims() if claims is None else claims
    given = ClaimInputs() if inputs is None else inputs
    rows = {_key(row): row for row in comparison.to_pylist()}
    records: list[dict[str, Any]] = []
    placements = placements_of(week, given.conversions, given.placements, given.campaigns)
    for claim in known:
        if claim.judge == "tiers":
            records += [
                _judge(claim, scope, _found(claim, scope, rows), week, is_primary=index == 0)
                for index, scope in enumerate(claim.scopes)
            ]
        else:
            records += [_record(claim, one, week) for one in _outcomes(claim, given, placements)]
    return pa.Table.from_pylist(_corrected(records), schema=CLAIM_SCHEMA)


def _outcomes(claim: Claim, given: ClaimInputs, placements: Placements) -> list[Outcome]:
    if claim.judge in JUDGES:
        return JUDGES[claim.judge](claim, placements)
    if given.posts is None or not given.posts.num_rows:
        measure = claim.measures[0]
        tiers = measure.tier_a, measure.tier_b
        return [not_testable("all", measure.metric, "posts", tiers=tiers, is_primary=True)]
    of_posts = {"definition": count_creators, "branded_share": judge_branded_share, "paired": judge_paired}
    return of_posts[claim.judge](claim, given.posts)


def _record(claim: Claim, one: Outcome, week: Week) -> dict[str, Any]:
    expectation = next((m.expectation for m in claim.measures if m.metric == one.metric), claim.expectation)
    creators, posts = one.creators or (None, None), one.posts or (None, None)
    return {
        "week_start": week.monday,
        "claim_id": claim.claim_id,
        "scope": one.scope,
        "metric": one.metric,
        "estimate": _known(one.estimate),
        "ci_low": _known(one.ci[0]),
        "ci_high": _known(one.ci[1]),
        "claimed_value": expectation.value,
        "verdict": one.verdict.value,
        "needed_more": one.needed,
        "is_fragile": one.is_fragile,
        "as_of": week.ends_at.astimezone(UTC).replace(tzinfo=None),
        "verdict_low": _known(one.always[0]) if math.isfinite(one.always[1]) else None,
        "verdict_high": _known(one.always[1]) if math.isfinite(one.always[1]) else None,
        "needed_more_weekly": one.needed,
        "needed_more_once": one.needed_once,
        "platform": one.platform,
        "tier_a": one.tiers[0],
        "tier_b": one.tiers[1],
        "creators_a": creators[0],
        "creators_b": creators[1],
        "posts_a": posts[0],
        "posts_b": posts[1],
        "claimed_kind": expectation.kind.value,
        "is_primary": one.is_primary,
        "statement": claim.statement,
        "sentence": claim.sentences[one.verdict],
        "unit": one.unit,
        "strata": one.strata,
        "prediction_low": _known(one.prediction[0]),
        "prediction_high": _known(one.prediction[1]),
        "p_value": _known(one.p),
        "note": one.note,
    }


def _corrected(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Holm over the primary rows that were tested; a decided row that it does not carry says so."""
    tested = [record["p_value"] if record["is_primary"] else None for record in records]
    family = sum(value is not None for value in tested)
    adjusted = holm([math.nan if value is None else value for value in tested])
    for record, value in zip(records, adjusted, strict=True):
        record["p_holm"] = _known(value)
        record["is_exploratory"] = math.isnan(value) or value > LEVEL_OF_ALL
        if record["verdict"] in DECIDED and record["is_primary"] and record["is_exploratory"]:
            record["sentence"] += f" Corrected for the {family} claims looked at, this is not established."
    return records


def _key(row: _Record) -> tuple[str, ...]:
    return tuple(row[name] for name in ("platform", "kind_group", "metric", "tier_a", "tier_b"))


def _found(claim: Claim, scope: Scope, rows: Mapping[tuple[str, ...], _Record]) -> _Record | None:
    """The comparison in the claim's direction, turned round where the table has it the other way."""
    where = (scope.platform, scope.kind_group, claim.metric)
    if straight := rows.get((*where, claim.tier_a, claim.tier_b)):
        return straight
    turned = rows.get((*where, claim.tier_b, claim.tier_a))
    return None if turned is None else _turn(turned)


def _turn(row: _Record) -> dict[str, Any]:
    turned = dict(row)
    for one, other in (("tier_a", "tier_b"), ("creators_a", "creators_b"), ("posts_a", "posts_b")):
        turned[one], turned[other] = row[other], row[one]
    turned["sd_a"], turned["sd_b"] = row["sd_b"], row["sd_a"]
    for one, other in (("estimate", "estimate"), ("ci_low", "ci_high"), ("verdict_low", "verdict_high")):
        turned[one], turned[other] = _inverse(row[other]), _inverse(row[one])
    return turned


def _inverse(value: float | None) -> float | None:
    return None if value is None or value == 0 else 1 / value


def _judge(
    claim: Claim, scope: Scope, row: _Record | None, week: Week, *, is_primary: bool
) -> dict[str, Any]:
    verdict, needed = _verdict(claim, scope, row)
    known = row or {}
    copied = ("estimate", "ci_low", "ci_high", "is_fragile", "verdict_low", "verdict_high")
    counts = ("creators_a", "creators_b", "posts_a", "posts_b")
    return {
        "week_start": week.monday,
        "claim_id": claim.claim_id,
        "scope": scope.scope,
        "metric": claim.metric,
        "claimed_value": claim.claimed_value,
        "verdict": verdict.value,
        "needed_more": needed[0],
        "as_of": week.ends_at.astimezone(UTC).replace(tzinfo=None),
        "needed_more_weekly": needed[0],
        "needed_more_once": needed[1],
        "platform": scope.platform,
        "kind_group": scope.kind_group,
        "tier_a": claim.tier_a,
        "tier_b": claim.tier_b,
        "claimed_kind": claim.expectation.kind.value,
        "is_primary": is_primary,
        "statement": claim.statement,
        "sentence": claim.sentences[verdict],
        "unit": "ratio",
        "p_value": _p(claim, row, verdict),
        **{name: known.get(name) for name in copied},
        **{name: known.get(name, 0) for name in counts},
    }


def _verdict(
    claim: Claim, scope: Scope, row: _Record | None
) -> tuple[Verdict, tuple[str | None, str | None]]:
    if row is None:
        missing = f"{scope.platform} posts of the kind {scope.kind_group}"
        return Verdict.NOT_TESTABLE, (missing, None)
    if row["verdict"] == Verdict.NOT_TESTABLE:
        return Verdict.NOT_TESTABLE, (row["needed_more"], None)
    n_a, n_b = row["creators_a"], row["creators_b"]
    verdict = decide(_number(row["verdict_low"]), _number(row["verdict_high"]), claim.expectation)
    if verdict is not Verdict.NOT_ENOUGH_EVIDENCE:
        return verdict, (None, None)
    sd = pooled_sd(n_a, _number(row["sd_a"]), n_b, _number(row["sd_b"]))
    names = claim.tier_a, claim.tier_b
    return verdict, needed_more(Size(n_a, n_b), sd, names, claim.expectation, _number(row["estimate"]))


def _p(claim: Claim, row: _Record | None, verdict: Verdict) -> float | None:
    """The p-value, good at any look, that stands behind a verdict on creator rates."""
    if row is None or row["estimate"] is None or row["sd_a"] is None or row["sd_b"] is None:
        return None
    arms = [
        Moments(
            *(np.asarray(float(value)) for value in (row[f"creators_{side}"], mean, row[f"sd_{side}"] ** 2))
        )
        for side, mean in (("a", math.log(row["estimate"])), ("b", 0.0))
    ]
    contrast = cautious_contrast(*arms)
    fewest, size = min(arms[0].n, arms[1].n), arms[0].n * arms[1].n / (arms[0].n + arms[1].n)

    def against(ratio: float) -> float:
        return p_of(
            row["estimate"], float(contrast.error), float(size), float(fewest), float(contrast.freedom), ratio
        )

    return _known(p_behind(row["estimate"], verdict, claim.expectation, against))


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else value
