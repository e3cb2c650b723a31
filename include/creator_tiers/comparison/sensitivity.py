"""The robustness strip of the claims: other estimators, other tier schemes, other posts, the same question.

One long table, a row a variant, so that a report can show a strip and an analyst can query it. A variant that names
another winner makes the claim fragile.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from scipy.special import betainc, ndtri

from creator_tiers.comparison.adjusting import adjusted_ratio, elasticity
from creator_tiers.comparison.arms import EMPTY
from creator_tiers.comparison.bootstrap import MOST_RESAMPLED, bootstrap_t
from creator_tiers.comparison.claims import Claim, Scope, load_claims
from creator_tiers.comparison.coded import METRICS, Coded, coded
from creator_tiers.comparison.intervals import LEVEL, FloatArray, log_moments, welch_interval
from creator_tiers.comparison.judges import JUDGES
from creator_tiers.comparison.placements import Placements
from creator_tiers.comparison.rates import Frame, frame_of
from creator_tiers.comparison.robustness import strip
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL, MARGIN, Expects
from creator_tiers.weeks import Week

SENSITIVITY_SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("claim_id", pa.string()),
        ("scope", pa.string()),
        ("metric", pa.string()),
        ("variant", pa.string()),
        ("name", pa.string()),
        ("estimate", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("creators_a", pa.int64()),
        ("creators_b", pa.int64()),
        ("is_agreeing", pa.bool_()),
    ]
)
"""`variant`: `estimator`, `scheme`, `posts`, `orders`, `adjusted`, `context`. `is_agreeing`: the same winner
as the claim's own row (for equivalence: inside the margin, above it or below it, as that is); NULL where there is
nothing to compare (context)."""


class _Arms(NamedTuple):
    frame: Frame
    subset: str


def claim_sensitivity(
    week: Week,
    schemes: Mapping[str, pa.Table],
    scheme: str,
    placements: Placements | None = None,
    claims: Sequence[Claim] | None = None,
) -> pa.Table:
    """Every variant of the claims about creator rates, and of those about orders without leak suspects and boosts.

    Args:
        week: the week; it seeds the draws.
        schemes: the week's posts under each tier scheme.
        scheme: the one in use.
        placements: of the user's campaigns.
        claims: the register; the product's own when not given.

    Returns:
        A table of `SENSITIVITY_SCHEMA` in the register's order.
    """
    frames = {name: frame_of(posts) for name, posts in sorted(schemes.items())}
    arms = {("scheme", name): _Arms(frame, "all") for name, frame in frames.items()}
    if scheme in frames:
        arms["posts", "own_only"] = _Arms(frames[scheme], "own")
        for name, frame in _other_posts(coded(schemes[scheme])):
            arms["posts", name] = _Arms(frame, "all")
    records: list[dict[str, Any]] = []
    for claim in load_claims() if claims is None else claims:
        common = {"week_start": week.monday, "claim_id": claim.claim_id}
        if claim.judge == "tiers" and scheme in frames:
            for scope in claim.scopes:
                rows = _of_rates(claim, scope, arms, schemes[scheme], scheme, week)
                records += [{**common, "scope": scope.scope, "metric": claim.metric, **row} for row in rows]
        if claim.claim_id in ("C4", "C5") and placements is not None:
            records += [{**common, **row} for row in _of_orders(claim, placements)]
    return pa.Table.from_pylist(records, schema=SENSITIVITY_SCHEMA)


def mark_fragile(claims: pa.Table, sensitivity: pa.Table) -> pa.Table:
    """The claims with `is_fragile` set where any variant names another winner; where none was tried it stays."""
    keys = ("claim_id", "scope", "metric")
    agreed: dict[tuple[Any, ...], bool] = {}
    for row in sensitivity.to_pylist():
        if row["is_agreeing"] is not None:
            key = tuple(row[name] for name in keys)
            agreed[key] = agreed.get(key, True) and row["is_agreeing"]
    found = [
        not agreed[key] if (key := tuple(row[name] for name in keys)) in agreed else old
        for row, old in zip(claims.to_pylist(), claims["is_fragile"].to_pylist(), strict=True)
    ]
    index = claims.schema.get_field_index("is_fragile")
    return claims.set_column(index, "is_fragile", pa.array(found, pa.bool_()))


def median_interval(a: FloatArray, b: FloatArray) -> tuple[float, float, float]:
    """The ratio of median rates with the interval of Price and Bonett (J. Statistical Computation 72, 2002)."""
    center = float(np.median(a) - np.median(b))
    error = math.sqrt(_median_variance(a) + _median_variance(b))
    reach = float(ndtri(0.5 + LEVEL / 2)) * error
    with np.errstate(over="ignore"):
        low, high = np.exp([center - reach, center + reach])
    return math.exp(center), float(low), float(high)


def _of_rates(
    claim: Claim,
    scope: Scope,
    arms: Mapping[tuple[str, str], _Arms],
    posts: pa.Table,
    scheme: str,
    week: Week,
) -> Iterable[dict[str, Any]]:
    pair = claim.tier_a, claim.tier_b
    base = _welch(arms["scheme", scheme], scope, claim.metric, pair)
    if base is None:
        return
    frame = arms["scheme", scheme].frame
    own = [frame.arms("all")[_key(frame, scope, claim.metric, side)] for side in pair]
    winner = base["estimate"]
    bounds = MARGIN if claim.expectation.kind is Expects.EQUIVALENCE else (1.0,)

    def side(ratio: float) -> int:
        return sum(ratio > bound for bound in bounds)

    def row(variant: str, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        estimate = values.get("estimate", math.nan)
        is_agreeing = None
        if not math.isnan(estimate):
            is_agreeing = side(estimate) == side(winner)
        known = {
            key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in values.items()
        }
        return {"variant": variant, "name": name, "is_agreeing": is_agreeing, **known}

    yield row("estimator", "geometric_means", base)
    for name, value in strip(*own).items():
        yield row("estimator", name, {"estimate": value})
    median = dict(zip(("estimate", "low", "high"), median_interval(own[0].logs, own[1].logs), strict=True))
    yield row("estimator", "medians", median)
    if max(arm.logs.size for arm in own) <= MOST_RESAMPLED:
        low, high = bootstrap_t(own[0].logs, own[1].logs, claim.claim_id, scope.scope, week.label)
        yield row("estimator", "bootstrap_t", {"estimate": winner, "low": low, "high": high})
    for (variant, name), each in arms.items():
        if (variant, name) != ("scheme", scheme):
            other = _welch(each, scope, claim.metric, pair)
            if other is not None:
                yield row(variant, name, other)
    adjusted = adjusted_ratio(posts, claim.metric, scope.platform, scope.kind_group, pair)
    yield row("adjusted", "kind_niche_month", _of_coefficient(adjusted))
    if claim.metric == "er_followers_settled":
        found = elasticity(posts, scope.platform, scope.kind_group)
        yield {**row("context", "elasticity", _of_coefficient(found)), "is_agreeing": None}


def _other_posts(posts: Coded) -> Iterable[tuple[str, Frame]]:
    """Without boosted posts, and without posts whose followers are from another time, where there are such posts."""
    for name, column in (("without_boosted", "is_boosted"), ("followers_known_in_time", "followers_flag")):
        is_out = posts.is_set(column)
        if is_out.any():
            yield name, Frame(posts, ~is_out)


def _of_orders(claim: Claim, placements: Placements) -> Iterable[dict[str, Any]]:
    """C4 and C5 again, without orders that a leaked code may have brought and without boosted placements."""
    base = _answers(claim, placements)
    for name, changed in _other_placements(placements):
        for key, one in _answers(claim, changed).items():
            if key not in base or math.isnan(one.estimate) or math.isnan(base[key].estimate):
                continue
            middle = 0.5 if one.unit == "share" else 1.0
            low, high = (None if math.isnan(value) else value for value in one.ci)
            creators = one.creators or (None, None)
            yield {
                "scope": key[0],
                "metric": key[1],
                "variant": "orders",
                "name": name,
                "estimate": one.estimate,
                "low": low,
                "high": high,
                "creators_a": creators[0],
                "creators_b": creators[1],
                "is_agreeing": (one.estimate > middle) == (base[key].estimate > middle),
            }


def _answers(claim: Claim, placements: Placements) -> dict[tuple[str, str], Any]:
    return {
        (one.scope, one.metric): one for one in JUDGES[claim.judge](claim, placements) if one.scope == "all"
    }


def _other_placements(placements: Placements) -> Iterable[tuple[str, Placements]]:
    frame = placements.frame
    if "orders_leak_suspect" in frame:
        leaked = np.nan_to_num(placements.number("orders_leak_suspect"))
        orders = np.maximum(placements.number("orders_net") - leaked, 0)
        yield "without_leak_suspects", replace(placements, frame=frame.assign(orders_net=orders))
    if "boost_spend" in frame:
        kept = ~(np.nan_to_num(placements.number("boost_spend")) > 0)
        yield "without_boosted", replace(placements, frame=frame[kept].reset_index(drop=True))


def _welch(of: _Arms, scope: Scope, metric: str, pair: tuple[str, str]) -> dict[str, Any] | None:
    """Welch's interval of two arms; None where there are too few creators, or nothing to divide by."""
    if (scope.platform, scope.kind_group) not in of.frame.groups or metric not in METRICS:
        return None
    arms = of.frame.arms(of.subset)
    both = [arms.get(_key(of.frame, scope, metric, side), EMPTY) for side in pair]
    a, b = (arm.logs for arm in both)
    if min(a.size, b.size) < FEWEST_FOR_INTERVAL or not any(arm.engagements for arm in both):
        return None
    found = welch_interval(log_moments(a), log_moments(b))
    if math.isnan(found.estimate):
        return None
    return {
        "estimate": float(found.estimate),
        "low": float(found.low),
        "high": float(found.high),
        "creators_a": int(a.size),
        "creators_b": int(b.size),
    }


def _key(frame: Frame, scope: Scope, metric: str, side: str) -> tuple[int, str, str]:
    return frame.groups.index((scope.platform, scope.kind_group)), metric, side


def _of_coefficient(found: Any) -> dict[str, Any]:
    return {"estimate": found.value, "low": found.low, "high": found.high}


def _median_variance(logs: FloatArray) -> float:
    """From the order statistics about the median; at most as precise as the binomial says."""
    n = logs.size
    c = max(1, round((n + 1) / 2 - math.sqrt(n)))
    below = float(betainc(n - c + 1, c, 0.5))  # fewer than c of n throws of a coin
    coverage = 1 - 2 * below
    z = float(ndtri(0.5 + min(coverage, 1 - 1e-9) / 2))
    ordered = np.sort(logs)
    return float(((ordered[n - c] - ordered[c - 1]) / (2 * z)) ** 2)
