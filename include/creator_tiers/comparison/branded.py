"""C7 and C8: how often creators post for brands, and whether their audiences tune out when they do."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from scipy.special import stdtrit

from creator_tiers.comparison.claims import Claim, Measure
from creator_tiers.comparison.coded import (
    BRANDED,
    DENOMINATORS,
    NOT_KNOWN,
    SIDES,
    TIERS,
    Coded,
    IntArray,
    coded,
)
from creator_tiers.comparison.intervals import (
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
from creator_tiers.comparison.stratified import Pooled, Units, pool_units
from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL, Expectation, Verdict, decide


def count_creators(claim: Claim, posts: pa.Table) -> list[Outcome]:
    """C0: creators of micro and of mega a platform. A definition has no verdict but `not_testable`."""
    measure = claim.measures[0]
    known = coded(posts)
    counted = (known.platform >= 0) & (known.tier >= 0) & (known.creator >= 0)
    cell = known.platform[counted] * len(TIERS) + known.tier[counted]
    creators = np.unique(cell * len(known.creators) + known.creator[counted])
    size = (len(known.platforms), len(TIERS))
    counts = np.bincount(creators // max(len(known.creators), 1), minlength=size[0] * size[1]).reshape(size)
    found = []
    for platform, row in zip(known.platforms, counts.tolist(), strict=True):
        each = dict(zip(TIERS, row, strict=True))
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
    known = coded(posts)
    side = _side(known, (measure.tier_a, measure.tier_b))
    kept = (known.branded != NOT_KNOWN) & (side >= 0) & (known.platform >= 0) & (known.creator >= 0)
    if not (kept & (known.branded == BRANDED)).any():
        missing = "branded posts" if kept.any() else "posts of creators with a tier"
        return [_missing(measure, "all", missing)]
    present, stratum = np.unique(known.platform[kept], return_inverse=True)
    platforms = [known.platforms[one] for one in present]
    key = (stratum * 2 + side[kept]) * len(known.creators) + known.creator[kept]
    cells, index = np.unique(key, return_inverse=True)
    place, creator = np.divmod(cells, len(known.creators))
    units = Units(
        place // 2,
        place % 2,
        creator,
        np.bincount(index, known.branded[kept] == BRANDED).astype(np.float64),
        np.bincount(index).astype(np.float64),
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
                stratum="platform",
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
    known = coded(posts)
    metric = next(name for name, column in DENOMINATORS.items() if column == below)
    kept = (
        known.has(metric) & (known.branded != NOT_KNOWN) & (_side(known, (side,)) >= 0) & (known.creator >= 0)
    )
    place = known.group
    if known.kind is not None:
        kept &= known.kind.is_known
        place = known.platform * len(known.kind.names) + known.kind.code
    places = int(place.max(initial=0)) + 1
    cells, index = np.unique(known.creator[kept] * places + place[kept], return_inverse=True)
    logs, is_branded = known.logs(metric)[kept], known.branded[kept] == BRANDED
    counts = [np.bincount(index[one], minlength=cells.size) for one in (is_branded, ~is_branded)]
    sums = [np.bincount(index[one], logs[one], cells.size) for one in (is_branded, ~is_branded)]
    both = (counts[0] > 0) & (counts[1] > 0)
    if not both.any():
        return None
    difference = sums[0][both] / counts[0][both] - sums[1][both] / counts[1][both]
    creator = np.unique(cells[both] // places, return_inverse=True)[1]
    each = np.bincount(creator, difference) / np.bincount(creator)
    return np.sort(each), int(counts[0][both].sum()), int(counts[1][both].sum())


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


def _side(posts: Coded, names: tuple[str, ...]) -> IntArray:
    """Which of the tiers or sides each post's creator is of, -1 for none of them."""
    found = np.full(len(TIERS) + 1, -1, dtype=np.int64)
    for place, name in enumerate(names):
        found[[TIERS.index(tier) for tier in SIDES.get(name, (name,))]] = place
    return found[posts.tier]


def _missing(measure: Measure, scope: str, missing: str, *, is_primary: bool = True) -> Outcome:
    return not_testable(
        scope, measure.metric, missing, tiers=(measure.tier_a, measure.tier_b), is_primary=is_primary
    )
