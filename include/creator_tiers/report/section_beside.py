"""What stands beside the claims: other ways to ask, inside strata, published values."""

from __future__ import annotations

from collections.abc import Iterator

from creator_tiers.report.beside import SAME, Strip
from creator_tiers.report.claims import POOLED
from creator_tiers.report.figures import VARIANTS, percent_text
from creator_tiers.report.model import ReportModel
from creator_tiers.report.tabular import Cell, Section, cells, table
from creator_tiers.report.wording import (
    SHARE_MEASURES,
    count_text,
    interval_text,
    measure,
    ratio_text,
    share_text,
)


def robustness(model: ReportModel) -> Section:
    """The sensitivity strip, and inside strata beside all in one heap."""
    rows = [cells(*_strip_row(one)) for one in model.strips]
    strips = table(
        "The same question asked in other ways",
        ("Claim", "Agree", "Lowest to highest", "Adjusted"),
        rows,
        (1, 2, 3),
        file="sensitivity.csv",
        note="Other estimators, other tier schemes, other posts. Adjusted: for kind, niche and month of the posts.",
        empty="No claim could be asked in other ways yet.",
    )
    strata = [
        cells(
            Cell(f"{one.where}: {one.tier_a} / {one.tier_b}", small=measure(one.metric)),
            Cell(
                ratio_text(one.stratified),
                one.stratified,
                f"{interval_text(one.stratified_low, one.stratified_high)}; {count_text(one.strata)} "
                f"{'niches' if one.strata_of == 'niche' else 'platforms and kinds'}",
            ),
            Cell(ratio_text(one.pooled), one.pooled),
            Cell(ratio_text(one.adjusted) if one.adjusted is not None else "–", one.adjusted),
            Cell(
                "⇄ turned" if one.is_reversed else "same way",
                float(one.is_reversed),
                tone="bad" if one.is_reversed else None,
            ),
        )
        for one in model.stratified
        if (one.tier_a, one.tier_b) == ("micro", "mega")
    ]
    stratified = table(
        "Inside strata beside all creators in one heap (Simpson's paradox)",
        ("Where", "Inside", "Heap", "Adjusted", "Direction"),
        strata,
        (1, 2, 3),
        file="stratified.csv",
        empty="No two strata have two creators in each tier yet.",
    )
    return Section("robustness", "How robust it is", (), (strips, stratified))


def _strip_row(one: Strip) -> Iterator[Cell]:
    known = [v.estimate for v in one.variants if v.estimate is not None and v.variant != "context"]
    adjusted = one.named("kind_niche_month")
    others = [
        VARIANTS.get(v.name, f"scheme {v.name}")
        for v in one.variants
        if v.is_agreeing is False and v.name not in SAME
    ]
    is_share = one.scope == POOLED and one.metric in SHARE_MEASURES
    said, value_text = (
        (SHARE_MEASURES[one.metric], share_text) if is_share else (measure(one.metric), ratio_text)
    )
    yield Cell(f"{one.claim_id} {one.scope}", small=said)
    yield Cell(
        f"{one.agreeing} of {one.asked}",
        float(one.agreeing),
        f"not: {', '.join(others)}" if others else "",
        tone="bad" if others else None,
    )
    yield Cell(
        f"{value_text(min(known))} to {value_text(max(known))}" if known else "–",
        min(known) if known else None,
    )
    if adjusted is None or adjusted.estimate is None:
        yield Cell("–")
    else:
        yield Cell(
            ratio_text(adjusted.estimate), adjusted.estimate, interval_text(adjusted.low, adjusted.high)
        )


def published(model: ReportModel) -> Section:
    """Published values beside the user's own, greyed where the definition differs."""
    rows = [
        cells(
            Cell(
                f"{one.where}, {one.subject}",
                small=f"{one.publisher} {one.year}: {one.definition}",
                is_grey=one.differs is not None,
            ),
            Cell(
                percent_text(one.value),
                one.value,
                one.differs or "same definition",
                is_grey=one.differs is not None,
            ),
            Cell(percent_text(one.ours), one.ours, f"{one.ours_of}, {measure(one.metric)}"),
        )
        for one in model.published
    ]
    made = table(
        "Published engagement rates beside yours",
        ("Published", "Value", "Yours"),
        rows,
        (1, 2),
        file="published.csv",
        note="Grey: another denominator or numerator than ours, so the two are not the same thing.",
        empty="No published value can stand beside yours yet.",
    )
    return Section("published", "Published values beside yours", (), (made,))
