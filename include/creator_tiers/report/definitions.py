"""What the report's numbers mean, with a version: a number is comparable inside one version only."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from creator_tiers.report.wording import platform_name
from creator_tiers.settings import RESOURCES

DEFINITIONS_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Definition:
    """A term and its meaning."""

    term: str
    meaning: str


_COMMON = (
    Definition(
        "Ratio",
        "geometric mean of the first tier's creator rates over that of the second. Above 1 the first is ahead. "
        "Each creator counts once, however many posts.",
    ),
    Definition(
        "Interval",
        "the 95% interval is Welch's t on log rates of this week's data. Verdicts use a wider one that stays "
        "honest when looked at every week.",
    ),
    Definition(
        "Verdicts on claims",
        "✓ supported: the interval lies on the claimed side and holds the claimed size. ◐ direction only: the claimed "
        "side, another size. ≈ no material difference: wholly inside 0.80 to 1.25. ✗ contradicted: wholly on the "
        "other side. ? not enough evidence. – not testable: an input is missing.",
    ),
    Definition(
        "Verdicts on pairs",
        "▲ the smaller tier is higher, ▼ the larger tier is higher, else the words above. “Fragile” where other "
        "reasonable ways to compute the ratio disagree on which tier is ahead.",
    ),
    Definition(
        "Exploratory",
        "a lead, nothing established: a claim's verdict that Holm's correction for all the claims looked at does not "
        "carry, and all that is not a claim's primary answer. Pairs are not corrected for how many there are.",
    ),
    Definition(
        "Needs",
        "how many more creators the interval of the verdict needs to settle it, on the spread of your own data, with a "
        "power of 80%.",
    ),
    Definition(
        "Associated with",
        "this compares creators as they are; it cannot tell why they differ.",
    ),
)


def define(scheme: str, window_days: int, method: str | None) -> tuple[Definition, ...]:
    """The terms of a report.

    Args:
        scheme: the tier scheme, a row set of `seeds/tiers.csv`.
        window_days: the comparison window.
        method: the comparison's method and version, None where nothing was compared.
    """
    posts = Definition(
        "Posts",
        f"published in the {window_days} days before as-of, branded and own together unless said, no Stories.",
    )
    engagement = Definition(
        "Engagement rate",
        "likes + comments, divided by followers at posting, accounts reached, or views, as each table says; "
        f"taken once the post has settled ({_settling()}).",
    )
    tiers = Definition(
        f"Tiers (scheme {scheme})",
        f"by followers when the post was published: {_bounds(scheme)}. “Small” is nano and micro, “rest” the others.",
    )
    last = (Definition("Method", f"{method}."),) if method else ()
    return (tiers, engagement, posts, *_COMMON, *last)


def _bounds(scheme: str) -> str:
    said = (
        f"{row['tier']} {int(row['followers_min']):,} to {int(row['followers_max']):,}"
        if row["followers_max"]
        else f"{row['tier']} from {int(row['followers_min']):,}"
        for row in _seed("tiers.csv")
        if row["scheme"] == scheme
    )
    return ", ".join(said) or "bounds unknown"


def _settling() -> str:
    ages = (
        f"{platform_name(row['platform'])} {row['settling_days']} days" for row in _seed("settling_ages.csv")
    )
    return ", ".join(ages)


@cache
def _seed(name: str) -> tuple[dict[str, str], ...]:
    with (RESOURCES / "seeds" / name).open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
