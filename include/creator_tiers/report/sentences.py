"""The fixed sentence of each verdict.

Sentences say "associated with", never that a tier causes anything (metrics.md, "Statistics", 9).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from creator_tiers.comparison.verdicts import FEWEST_FOR_INTERVAL, FEWEST_FOR_VERDICT, MARGIN
from creator_tiers.report.wording import (
    count_text,
    creators_of,
    interval_text,
    measure,
    needed_text,
    ratio_text,
    verdict_of,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A comparison to put in words. `estimate` is `first` over `second`, a ratio; intervals likewise.

    `lead` is the sentence's first words; the verdict's own where it is None. `caution` is what has to be said after it.
    """

    place: str
    metric: str
    first: str
    second: str
    verdict: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    verdict_low: float | None
    verdict_high: float | None
    n_first: int
    n_second: int
    needed_more: str | None = None
    needed_more_weekly: str | None = None
    claimed: float | None = None
    equality: bool = False
    lead: str | None = None
    caution: str = ""


def needed_for_floor(fact: Fact) -> str:
    """What an arm lacks to reach the verdict's floor, in the form of `needed_more`."""
    lacks = (
        (FEWEST_FOR_VERDICT - n, tier)
        for n, tier in ((fact.n_first, fact.first), (fact.n_second, fact.second))
    )
    return ", ".join(f"{lack} {tier}" for lack, tier in lacks if lack > 0)


def sentence(fact: Fact) -> str:
    """The fixed sentence of a comparison's verdict: estimate, interval, creators, verdict."""
    word = fact.lead or verdict_of(fact.verdict).word
    body = (_SENTENCES.get(fact.verdict) or _not_testable)(fact)
    return f"{word[0].upper()}{word[1:]}: {fact.place}, {body} {fact.caution}".rstrip()


def _numbers(fact: Fact) -> str:
    return (
        f"ratio {ratio_text(fact.estimate)}, 95% interval {interval_text(fact.ci_low, fact.ci_high)}; "
        f"{count_text(fact.n_first)} {fact.first} and {count_text(fact.n_second)} {fact.second} creators"
    )


def _associated(fact: Fact) -> str:
    ratio, what = fact.estimate or 1.0, measure(fact.metric)
    change = round(abs(ratio - 1) * 100)
    start = f"{creators_of(fact.first)} are associated with"
    if change and not what.startswith("engagement rate"):
        far = f"at {ratio_text(ratio)} times"
        size = far if ratio >= 1.95 else f"{change}% {'above' if ratio > 1 else 'below'}"
        return f"{start} {what} {size} the level of {creators_of(fact.second)}"
    if ratio >= 1.95:
        return f"{start} {_article(what)} {what} {ratio_text(ratio)} times that of {creators_of(fact.second)}"
    if change == 0:
        return f"{start} about the same {what} as {creators_of(fact.second)}"
    size = f"{change}% {'higher' if ratio > 1 else 'lower'}"
    return f"{start} {_article(size)} {size} {what} than {creators_of(fact.second)}"


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou8" or what.startswith(("11%", "18%")) else "a"


def _alike(fact: Fact) -> str:
    return (
        f"{creators_of(fact.first)} and {creators_of(fact.second)} have materially the same {measure(fact.metric)}, "
        f"within the margin of {interval_text(*MARGIN)} ({_numbers(fact)})."
    )


def _winner(fact: Fact) -> str:
    return _alike(fact) if fact.equality else f"{_associated(fact)} ({_numbers(fact)})."


def _direction_only(fact: Fact) -> str:
    size = (
        "" if fact.claimed is None else f" The claimed {ratio_text(fact.claimed)} is not the size seen here."
    )
    return f"{_associated(fact)} ({_numbers(fact)}).{size}"


def _contradicted(fact: Fact) -> str:
    return f"{_associated(fact)} ({_numbers(fact)})."


def _not_enough(fact: Fact) -> str:
    needed = needed_text(fact.needed_more or needed_for_floor(fact))
    tail = f" Needed to settle it: {needed}." if needed else ""
    if fact.estimate is None:
        few = min(fact.n_first, fact.n_second) < FEWEST_FOR_INTERVAL
        but = (
            f"and a ratio needs at least {FEWEST_FOR_INTERVAL} of each"
            if few
            else "but those of each tier are all alike, which leaves nothing to judge a ratio by"
        )
        return (
            f"{count_text(fact.n_first)} {fact.first} and {count_text(fact.n_second)} {fact.second} creators "
            f"can be compared, {but}.{tail}"
        )
    asked = (
        f"{creators_of(fact.first)} and {creators_of(fact.second)} have materially the same {measure(fact.metric)}, "
        f"within the margin of {interval_text(*MARGIN)}"
        if fact.equality
        else f"{creators_of(fact.first)} have a higher {measure(fact.metric)} than {creators_of(fact.second)}"
    )
    return f"the data cannot tell yet whether {asked} ({_numbers(fact)}).{tail}"


def _not_testable(fact: Fact) -> str:
    missing = f" Missing: {needed_text(fact.needed_more)}." if fact.needed_more else ""
    return f"{creators_of(fact.first)} and {creators_of(fact.second)} cannot be compared yet.{missing}"


_SENTENCES: dict[str, Callable[[Fact], str]] = {
    "supported": _winner,
    "direction_only": _direction_only,
    "no_material_difference": _alike,
    "contradicted": _contradicted,
    "not_enough_evidence": _not_enough,
    "not_testable": _not_testable,
}
