"""The report's first sentence: the headline that a claim, or else a pair of tiers, makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from creator_tiers.report.beside import Stratified, Strip
from creator_tiers.report.claims import Claim
from creator_tiers.report.palette import Tone
from creator_tiers.report.platforms import Pair
from creator_tiers.report.sentences import Fact, needed_for_floor, sentence
from creator_tiers.report.wording import (
    VERDICTS,
    Verdict,
    interval_text,
    needed_text,
    primary_metric,
    ratio_text,
)

HEADLINE_CLAIM = "C1"
FRAGILE = "Fragile"


@dataclass(frozen=True, slots=True)
class TierCount:
    """Creators of a tier."""

    tier: str
    creators: int


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


def build_headline(
    claims: Sequence[Claim],
    pairs: Sequence[Pair],
    strips: Sequence[Strip] = (),
    stratified: Sequence[Stratified] = (),
) -> Headline:
    """The headline: C1 where its creators were compared, else the first claim or pair that has creators.

    Where the niches inside say the opposite, the ratio inside niches is the headline's.
    """
    candidates = [claim for claim in claims if claim.compares_tiers and claim.has_creators]
    candidates.sort(key=lambda claim: (claim.claim_id != HEADLINE_CLAIM, claim.verdict == "not_testable"))
    if candidates:
        claim = candidates[0]
        made = _headline(claim.fact(), claim.shown, claim.is_fragile, claim)
        alarm = next((one for one in stratified if one.is_reversed and claim.is_inside(one)), None)
        if alarm is not None:
            made = _turned(made, claim, alarm)
        strip = next(
            (one for one in strips if (one.claim_id, one.scope) == (claim.claim_id, claim.scope)), None
        )
        if strip is None:
            return made
        beside = _beside(strip, is_equality=claim.claimed_kind == "equivalence", is_turned=alarm is not None)
        return replace(made, notes=(*made.notes, *beside))
    pair = next((p for p in pairs if p.is_key_pair and p.metric == primary_metric(p.platform)), None)
    if pair is not None and (pair.creators_a or pair.creators_b):
        return _headline(pair.fact(), pair.outcome, pair.is_fragile, None)
    return _nothing()


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
        notes=tuple(
            f"In one heap, {note[0].lower()}{note[1:]}" for note in made.notes if not note.startswith(FRAGILE)
        ),
    )


def _beside(strip: Strip, *, is_equality: bool, is_turned: bool) -> Iterable[str]:
    adjusted, pull = strip.named("kind_niche_month"), strip.named("elasticity")
    if adjusted is not None and adjusted.estimate is not None:
        agree = "agree" if is_equality else "name the same winner"
        others = "" if is_turned else f" {strip.agreeing} of {strip.asked} other ways to ask {agree}."
        yield (
            f"Adjusted for kind, niche and month of the posts: {ratio_text(adjusted.estimate)} "
            f"(95% interval {interval_text(adjusted.low, adjusted.high)}).{others}"
        )
    if pull is not None and pull.estimate is not None:
        yield (
            f"Engagements rise by {pull.estimate:.2f}% with each 1% more followers ({pull.low:.2f} to "
            f"{pull.high:.2f}); below 1 the rate falls with size by arithmetic."
        )


def _headline(fact: Fact, shown: Verdict, is_fragile: bool | None, claim: Claim | None) -> Headline:
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


def _notes(fact: Fact, is_fragile: bool | None) -> Iterable[str]:
    if fact.verdict_low is not None and fact.verdict_high is not None:
        yield (
            f"Looked at every week, the interval that carries the verdict is "
            f"{interval_text(fact.verdict_low, fact.verdict_high)}."
        )
    if is_fragile and fact.verdict in ("supported", "direction_only", "contradicted") and not fact.equality:
        yield f"{FRAGILE}: other reasonable ways to compute the ratio disagree on which tier is ahead."
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
            "Nothing to compare yet: no creator of a known tier has settled posts with engagements in the comparison "
            "window. "
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
