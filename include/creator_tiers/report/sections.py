"""The parts of the report behind the engagement, as sections of tables that every form shows."""

from __future__ import annotations

from collections.abc import Iterator

from creator_tiers.report.beside import Strip
from creator_tiers.report.conversions import STEPS, Campaign
from creator_tiers.report.figures import (
    BREAK_EVENS,
    MEASURES,
    VARIANTS,
    count_cell,
    money_cell,
    money_text,
    number_text,
    percent_cell,
    percent_text,
)
from creator_tiers.report.model import ReportModel
from creator_tiers.report.money import Estimate, Money, Plan
from creator_tiers.report.tabular import Cell, DataTable, Section, cells, table
from creator_tiers.report.wording import count_text, interval_text, measure, ratio_text

MOST_SHOWN = 40
"""Rows of the lists of creators; their CSV files have more."""

NO_CAMPAIGN = (
    "No campaign is known: drop campaigns.csv, placements.csv and order exports into the landing folder."
)


def sections(model: ReportModel) -> tuple[Section, ...]:
    """In the report's order; restated figures first, where there are any."""
    made = [restated(model), conversions(model), money(model), creators(model), robustness(model), published(model),
            audits(model)]  # fmt: skip
    return tuple(one for one in made if one is not None)


def restated(model: ReportModel) -> Section | None:
    """What earlier reports gave as final and is another now; None when nothing is."""
    if not model.restated:
        return None
    rows = [
        cells(
            one.campaign_key,
            MEASURES.get(one.measure, one.measure),
            Cell(_figure(one.measure, one.old, one.currency), one.old, f"report of {one.week}"),
            Cell(_figure(one.measure, one.new, one.currency), one.new),
        )
        for one in model.restated
    ]
    line = (
        f"{count_text(len(rows), 'figure')} of closed campaigns changed since they were mailed: later exports brought "
        "refunds, corrections or orders. The new ones count."
    )
    made = table(
        "Restated figures", ("Campaign", "Figure", "Reported", "Now"), rows, (2, 3), file="restated.csv"
    )
    return Section("restated", "Restated", (line,), (made,))


def _figure(name: str, value: float | None, currency: str | None) -> str:
    if value is None:
        return "gone"
    if name == "revenue_net":
        return money_text(value, currency)
    return percent_text(value) if name.startswith("cvr") else count_text(int(value))


def conversions(model: ReportModel) -> Section:
    """Conversions per campaign, where the orders went, and the tiers inside closed campaigns."""
    if not model.campaigns:
        return Section("conversions", "Conversions by campaign", (NO_CAMPAIGN,), ())
    closed = [one for one in model.campaigns if one.is_closed]
    lines = [_closed_line(model, len(closed))]
    if model.attribution is not None:
        whole = model.attribution
        lines.append(
            f"Of all {count_text(whole.orders, 'order')}, {count_text(whole.orders_credited)} are credited to a "
            f"creator and {count_text(whole.orders_unattributed)} to nobody. Of the credited, "
            f"{count_text(whole.orders_cancelled)} were cancelled, {count_text(whole.orders_refunded)} refunded in "
            f"full, {count_text(whole.orders_excluded)} were gifts or repeats: {count_text(whole.orders_net)} count."
        )
    made = [_campaigns(model), _waterfall(closed), _tiers(closed, shows_fees=model.shows_fees)]
    return Section(
        "conversions", "Conversions by campaign", tuple(lines), tuple(one for one in made if one.rows)
    )


def _closed_line(model: ReportModel, closed: int) -> str:
    still = len(model.campaigns) - closed
    tail = (
        f" {count_text(still, 'campaign')} still {'runs' if still == 1 else 'run'}; their numbers are provisional."
        if still
        else ""
    )
    judged = next((one.judged_at for one in model.campaigns if one.judged_at), None)
    when = f" Judged by what was observed up to {judged[:10]}." if judged else ""
    verb = "is" if closed == 1 else "are"
    return f"{count_text(closed, 'campaign')} {verb} closed: their numbers are final.{tail}{when}"


def _state(one: Campaign) -> Cell:
    if one.is_closed:
        return Cell("■ closed", 1.0)
    share = (
        f", {percent_text(one.share_of_final)} of final expected" if one.share_of_final is not None else ""
    )
    return Cell(f"□ provisional{share}", 0.0)


def _campaigns(model: ReportModel) -> DataTable:
    rows = [
        cells(
            Cell(one.campaign_key, small=", ".join(filter(None, (one.brand, one.goal, one.starts_on)))),
            _state(one),
            count_cell(one.orders_net),
            percent_cell(
                one.cvr_reach, small=f"{percent_text(one.cvr_click)} of clicks" if one.clicks else ""
            ),
            money_cell(one.revenue_net, one.currency),
        )
        for one in model.campaigns
    ]
    return table(
        "Campaigns: net orders, per account reached and per click, net revenue",
        ("Campaign", "State", "Net orders", "Per reach", "Revenue"),
        rows,
        (2, 3, 4),
        file="campaigns.csv",
    )


def _waterfall(closed: list[Campaign]) -> DataTable:
    names = {"orders_gross": "Claims", "orders_contested": "− contested", "orders_duplicate": "− duplicate",
             "orders_cancelled": "− cancelled", "orders_refunded": "− refunded", "orders_excluded": "− gifts, repeats",
             "orders_net": "= net"}  # fmt: skip
    rows = [cells(one.campaign_key, *(count_cell(getattr(one, name)) for name, _ in STEPS)) for one in closed]
    if len(closed) > 1:
        totals = (count_cell(sum(getattr(one, name) for one in closed)) for name, _ in STEPS)
        rows.append(cells("All closed", *totals))
    return table(
        "Where the orders of closed campaigns went",
        ("Campaign", *names.values()),
        rows,
        range(1, 8),
        file="campaigns.csv",
        narrow=_equations(closed),
    )


def _equations(closed: list[Campaign]) -> DataTable:
    """The waterfall for a phone: one line a campaign, in which steps that took nothing are left out."""
    words = {"orders_contested": "contested", "orders_duplicate": "duplicate", "orders_cancelled": "cancelled",
             "orders_refunded": "refunded", "orders_excluded": "gifts, repeats"}  # fmt: skip
    rows = []
    for one in closed:
        lost = [
            f"− {count_text(getattr(one, name))} {word}" for name, word in words.items() if getattr(one, name)
        ]
        said = " ".join((f"{count_text(one.orders_gross)} claims", *lost))
        rows.append(cells(one.campaign_key, f"{said} = {count_text(one.orders_net)} net"))
    heads = ("Campaign", "Claims less what fell out")
    return table("Where the orders of closed campaigns went", heads, rows, file="campaigns.csv")


def _tiers(closed: list[Campaign], *, shows_fees: bool) -> DataTable:
    rows = []
    for one in closed:
        for tier in one.tiers:
            each = tier.orders_net / tier.creators if tier.creators else None
            row = [
                Cell(f"{one.campaign_key}: {tier.tier}", small=count_text(tier.creators, "creator")),
                count_cell(tier.orders_net),
                Cell(number_text(each), each),
                percent_cell(tier.cvr_reach),
            ]
            rows.append(cells(*row, *([money_cell(tier.cpa, one.currency)] if shows_fees else [])))
    last = ("Cost per order",) if shows_fees else ()
    return table(
        "Closed campaigns by tier. Totals are facts of a plan, not evidence about creators: many usually beat few",
        ("Campaign and tier", "Net orders", "Each", "Per reach", *last),
        rows,
        range(1, 4 + len(last)),
        file="campaign_tiers.csv",
    )


def money(model: ReportModel) -> Section | None:
    """Costs, break-even and the suggested mix; None in a copy without fees."""
    if not model.shows_fees:
        return None
    if model.money is None:
        why = "No closed campaign with known costs yet: fees, product, commission, boost and hours in placements.csv."
        return Section("money", "Money", (why,), ())
    return Section(
        "money",
        "Money",
        tuple(_money_lines(model.money)),
        (_costs(model.money), _even(model.money), _plans(model.money)),
    )


def _money_lines(found: Money) -> Iterator[str]:
    even = {one.measure: one.estimate for one in found.break_even}
    budget, orders = even.get("equal_budget"), even.get("equal_orders")
    if budget and budget.value is not None and orders and orders.value is not None:
        yield (
            f"One mega-creator costs as much as {number_text(budget.value)} micro-creators, hours included, and brings "
            f"the net orders of {number_text(orders.value)} (95% interval {_range(orders)})."
        )
    chance = even.get("chance_of_more_orders")
    if chance and chance.value is not None:
        yield (
            f"Chance, on your data so far, that a mega-creator's budget brings more net orders when it is spent on "
            f"micro-creators: {percent_text(chance.value)}."
        )
    yield (
        f"Closed campaigns of the last year, amounts in {found.currency} only. Intervals are 95%, from joint draws "
        "over placements."
    )


def _range(one: Estimate) -> str:
    if one.low is None:
        return "none"
    return (
        f"{number_text(one.low)} to {number_text(one.high)}"
        if one.high is not None
        else f"from {number_text(one.low)}"
    )


def _estimate(one: Estimate, currency: str | None = None) -> Cell:
    if one.value is None:
        return Cell("no number", None, f"needs {one.needed}" if one.needed else "")
    shown = money_text(one.value, currency) if currency else number_text(one.value)
    return Cell(shown, one.value, _range(one))


def _costs(found: Money) -> DataTable:
    tiers = [one for one in dict.fromkeys(cost.tier for cost in found.costs) if one not in ("small", "rest")]
    named = {(cost.tier, cost.measure): cost.estimate for cost in found.costs}
    none = Estimate(None, None, None, None)
    measures = (
        "cost_per_order",
        "cost_per_order_without_hours",
        "cost_per_engagement",
        "cost_per_engagement_without_hours",
    )
    placements = {cost.tier: cost.placements for cost in found.costs}
    rows = [
        cells(
            Cell(tier, small=count_text(placements[tier], "placement")),
            *(_estimate(named.get((tier, name), none), found.currency) for name in measures),
        )
        for tier in tiers
    ]
    heads = ("Tier", "Per order", "without hours", "Per engagement", "without hours")
    caption = "What an order and an engagement cost"
    pairs = []
    for tier in tiers:
        found_ones = [named.get((tier, name), none) for name in measures]
        order, engagement = found_ones[:2], found_ones[2:]
        pairs.append(
            cells(
                tier, *(_with_and_without(both[0], both[1], found.currency) for both in (order, engagement))
            )
        )
    narrow = table(
        f"{caption}, hours included; below: the interval, and without hours",
        ("Tier", "Per order", "Per engagement"),
        pairs,
        (1, 2),
        file="costs.csv",
    )
    return table(caption, heads, rows, range(1, 5), file="costs.csv", empty="No tier has a known cost yet.",
                 narrow=narrow if pairs else None)  # fmt: skip


def _with_and_without(one: Estimate, other: Estimate, currency: str) -> Cell:
    made = _estimate(one, currency)
    bare = f"without hours {money_text(other.value, currency)}" if other.value is not None else ""
    return Cell(made.text, made.sort, "; ".join(filter(None, (made.small, bare))))


def _even(found: Money) -> DataTable:
    rows = [
        cells(BREAK_EVENS[one.measure], _estimate(one.estimate))
        for one in found.break_even
        if one.measure in BREAK_EVENS
    ]
    return table("Micro-creators that equal one mega-creator", ("Equal", "Micros per mega"), rows, (1,),
                 file="break_even.csv", empty="Break-even needs 3 placements of micro and 3 of mega.")  # fmt: skip


def _plans(found: Money) -> DataTable:
    rows = []
    for plan in sorted(found.plans, key=lambda one: (one.goal != "conversion", not one.is_asked, one.budget)):
        what = "net orders" if plan.goal == "conversion" else "reach"
        rows.append(
            cells(
                Cell(
                    f"{plan.goal}, {money_text(plan.budget, found.currency)}",
                    small="" if plan.is_asked else "for comparison",
                ),
                Cell(
                    _mix(plan),
                    None,
                    f"costs {money_text(plan.cost, found.currency)}, {number_text(plan.hours)} hours",
                ),
                Cell(
                    f"{number_text(plan.outcome)} {what}",
                    plan.outcome,
                    f"{number_text(plan.outcome_low)} to {number_text(plan.outcome_high)}",
                ),
            )
        )
    note = (
        "The whole numbers of creators that bring the most for the budget, on what placements cost and brought so far, "
        "each creator booked once."
    )
    return table("Suggested mix of tiers", ("Goal and budget", "Book", "Expected"), rows, (2,), file="mix.csv",
                 note=note, empty="No mix can be suggested yet: costs or outcomes are unknown.")  # fmt: skip


def _mix(plan: Plan) -> str:
    booked = [f"{count_text(one.creators)} {one.tier}" for one in plan.bookings if one.creators]
    return ", ".join(booked) or "nobody"


def creators(model: ReportModel) -> Section:
    """The shrunken leagues, and the accounts that the audits name."""
    ranked = [
        cells(
            Cell(one.shown_name, small=f"{one.where}, {one.tier}, {count_text(one.posts, 'post')}"),
            Cell(_place(one.rank, one.creators), None if one.rank is None else float(one.rank)),
            percent_cell(one.shrunk, small=_percents(one.low, one.high)),
            percent_cell(one.rate, small=f"{_place(one.raw_rank, one.creators)}"),
        )
        for one in sorted(model.league, key=lambda one: one.rank or one.raw_rank)
    ]
    ranked_table = table(
        "Creators to look at: the first of each tier, by the shrunken rate; the raw rate beside",
        ("Creator", "Place", "Shrunken rate", "Raw rate"),
        ranked,
        (2, 3),
        file="creators.csv",
        note="Shrunken: pulled towards the tier's mean the more, the fewer posts there are, so that two lucky posts "
        "top no list. Rates per follower on Instagram and Facebook, per view elsewhere.",
        empty="No creator has settled posts in the window yet.",
    )
    troubled: dict[str, list[str]] = {}
    for one in model.problems:
        troubled.setdefault(one.account_key, []).append(f"{count_text(one.n)} × {one.problem}")
    problem_rows = [cells(account, "; ".join(said)) for account, said in troubled.items()]
    problem_table = table(
        "Creators with problems",
        ("Account", "What the audits say"),
        problem_rows,
        file="problems.csv",
        empty="The audits name no account.",
    )
    shown = (ranked_table.first(MOST_SHOWN), problem_table.first(MOST_SHOWN))
    return Section("creators", "Creators", (), shown)


def _place(rank: int | None, of: int) -> str:
    return "not ranked" if rank is None else f"{count_text(rank)} of {count_text(of)}"


def _percents(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{percent_text(low)} to {percent_text(high)}"


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
    others = [VARIANTS.get(v.name, f"scheme {v.name}") for v in one.variants if v.is_agreeing is False]
    yield Cell(f"{one.claim_id} {one.scope}", small=measure(one.metric))
    yield Cell(
        f"{one.agreeing} of {one.asked}",
        float(one.agreeing),
        f"not: {', '.join(others)}" if others else "",
        tone="bad" if others else None,
    )
    yield Cell(
        f"{ratio_text(min(known))} to {ratio_text(max(known))}" if known else "–",
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
        empty="No published value of your platforms is known.",
    )
    return Section("published", "Published values beside yours", (), (made,))


def audits(model: ReportModel) -> Section:
    """How many rows each audit has, and the warnings of the build."""
    rows = [cells(Cell(one.title, small=one.meaning), count_cell(one.n)) for one in model.audits]
    listed = table(
        "What to look at", ("List", "Rows"), rows, (1,), note="Each list is a CSV file of its own."
    )
    broken = [one for one in model.warnings if one.n]
    warned = table(
        "Expectations that warn",
        ("Table and expectation", "Rows that break it"),
        (cells(Cell(one.expectation, small=one.table), count_cell(one.n)) for one in broken),
        (1,),
        file="warnings.csv",
        empty=f"All {count_text(len(model.warnings))} expectations that warn hold in the tables.",
    )
    return Section("audits", "What to look at", (), (listed, warned))


def audit_tables(model: ReportModel, most: int) -> tuple[DataTable, ...]:
    """The first rows of every audit that has any, for the page."""
    found = []
    for one in model.audits:
        rows = [
            cells(*(Cell("" if value is None else str(value), _sort(value)) for value in row))
            for row in one.rows[:most]
        ]
        made = table(
            f"{one.title}: {count_text(one.n)}", one.columns, rows, file=one.file, note=f"{one.meaning}."
        )
        if rows:
            found.append(DataTable(made.caption, made.columns, made.rows, note=made.note, file=one.file,
                                   more=max(0, one.n - len(rows))))  # fmt: skip
    return tuple(found)


def _sort(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
