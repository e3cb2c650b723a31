"""The article's claims as the data judge them, and the headline that one of them makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from creator_tiers.report.beside import Stratified, Strip
from creator_tiers.report.inputs import Row, known_count, number, text
from creator_tiers.report.palette import Tone
from creator_tiers.report.platforms import Pair
from creator_tiers.report.wording import (
    SHARE_MEASURES,
    VERDICTS,
    Fact,
    Verdict,
    count_text,
    group_name,
    group_place,
    interval_text,
    measure,
    measure_rank,
    needed_for_floor,
    needed_text,
    platform_name,
    primary_metric,
    ratio_text,
    sentence,
    share_text,
    verdict_of,
)

HEADLINE_CLAIM = "C1"
DEFINITION = "C0"
POOLED = "all"
SHARE = "share"
"""The unit of a claim whose estimate is a share of campaigns."""
PLATFORM_SCOPES = ("instagram", "facebook", "tiktok", "youtube")


@dataclass(frozen=True, slots=True)
class TierCount:
    """Creators of a tier."""

    tier: str
    creators: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of `marts.claim_verdicts`; the estimate and its intervals are tier_a over tier_b, as the claim says.

    `where` is the platform and kind in words; the tiers are None for a claim that compares none, their creators where
    they are not known. With the `unit` `share` the estimate is a share of `strata` campaigns.
    """

    claim_id: str
    statement: str
    scope: str
    where: str
    platform: str | None
    kind_group: str | None
    metric: str
    measure: str
    tier_a: str | None
    tier_b: str | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    verdict_low: float | None
    verdict_high: float | None
    creators_a: int | None
    creators_b: int | None
    claimed_kind: str | None
    claimed_value: float | None
    claimed_text: str
    verdict: str
    needed_more: str | None
    needed_more_weekly: str | None
    is_fragile: bool
    unit: str
    strata: int | None

    @property
    def estimate_text(self) -> str:
        """The estimate in words."""
        if self.unit != SHARE or self.estimate is None:
            return ratio_text(self.estimate)
        return f"{share_text(self.estimate)} of {count_text(self.strata, 'campaign')}"

    def interval_text(self, joiner: str = " to ") -> str:
        """Its 95 % interval in words; empty where there is none."""
        if self.ci_low is None or self.ci_high is None:
            return ""
        if self.unit == SHARE:
            return f"{share_text(self.ci_low)}{joiner}{share_text(self.ci_high)}"
        return interval_text(self.ci_low, self.ci_high, joiner)

    def creators_text(self, joiner: str = ", ") -> str:
        """The creators of its tiers; empty where it compares none, or campaigns instead."""
        if self.tier_a is None or self.unit == SHARE:
            return ""
        if self.creators_a is None and self.creators_b is None:
            return "creators unknown"
        return (
            f"{count_text(self.creators_a)} {self.tier_a}{joiner}{count_text(self.creators_b)} {self.tier_b}"
        )

    @property
    def shown(self) -> Verdict:
        """The verdict's word, symbol and tone."""
        return verdict_of(self.verdict)

    @property
    def has_creators(self) -> bool:
        """Whether any creator of its tiers was compared."""
        return bool(self.creators_a or self.creators_b)

    def is_about(self, pair: Pair) -> bool:
        """Whether it claims something of this pair's ratio, in either direction."""
        same_place = (self.platform, self.kind_group, self.metric) == (
            pair.platform,
            pair.kind_group,
            pair.metric,
        )
        return same_place and {self.tier_a, self.tier_b} == {pair.tier_a, pair.tier_b}

    def fact(self) -> Fact:
        """The claim as something to say in a sentence."""
        place = (
            group_place(self.platform or "", self.kind_group or "") if self.platform else f"for {self.scope}"
        )
        return Fact(
            place=place,
            metric=self.metric,
            first=self.tier_a or "",
            second=self.tier_b or "",
            verdict=self.verdict,
            estimate=self.estimate,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            verdict_low=self.verdict_low,
            verdict_high=self.verdict_high,
            n_first=self.creators_a or 0,
            n_second=self.creators_b or 0,
            needed_more=self.needed_more,
            needed_more_weekly=self.needed_more_weekly,
            claimed=None if self.claimed_kind == "equivalence" else self.claimed_value,
            equality=self.claimed_kind == "equivalence",
        )


@dataclass(frozen=True, slots=True)
class Headline:
    """The first thing a reader sees. `notes` are at most six further sentences."""

    sentence: str
    verdict: str
    word: str
    symbol: str
    tone: Tone
    claim_id: str | None
    question: str
    ratio_of: str | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    verdict_low: float | None
    verdict_high: float | None
    creators: tuple[TierCount, ...]
    claimed_value: float | None
    notes: tuple[str, ...]


def build_claims(rows: Iterable[Row]) -> tuple[Claim, ...]:
    """The claims in the order of their ids (C2 before C10) and scopes."""
    claims = (_claim(row) for row in rows)
    return tuple(sorted(claims, key=lambda claim: (len(claim.claim_id), claim.claim_id, claim.scope)))


def scorecard(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims that a reader of the mail sees: each claim's primary measure, pooled and by platform.

    Definitions, further measures and single campaigns are in claims.csv.
    """
    primary: dict[tuple[str, str], Claim] = {}
    for claim in sorted(claims, key=lambda one: measure_rank(one.metric)):
        if claim.claim_id != DEFINITION and (
            claim.scope == POOLED or claim.scope.split(":")[0] in PLATFORM_SCOPES
        ):
            primary.setdefault((claim.claim_id, claim.scope), claim)
    return tuple(claim for claim in claims if primary.get((claim.claim_id, claim.scope)) is claim)


def build_headline(
    claims: Sequence[Claim],
    pairs: Sequence[Pair],
    strips: Sequence[Strip] = (),
    stratified: Sequence[Stratified] = (),
) -> Headline:
    """The headline: C1 where its creators were compared, else the first claim or pair that has creators.

    Where the niches inside say the opposite, the ratio inside niches is the headline's.
    """
    candidates = [claim for claim in claims if claim.tier_a and claim.has_creators]
    candidates.sort(key=lambda claim: (claim.claim_id != HEADLINE_CLAIM, claim.verdict == "not_testable"))
    if candidates:
        claim = candidates[0]
        made = _headline(claim.fact(), claim.shown, claim.is_fragile, claim)
        alarm = next((one for one in stratified if one.is_reversed and _is_of(one, claim)), None)
        if alarm is not None:
            return _turned(made, claim, alarm)
        strip = next(
            (one for one in strips if (one.claim_id, one.scope) == (claim.claim_id, claim.scope)), None
        )
        return replace(made, notes=(*made.notes, *_beside(strip))) if strip else made
    pair = next((p for p in pairs if p.is_key_pair and p.metric == primary_metric(p.platform)), None)
    if pair is not None and (pair.creators_a or pair.creators_b):
        return _headline(pair.fact(), pair.outcome, pair.is_fragile, None)
    return _nothing()


def _is_of(alarm: Stratified, claim: Claim) -> bool:
    place = (alarm.platform, alarm.kind_group, alarm.metric)
    return place == (claim.platform, claim.kind_group, claim.metric) and {alarm.tier_a, alarm.tier_b} == {
        claim.tier_a,
        claim.tier_b,
    }


def _turned(made: Headline, claim: Claim, alarm: Stratified) -> Headline:
    """Simpson's alarm: the stratified ratio is the headline, and the sentence says so."""
    values = (alarm.stratified, alarm.stratified_low, alarm.stratified_high)
    if claim.tier_a != alarm.tier_a:
        inverse = tuple(None if not value else 1 / value for value in values)
        values = (inverse[0], inverse[2], inverse[1])
    heap = made.estimate
    said = (
        f"Careful: inside the {alarm.strata} {'niches' if alarm.strata_of == 'niche' else 'platforms'} the ratio "
        f"{made.ratio_of} is {ratio_text(values[0])} (95% interval {interval_text(values[1], values[2])}), while all "
        f"creators in one heap give {ratio_text(heap)}: what differs is who is in the heap. Read the first one."
    )
    shown = VERDICTS["not_enough_evidence"]
    return replace(
        made,
        sentence=said,
        word=f"{made.word} in one heap, turned inside",
        symbol="⇄",
        tone=shown.tone,
        estimate=values[0],
        ci_low=values[1],
        ci_high=values[2],
    )


def _beside(strip: Strip) -> Iterable[str]:
    adjusted, pull = strip.named("kind_niche_month"), strip.named("elasticity")
    if adjusted is not None and adjusted.estimate is not None:
        yield (
            f"Adjusted for kind, niche and month of the posts: {ratio_text(adjusted.estimate)} "
            f"(95% interval {interval_text(adjusted.low, adjusted.high)}). {strip.agreeing} of {strip.asked} other "
            "ways to ask name the same winner."
        )
    if pull is not None and pull.estimate is not None:
        yield (
            f"Engagements rise by {pull.estimate:.2f}% with each 1% more followers ({pull.low:.2f} to "
            f"{pull.high:.2f}); below 1 the rate falls with size by arithmetic."
        )


def _claim(row: Row) -> Claim:
    scope, metric = text(row, "scope") or "", text(row, "metric") or ""
    platform, kind_group = text(row, "platform"), text(row, "kind_group")
    value, kind = number(row, "claimed_value"), text(row, "claimed_kind")
    compares_tiers = text(row, "tier_a") is not None
    unit = text(row, "unit") or "ratio"
    said = SHARE_MEASURES.get(metric, measure(metric)) if unit == SHARE else measure(metric)
    return Claim(
        claim_id=text(row, "claim_id") or "?",
        statement=(text(row, "statement") or "").replace(" %", "%").removesuffix("."),
        scope=scope,
        where=_where(scope, platform, kind_group, said),
        platform=platform,
        kind_group=kind_group,
        metric=metric,
        measure=said,
        tier_a=text(row, "tier_a"),
        tier_b=text(row, "tier_b"),
        estimate=number(row, "estimate"),
        ci_low=number(row, "ci_low"),
        ci_high=number(row, "ci_high"),
        verdict_low=number(row, "verdict_low"),
        verdict_high=number(row, "verdict_high"),
        creators_a=known_count(row, "creators_a") if compares_tiers else None,
        creators_b=known_count(row, "creators_b") if compares_tiers else None,
        claimed_kind=kind,
        claimed_value=value,
        claimed_text=_claimed_text(value, kind),
        verdict=text(row, "verdict") or "not_testable",
        needed_more=text(row, "needed_more"),
        needed_more_weekly=text(row, "needed_more_weekly"),
        is_fragile=row.get("is_fragile") is True,
        unit=unit,
        strata=known_count(row, "strata"),
    )


def _where(scope: str, platform: str | None, kind_group: str | None, said: str) -> str:
    if platform and kind_group:
        return group_name(platform, kind_group)
    return f"{'Over all' if scope == POOLED else platform_name(scope)}: {said}"


def _claimed_text(value: float | None, kind: str | None) -> str:
    if kind == "equivalence":
        return "comparable"
    if value is None:
        return "no size given"
    return f"above {ratio_text(value)}" if kind == "bound" else ratio_text(value)


def _headline(fact: Fact, shown: Verdict, is_fragile: bool, claim: Claim | None) -> Headline:
    return Headline(
        sentence=sentence(fact),
        verdict=fact.verdict,
        word=shown.word,
        symbol=shown.symbol,
        tone=shown.tone,
        claim_id=claim.claim_id if claim else None,
        question=claim.statement if claim else f"{fact.first} against {fact.second} creators, {fact.place}",
        ratio_of=f"{fact.first} / {fact.second}",
        estimate=fact.estimate,
        ci_low=fact.ci_low,
        ci_high=fact.ci_high,
        verdict_low=fact.verdict_low,
        verdict_high=fact.verdict_high,
        creators=(TierCount(fact.first, fact.n_first), TierCount(fact.second, fact.n_second)),
        claimed_value=fact.claimed,
        notes=tuple(_notes(fact, is_fragile)),
    )


def _notes(fact: Fact, is_fragile: bool) -> Iterable[str]:
    if fact.verdict_low is not None and fact.verdict_high is not None:
        yield (
            f"Looked at every week, the interval that carries the verdict is "
            f"{interval_text(fact.verdict_low, fact.verdict_high)}."
        )
    if is_fragile and fact.verdict in ("supported", "direction_only", "contradicted") and not fact.equality:
        yield "Fragile: other reasonable ways to compute the ratio disagree on which tier is ahead."
    if fact.verdict != "not_enough_evidence":
        return
    weekly = needed_text(fact.needed_more_weekly)
    if weekly and fact.needed_more_weekly != fact.needed_more:
        yield f"For a verdict that holds at every weekly look: {weekly}."
    if not (fact.needed_more or needed_for_floor(fact)):
        yield "More creators alone would not settle it with these data."


def _nothing() -> Headline:
    shown = VERDICTS["not_testable"]
    return Headline(
        sentence=(
            "Nothing to compare yet: no creator's posts have settled in the comparison window. "
            "Needed: exports of posts and follower counts of at least 5 micro and 5 mega creators."
        ),
        verdict="not_testable",
        word=shown.word,
        symbol=shown.symbol,
        tone=shown.tone,
        claim_id=None,
        question="Do small creators bring more engagement than mega creators?",
        ratio_of=None,
        estimate=None,
        ci_low=None,
        ci_high=None,
        verdict_low=None,
        verdict_high=None,
        creators=(),
        claimed_value=None,
        notes=(),
    )
