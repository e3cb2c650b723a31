"""The report's words: names, symbols, and how numbers are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from creator_tiers.hygiene import one_line
from creator_tiers.report.palette import Tone

FORBIDDEN = re.compile(r"\b(drives?|driven|caus(es?|ed|ing)|boosts?|leads? to|results? in)\b", re.IGNORECASE)
"""Words that a comparison of creators cannot carry."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a verdict is shown: word, symbol (plain text, no emoji) and tone."""

    word: str
    symbol: str
    tone: Tone


VERDICTS: dict[str, Verdict] = {
    "supported": Verdict("supported", "✓", "good"),
    "direction_only": Verdict("direction only", "◐", "good"),
    "no_material_difference": Verdict("no material difference", "≈", "same"),
    "contradicted": Verdict("contradicted", "✗", "bad"),
    "not_enough_evidence": Verdict("not enough evidence", "?", "unsure"),
    "not_testable": Verdict("not testable", "–", "unsure"),
}

PLATFORMS = {
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "facebook": "Facebook",
}
GROUPS = {
    ("instagram", "feed"): ("Instagram feed posts", "on Instagram"),
    ("facebook", "feed"): ("Facebook feed posts", "on Facebook"),
    ("tiktok", "video"): ("TikTok videos", "on TikTok"),
    ("youtube", "video"): ("YouTube videos", "in YouTube videos"),
    ("youtube", "short"): ("YouTube Shorts", "in YouTube Shorts"),
}
PRIMARY_METRIC = {"instagram": "er_followers_settled", "facebook": "er_followers_settled"}
TIERS = ("nano", "micro", "mid", "macro", "mega", "small", "rest")
_MEASURES = {"er_followers": "per follower", "er_reach": "per account reached", "er_views": "per view"}
_AGES = {"d7": " at day 7", "d28": " at day 28"}
_SUBSETS = {"_branded": ", branded posts only", "_own": ", own posts only"}
_STRATUM = re.compile(r"\b(campaign|platform)s?$")
_COLUMN_PARTS = re.compile(r"(_core|_settled)+\b")
_INPUTS = {
    "cost_loaded": "loaded cost",
    "cost_fee": "fees",
    "orders_net": "net orders",
    "orders_net_link": "net orders by link",
    "hours_spent": "hours",
    "starts_on": "a first day",
    "followers_at_post": "followers at posting",
    "with tier": "with a tier",
    "is_micro": "a tier",
}
_COLUMN = re.compile(rf"\b({'|'.join(sorted(_INPUTS, key=len, reverse=True))})\b")
_POSTS_OF = re.compile(r"(?P<platform>\w+) posts of the kind (?P<kind>\w+)")
_METRIC = re.compile(r"(?P<stem>er_[a-z]+)_(?P<age>settled|d7|d28)(?P<subset>_branded|_own)?")
_MONTHS = (  # calendar.month_name follows the locale
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def verdict_of(code: str | None) -> Verdict:
    """How a verdict code is shown; an unknown code is shown as it is."""
    if code is None:
        return VERDICTS["not_testable"]
    return VERDICTS.get(code) or Verdict(one_line(code.replace("_", " "), 24), "–", "unsure")


def outcome_of(verdict: str, smaller: str, larger: str) -> Verdict:
    """How a tier pair's verdict is shown where no claim of the article stands behind it.

    A pair's verdict is on "the smaller tier has the higher rate" (`direction_only` or `contradicted`), so the
    table and the chart say which tier is higher; the other verdicts keep their word.
    """
    if verdict in ("supported", "direction_only"):
        return Verdict(f"{smaller} higher", "▲", "good")
    if verdict == "contradicted":
        return Verdict(f"{larger} higher", "▼", "bad")
    return verdict_of(verdict)


def platform_name(platform: str) -> str:
    """A platform as people write it."""
    return PLATFORMS.get(platform, platform)


def group_name(platform: str, kind_group: str) -> str:
    """A platform's kind group as a heading."""
    known = GROUPS.get((platform, kind_group))
    return known[0] if known else f"{platform_name(platform)} {kind_group}"


def group_place(platform: str, kind_group: str) -> str:
    """A platform's kind group inside a sentence."""
    known = GROUPS.get((platform, kind_group))
    return known[1] if known else f"on {platform_name(platform)} ({kind_group})"


def primary_metric(platform: str) -> str:
    """The metric whose comparison is shown first on a platform."""
    return PRIMARY_METRIC.get(platform, "er_views_settled")


_CLAIM_MEASURES = {
    "creators": "creators in each tier",
    "cvr_reach": "net orders per account reached",
    "cvr_click": "net orders per click",
    "orders_net_total": "net orders of all micro over all mega creators",
    "fee_per_post": "fee per contracted post",
    "cpe": "loaded cost per engagement",
    "cpa": "loaded cost per net order",
    "branded_share": "share of posts that are branded",
    "er_reach_branded_own": "branded over own engagement rate per account reached",
    "er_views_branded_own": "branded over own engagement rate per view",
    "er_followers_branded_own": "branded over own engagement rate per follower",
    "cvr_reach_fit": "net orders per account reached, with over without niche fit",
    "er_reach_fit": "engagement rate per account reached, with over without niche fit",
    "hours_per_creator": "hours spent per creator",
    "hours_per_post": "hours spent per contracted post",
    "hours_per_order": "hours spent per net order",
    "rebooked_180d": "share booked again within 180 days",
    "has_agent": "share with an agent",
    "reach_per_cost": "accounts reached per loaded cost, awareness campaigns",
    "views_per_cost": "views per loaded cost, awareness campaigns",
    "comments_per_view": "comments per view",
    "orders_per_cost": "net orders per loaded cost, conversion campaigns",
    "micro_placement_share": "micro's share of placements by quarter",
    "micro_spend_share": "micro's share of spend by quarter",
}
"""The measures of the claims, in the order of the register: a claim's first one is its primary one."""

_MEASURE_ORDER = tuple(_CLAIM_MEASURES)

SHARE_MEASURES = {
    "orders_net_total": "campaigns with more net orders from all micro than from all mega creators"
}
"""What a claim's row over campaigns is the share of, where its rows of single campaigns are ratios."""


def measure_rank(metric: str) -> int:
    """Sort key of a claim's measures: the register's order."""
    return _MEASURE_ORDER.index(metric) if metric in _CLAIM_MEASURES else -1


def measure(metric: str) -> str:
    """A metric in words: `er_followers_settled` is `engagement rate per follower`."""
    match = _METRIC.fullmatch(metric)
    if match is None or match["stem"] not in _MEASURES:
        return _CLAIM_MEASURES.get(metric, metric)
    subset = _SUBSETS.get(match["subset"] or "", "")
    return f"engagement rate {_MEASURES[match['stem']]}{_AGES.get(match['age'], '')}{subset}"


def is_over_all_posts(metric: str) -> bool:
    """Whether a metric takes branded and own posts together."""
    return not metric.endswith(tuple(_SUBSETS))


def tier_rank(tier: str) -> tuple[int, str]:
    """Sort key: the known tiers by size, then others by name."""
    return (TIERS.index(tier) if tier in TIERS else len(TIERS), tier)


def creators_of(tier: str) -> str:
    """The creators of a tier, inside a sentence."""
    return {"small": "small creators (nano and micro)", "rest": "all other creators"}.get(
        tier, f"{tier} creators"
    )


def ratio_text(value: float | None) -> str:
    """A ratio with two decimals, or two significant digits when it is below 0.1 or not below 10."""
    if value is None:
        return "no ratio"
    return f"{value:.2f}" if 0.1 <= value < 9.995 else f"{value:.2g}" if value < 0.1 else f"{value:,.0f}"


def interval_text(low: float | None, high: float | None, joiner: str = " to ") -> str:
    """An interval of ratios, or `no interval`."""
    return "no interval" if low is None or high is None else f"{ratio_text(low)}{joiner}{ratio_text(high)}"


def share_text(value: float | None) -> str:
    """A share in whole percent."""
    return "no share" if value is None else f"{value:.0%}"


def count_text(n: int | None, noun: str = "") -> str:
    """A count with thousands separators, and its noun in the right number."""
    if n is None:
        return "unknown"
    plain = f"{n:,}"
    return plain if not noun else f"{plain} {noun}" if n == 1 else f"{plain} {noun}s"


def day_text(day: date) -> str:
    """A date such as `9 November 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def span_text(first: date, last: date) -> str:
    """Two dates such as `9 to 15 November 2026`, naming the month and the year once where they are equal."""
    if first.year != last.year:
        return f"{day_text(first)} to {day_text(last)}"
    if first.month != last.month:
        return f"{first.day} {_MONTHS[first.month - 1]} to {day_text(last)}"
    return f"{first.day} to {day_text(last)}"


def instant_text(instant: datetime) -> str:
    """A UTC instant such as `2026-11-16 00:00 UTC`."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def needed_text(needed: str | None) -> str:
    """`12 mega; more micro will not help` becomes `12 more mega creators; more micro will not help`, `5 campaigns`
    becomes `5 more campaigns`.

    Other texts pass as they are, on one line.
    """
    if not needed:
        return ""
    numbers, semicolon, rest = needed.partition(";")
    matches = [re.fullmatch(r"([\d,]+) (\w+)", part.strip()) for part in numbers.split(", ")]
    if not all(matches):
        return one_line(inputs_text(needed), 200)
    words = " and ".join(f"{int(m[1]):,} more {m[2]}" for m in matches if m)
    creators = "" if _STRATUM.search(words) else " creators"
    return one_line(f"{words}{creators}{semicolon}{rest}", 200)


def inputs_text(missing: str) -> str:
    """Names of columns in words: `placements with orders_net` becomes `placements with net orders`."""
    if posts := _POSTS_OF.fullmatch(missing):
        return f"{group_name(posts['platform'], posts['kind'])} that have settled"
    said = _COLUMN.sub(lambda match: _INPUTS[match[0]], missing)
    return _COLUMN_PARTS.sub("", said).replace("_", " ")


def needed_note(verdict: str, needed: str | None) -> str:
    """What a table's row says of it: `needs +43 nano`, `missing: posts with engagements and reach`; else nothing."""
    if not needed:
        return ""
    if verdict == "not_testable":
        return f"missing: {needed_text(needed)}"
    numbers = needed.partition(";")[0].split(", ")
    if all(re.fullmatch(r"[\d,]+ \w+", part) for part in numbers):
        return "needs " + ", ".join(f"+{part}" for part in numbers)
    return f"needs {one_line(inputs_text(needed), 100)}"
