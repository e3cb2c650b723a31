"""The article's claims as the data judge them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from creator_tiers.report.inputs import Row, flag, known_count, number, text
from creator_tiers.report.platforms import Pair
from creator_tiers.report.sentences import Fact
from creator_tiers.report.wording import (
    SHARE_MEASURES,
    TIERS,
    Verdict,
    count_text,
    group_name,
    group_place,
    interval_text,
    measure,
    measure_rank,
    platform_name,
    ratio_text,
    share_text,
    verdict_of,
)

if TYPE_CHECKING:
    from creator_tiers.report.beside import Stratified

DEFINITION = "C0"
POOLED = "all"
SHARE = "share"
"""The unit of a claim whose estimate is a share of campaigns."""
PLATFORM_SCOPES = ("instagram", "facebook", "tiktok", "youtube")
DECIDED = ("supported", "direction_only", "no_material_difference", "contradicted")
WINNING = ("supported", "direction_only", "contradicted")
NOT_CARRIED = "exploratory: not established when corrected for all claims"
NOT_PRIMARY = "exploratory"
_CAUTIONS = {
    NOT_CARRIED: "Exploratory: corrected for all the claims looked at, this is not established.",
    NOT_PRIMARY: "Exploratory: it is not among the primary claims.",
}
_TURNED = "Careful: inside the creators' niches it is the other way round; “How robust it is” has both."
_BOUNDS = {"bound": "above ", "not_below": "not below "}


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of `marts.claim_verdicts`; the estimate and its intervals are tier_a over tier_b, as the claim says.

    `where` is the platform and kind in words; the tiers are None for a claim that compares none, their creators where
    they are not known. With the `unit` `share` the estimate is a share of `strata` campaigns. `is_turned`: inside the
    niches of the creators it is the other way round.
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
    is_fragile: bool | None
    unit: str
    strata: int | None
    is_primary: bool | None
    is_exploratory: bool | None
    is_turned: bool = False

    @property
    def caution(self) -> str:
        """Why a verdict establishes nothing yet, in words; empty where it does, where it is none, or unknown."""
        if not self.is_exploratory or self.verdict not in DECIDED:
            return ""
        return NOT_CARRIED if self.is_primary else NOT_PRIMARY

    @property
    def estimate_text(self) -> str:
        """The estimate in words."""
        if self.unit != SHARE:
            return ratio_text(self.estimate)
        if self.estimate is None:
            return share_text(None)
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

    @property
    def compares_tiers(self) -> bool:
        """Whether it sets two tiers against each other, on a platform's kind of posts or over all campaigns."""
        is_whole = bool(self.platform and self.kind_group) or (self.scope == POOLED and self.unit != SHARE)
        tiers = {self.tier_a, self.tier_b}
        return is_whole and self.claim_id != DEFINITION and len(tiers) == 2 and tiers <= set(TIERS)

    def is_about(self, pair: Pair) -> bool:
        """Whether it claims something of this pair's ratio, in either direction."""
        same_place = (self.platform, self.kind_group, self.metric) == (
            pair.platform,
            pair.kind_group,
            pair.metric,
        )
        return same_place and {self.tier_a, self.tier_b} == {pair.tier_a, pair.tier_b}

    @property
    def names_a_winner(self) -> bool:
        """Whether its verdict says that one of its tiers is ahead."""
        winning = ("contradicted",) if self.claimed_kind == "equivalence" else WINNING
        return self.verdict in winning

    def is_inside(self, strata: Stratified) -> bool:
        """Whether these strata are inside what it claims something of, in either direction."""
        same_place = (self.platform, self.kind_group, self.metric) == (
            strata.platform,
            strata.kind_group,
            strata.metric,
        )
        return same_place and {self.tier_a, self.tier_b} == {strata.tier_a, strata.tier_b}

    def fact(self) -> Fact:
        """The claim as something to say in a sentence."""
        whole = "over all" if self.scope == POOLED else f"for {self.scope}"
        place = group_place(self.platform or "", self.kind_group or "") if self.platform else whole
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
            caution=" ".join(filter(None, (_CAUTIONS.get(self.caution), _TURNED if self.is_turned else ""))),
        )


def build_claims(rows: Iterable[Row]) -> tuple[Claim, ...]:
    """The claims in the order of their ids (C2 before C10) and scopes."""
    claims = (_claim(row) for row in rows)
    return tuple(sorted(claims, key=lambda claim: (len(claim.claim_id), claim.claim_id, claim.scope)))


def marked(claims: Iterable[Claim], stratified: Sequence[Stratified]) -> tuple[Claim, ...]:
    """The claims, those marked that name a tier as ahead while the niches inside say the opposite."""
    alarms = [one for one in stratified if one.is_reversed]
    return tuple(
        replace(claim, is_turned=claim.names_a_winner and any(claim.is_inside(alarm) for alarm in alarms))
        for claim in claims
    )


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
        is_fragile=flag(row, "is_fragile"),
        unit=unit,
        strata=known_count(row, "strata"),
        is_primary=flag(row, "is_primary"),
        is_exploratory=flag(row, "is_exploratory"),
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
    return f"{_BOUNDS.get(kind or '', '')}{ratio_text(value)}"
