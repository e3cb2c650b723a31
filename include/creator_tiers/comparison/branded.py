"""C7 and C8: how often creators post for brands, and whether their audiences tune out when they do."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtrit

from creator_tiers.comparison.claims import Claim, Measure
from creator_tiers.comparison.intervals import (
    FEWEST_FOR_INTERVAL,
    LEVEL,
    NO_VARIANCE,
    Contrast,
    FloatArray,
    critical_of,
    interval_of,
)
from creator_tiers.comparison.outcome import Outcome, not_testable, of_pooled, tested
from creator_tiers.comparison.power import Size, every_look
from creator_tiers.comparison.proportions import wilson
from creator_tiers.comparison.rates import DENOMINATORS, KIND_GROUPS, OFFSET, SIDES, TIERS
from creator_tiers.comparison.stratified import Pooled, Units, pool_units
from creator_tiers.comparison.verdicts import Expectation, Verdict, decide


def count_creators(claim: Claim, posts: pa.Table) -> list[Outcome]:
    """C0: creators of micro and of mega a platform. A definition has no verdict but `not_testable`."""
    measure = claim.measures[0]
    tier = pc.cast(posts["tier"], pa.string())
    table = pa.table({"platform": posts["platform"], "tier": tier, "creator": _creator(posts)})
    platforms = sorted(pc.unique(pc.drop_null(table["platform"])).to_pylist())
    table = table.filter(pc.and_(pc.is_valid(tier), pc.is_valid(table["creator"])))
    counted = table.group_by(["platform", "tier"], use_threads=False).aggregate(
        [("creator", "count_distinct")]
    )
    counts = {(one["platform"], one["tier"]): one["creator_count_distinct"] for one in counted.to_pylist()}
    found = []
    for platform in platforms:
        each = {name: counts.get((platform, name), 0) for name in TIERS}
        note = ", ".join(f"{name} {n}" for name, n in each.items() if n)
        found.append(
            not_testable(
                platform,
                measure.metric,
                "nothing: it is a definition" if note else "follower counts of the accounts",
                unit="creators",
                tiers=(measure.tier_a, measure.tier_b),
                creators=(each.get(measure.tier_a, 0), each.get(measure.tier_b, 0)),
                platform=platform,
                note=note or None,
            )
        )
    return found


def judge_branded_share(claim: Claim, posts: pa.Table) -> list[Outcome]:
    """C7: the share of branded posts a creator, inside platforms; the unit is the creator, not the post."""
    measure = claim.measures[0]
    side = _side(posts, (measure.tier_a, measure.tier_b))
    known = pc.and_(pc.is_valid(posts["is_branded"]), pc.is_valid(side))
    table = pa.table(
        {
            "platform": posts["platform"],
            "side": side,
            "creator": _creator(posts),
            "branded": pc.cast(pc.fill_null(posts["is_branded"], False), pa.int64()),
        }
    ).filter(known)
    table = table.filter(pc.and_(pc.is_valid(table["platform"]), pc.is_valid(table["creator"])))
    if not table.num_rows or not pc.any(pc.equal(table["branded"], 1)).as_py():
        missing = "posts with is_branded and a tier" if not table.num_rows else "branded posts"
        return [_missing(measure, "all", missing)]
    grouped = table.group_by(["platform", "side", "creator"], use_threads=False).aggregate(
        [("branded", "sum"), ("branded", "count")]
    )
    platforms = sorted(pc.unique(grouped["platform"]).to_pylist())
    creators = pc.dictionary_encode(grouped["creator"].combine_chunks()).indices.to_numpy()
    units = Units(
        _index(grouped["platform"], platforms),
        _index(grouped["side"], [measure.tier_a, measure.tier_b]),
        np.asarray(creators, dtype=np.int64),
        np.asarray(grouped["branded_sum"].to_numpy(), dtype=np.float64),
        np.asarray(grouped["branded_count"].to_numpy(), dtype=np.float64),
    )
    found = []
    for scope in ("all", *platforms):
        keep = (
            np.ones(units.arm.size, dtype=bool) if scope == "all" else units.stratum == platforms.index(scope)
        )
        one = Units(*(getattr(units, name)[keep] for name in Units.__dataclass_fields__))
        counts = [int(one.below[one.arm == arm].sum()) for arm in (0, 1)]
        shares = [
            wilson(int((one.above[one.arm == arm] > 0).sum()), int((one.arm == arm).sum())) for arm in (0, 1)
        ]
        note = "; ".join(
            f"{name}: {share:.0%} ({low:.0%} to {high:.0%}) of creators had a branded post"
            for name, (share, low, high) in zip((measure.tier_a, measure.tier_b), shares, strict=True)
            if not math.isnan(share)
        )
        found.append(
            of_pooled(
                scope,
                measure.metric,
                pool_units(one, len(platforms)),
                (measure.tier_a, measure.tier_b),
                measure.expectation,
                posts=(counts[0], counts[1]),
                is_primary=scope == "all",
                platform=None if scope == "all" else scope,
                note=note or None,
            )
        )
    return found


def judge_paired(claim: Claim, posts: pa.Table) -> list[Outcome]:
    """C8: branded over own posts of the same creator and kind, creators of the small side, paired on the log scale."""
    found: list[Outcome] = []
    for index, measure in enumerate(claim.measures):
        below = DENOMINATORS[measure.above]
        pairs = paired_logs(posts, below, measure.tier_a)
        if pairs is None:
            missing = f"creators with branded and own posts of one kind, with {below}"
            found.append(_missing(measure, "all", missing, is_primary=index == 0))
        else:
            found.append(_paired(measure, *pairs, is_primary=index == 0))
    return found


def paired_logs(posts: pa.Table, below: str, side: str) -> tuple[FloatArray, int, int] | None:
    """Each creator's mean log rate of branded posts less that of own ones, the mean over kinds that have both.

    Returns:
        (differences, one a creator; branded posts; own posts), None when there is no such creator.
    """
    kind = posts["kind"] if "kind" in posts.column_names else posts["kind_group"]
    above, under = posts["engagements_core_settled"], posts[below]
    keep = pc.and_(pc.greater_equal(above, 0), pc.greater(under, 0))
    keep = pc.and_(keep, pc.is_in(pc.cast(posts["kind_group"], pa.string()), pa.array(KIND_GROUPS)))
    keep = pc.and_(keep, pc.and_(pc.is_valid(posts["is_branded"]), pc.is_valid(_side(posts, (side,)))))
    table = pa.table(
        {
            "creator": _creator(posts),
            "place": pc.binary_join_element_wise(posts["platform"], pc.cast(kind, pa.string()), "/"),
            "is_branded": posts["is_branded"],
            "above": pc.cast(above, pa.float64()),
            "under": pc.cast(under, pa.float64()),
        }
    ).filter(pc.fill_null(keep, False))
    table = table.filter(pc.and_(pc.is_valid(table["creator"]), pc.is_valid(table["place"])))
    if not table.num_rows:
        return None
    logs = pc.ln(pc.divide(pc.add(table["above"], OFFSET), table["under"]))
    cells = table.append_column("log", logs).group_by(["creator", "place", "is_branded"], use_threads=False)
    means = cells.aggregate([("log", "mean"), ("log", "count")])
    branded = means.filter(means["is_branded"]).drop_columns(["is_branded"])
    own = means.filter(pc.invert(means["is_branded"])).drop_columns(["is_branded"])
    own = own.rename_columns({"log_mean": "own_mean", "log_count": "own_count"})
    both = branded.join(own, ["creator", "place"], join_type="inner")
    if not both.num_rows:
        return None
    both = both.append_column("difference", pc.subtract(both["log_mean"], both["own_mean"]))
    both = both.sort_by([("creator", "ascending"), ("place", "ascending")])
    each = both.group_by("creator", use_threads=False).aggregate([("difference", "mean")])
    differences = np.sort(np.asarray(each["difference_mean"].to_numpy(), dtype=np.float64))
    return differences, int(pc.sum(both["log_count"]).as_py()), int(pc.sum(both["own_count"]).as_py())


def paired_interval(differences: FloatArray) -> Pooled:
    """The ratio exp(mean difference) with the paired t interval and the one that holds at every look."""
    n = int(differences.size)
    variance = float(differences.var(ddof=1)) if n > 1 else math.nan
    nothing = not variance > NO_VARIANCE
    error = math.nan if nothing else math.sqrt(variance / n)
    freedom = math.nan if nothing else float(n - 1)
    mean = math.nan if nothing else float(differences.mean())
    contrast = Contrast(np.asarray(mean), np.asarray(error), np.asarray(freedom))
    size = np.asarray(float(n))
    once = interval_of(contrast, np.asarray(stdtrit(contrast.freedom, 0.5 + LEVEL / 2)))
    always = interval_of(contrast, critical_of(size, size, contrast.freedom))
    return Pooled(
        estimate=float(once.estimate),
        ci=(float(once.low), float(once.high)),
        always=(float(always.low), float(always.high)),
        prediction=(math.nan, math.nan),
        creators=(n, n),
        strata=1,
        spread=0.0,
        sd=error * math.sqrt(n) if n else math.nan,
        error=error,
        freedom=freedom,
        size=float(n),
    )


def _paired(
    measure: Measure, differences: FloatArray, branded: int, own: int, *, is_primary: bool
) -> Outcome:
    pooled = paired_interval(differences)
    n = pooled.creators[0]
    shown = n >= FEWEST_FOR_INTERVAL and not math.isnan(pooled.estimate)
    verdict = decide(*pooled.always, measure.expectation) if shown else Verdict.NOT_ENOUGH_EVIDENCE
    needed = None
    if verdict is Verdict.NOT_ENOUGH_EVIDENCE and (n < FEWEST_FOR_INTERVAL or shown):
        needed = _pairs_needed(n, pooled.sd, measure.expectation, measure.tier_a)
    nan = (math.nan, math.nan)
    return Outcome(
        "all",
        measure.metric,
        verdict,
        pooled.estimate if shown else math.nan,
        pooled.ci if shown else nan,
        pooled.always if shown else nan,
        needed=needed,
        tiers=("branded", "own"),
        creators=pooled.creators,
        posts=(branded, own),
        p=tested(pooled, verdict, measure.expectation) if shown else math.nan,
        is_primary=is_primary,
        note=f"the same {measure.tier_a} creators and kinds, paired",
    )


def _pairs_needed(n: int, sd: float, expectation: Expectation, name: str) -> str | None:
    """Creators more with both sorts of posts, where branded posts do as well as own ones."""
    if math.isnan(sd):
        return f"{max(5 - n, 1)} {name}"
    reach, total = abs(math.log(expectation.value or 0.8)), max(n, 5)
    while every_look(2 * total, 2 * total) * sd / math.sqrt(total) > reach and total < 10_000_000:
        total = math.ceil(total * 1.02) + 1
    return f"{max(total - n, 1)} {name}" if Size(total, total).a < 10_000_000 else None


def _side(posts: pa.Table, names: tuple[str, ...]) -> pa.ChunkedArray:
    """Which of the tiers or sides each post's creator is of, NULL for none of them."""
    tiers = {tier: name for name in names for tier in SIDES.get(name, (name,))}
    position = pc.index_in(pc.cast(posts["tier"], pa.string()), pa.array(list(tiers), pa.string()))
    return pa.chunked_array(
        [pa.array(list(tiers.values()), pa.string()).take(chunk) for chunk in position.chunks], pa.string()
    )


def _creator(posts: pa.Table) -> pa.ChunkedArray:
    key = pc.cast(posts["creator_key"], pa.string())
    if "account_key" in posts.column_names:
        key = pc.coalesce(key, pc.cast(posts["account_key"], pa.string()))
    return key


def _index(column: pa.ChunkedArray, names: list[str]) -> np.ndarray:
    return np.asarray(pc.index_in(column, pa.array(names, pa.string())).to_numpy(), dtype=np.int64)


def _missing(measure: Measure, scope: str, missing: str, *, is_primary: bool = True) -> Outcome:
    return not_testable(
        scope, measure.metric, missing, tiers=(measure.tier_a, measure.tier_b), is_primary=is_primary
    )
