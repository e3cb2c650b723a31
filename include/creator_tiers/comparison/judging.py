"""The claims, judged on a week's tier comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from creator_tiers.comparison.claims import Claim, Scope, load_claims
from creator_tiers.comparison.power import Size, needed_more, pooled_sd
from creator_tiers.comparison.verdicts import Verdict, decide
from creator_tiers.weeks import Week

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
    ]
)
"""The columns of `marts.claim_verdicts`, then the extra ones. Ratios are tier_a / tier_b of the claim."""

_Record = Mapping[str, Any]


def judge_claims(comparison: pa.Table, week: Week, claims: Sequence[Claim] | None = None) -> pa.Table:
    """One row a claim and scope.

    Args:
        comparison: `compare_tiers` of the same week.
        week: the week.
        claims: the register; the product's own when not given.

    Returns:
        A table of `CLAIM_SCHEMA` in the register's order. `scope` is the platform for a claim's primary kind
        group, else `platform:kind_group`. A claim about something that no post touches is `not_testable`.
    """
    rows = {_key(row): row for row in comparison.to_pylist()}
    records = [
        _judge(claim, scope, _found(claim, scope, rows), week, is_primary=index == 0)
        for claim in (load_claims() if claims is None else claims)
        for index, scope in enumerate(claim.scopes)
    ]
    return pa.Table.from_pylist(records, schema=CLAIM_SCHEMA)


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
        "as_of": week.ends_at.replace(tzinfo=None),
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


def _number(value: float | None) -> float:
    return math.nan if value is None else value
