"""Conversions by campaign: net orders, where the others went, the tiers inside; and figures that changed since."""

from __future__ import annotations

from creator_tiers.report.conversions import STEPS, Campaign
from creator_tiers.report.figures import (
    MEASURES,
    count_cell,
    money_cell,
    money_text,
    number_text,
    percent_cell,
    percent_text,
)
from creator_tiers.report.model import ReportModel
from creator_tiers.report.tabular import Cell, DataTable, Section, cells, table
from creator_tiers.report.wording import count_text

NO_CAMPAIGN = (
    "No campaign is known: drop campaigns.csv, placements.csv and order exports into the landing folder."
)


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
        f" {count_text(still, 'campaign')} still {'runs; its' if still == 1 else 'run; their'} numbers are provisional."
        if still
        else ""
    )
    judged = next((one.judged_at for one in model.campaigns if one.judged_at), None)
    when = f" Judged by what was observed up to {judged[:10]}." if judged else ""
    said = (
        "No campaign is closed yet."
        if not closed
        else f"{count_text(closed, 'campaign')} {'is closed: its' if closed == 1 else 'are closed: their'} numbers are "
        "final."
    )
    return f"{said}{tail}{when}"


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
