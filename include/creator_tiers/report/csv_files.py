"""The report's rows as CSV files that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from creator_tiers.hygiene import spreadsheet_cell
from creator_tiers.report.audits import ABOUT, Caution
from creator_tiers.report.beside import Published, Restated, Stratified
from creator_tiers.report.claims import Claim
from creator_tiers.report.conversions import Campaign, CampaignTier
from creator_tiers.report.creators import Problem, Ranked
from creator_tiers.report.model import ReportModel
from creator_tiers.report.money import Money
from creator_tiers.report.platforms import Pair
from creator_tiers.report.records import plain_record

AUDIT_FILES = tuple(f"{name}.csv" for name in ABOUT)

FILE_NAMES = (
    "comparison.csv",
    "claims.csv",
    "creators_per_tier.csv",
    "campaigns.csv",
    "campaign_tiers.csv",
    "costs.csv",
    "break_even.csv",
    "mix.csv",
    "creators.csv",
    "problems.csv",
    "sensitivity.csv",
    "stratified.csv",
    "published.csv",
    "restated.csv",
    *AUDIT_FILES,
    "warnings.csv",
    "quarantine.csv",
    "validation.csv",
    "files_to_look_at.csv",
)
"""Every report has all of them, without rows where there is nothing (or nothing that its readers may see)."""

ATTACHED = (
    "comparison.csv",
    "claims.csv",
    "creators_per_tier.csv",
    "campaigns.csv",
    "campaign_tiers.csv",
    *AUDIT_FILES,
)
"""The files that go with the mail, those of audits where they have rows; the others stay in the folder."""

_NOT_IN_CSV = {"where", "measure", "claimed_text"}
_LIMITS = ("value", "low", "high", "needed")

_Rows = Iterable[Mapping[str, object]]


def csv_files(model: ReportModel) -> dict[str, str]:
    """File name to content (UTF-8, comma, CRLF, header first; NULL is an empty cell)."""
    found = {name: _csv(*content) for name, content in (_tables(model) | _health(model)).items()}
    return {name: found[name] for name in FILE_NAMES}


def has_rows(content: str | bytes) -> bool:
    """Whether a CSV file of a report has more than its header."""
    return len(content.splitlines()) > 1


def _tables(model: ReportModel) -> dict[str, tuple[Sequence[str], _Rows]]:
    means = sorted({name for row in model.tiers for name in row.means})
    money = model.money or Money("", (), (), ())
    costs = (
        {**plain_record(one), **plain_record(one.estimate), "currency": money.currency} for one in money.costs
    )
    even = (
        {**plain_record(one), **plain_record(one.estimate), "currency": money.currency}
        for one in money.break_even
    )
    mix = (
        {**plain_record(plan), **plain_record(one), "currency": money.currency}
        for plan in money.plans
        for one in plan.bookings
    )
    tiers = (
        {
            **plain_record(tier),
            "campaign_key": one.campaign_key,
            "currency": one.currency,
            "is_closed": one.is_closed,
        }
        for one in model.campaigns
        for tier in one.tiers
    )
    strips = (
        {**plain_record(strip), **plain_record(one)} for strip in model.strips for one in strip.variants
    )
    plan_names = (
        "is_asked",
        "cost",
        "hours",
        "hours_limit",
        "outcome",
        "outcome_low",
        "outcome_high",
        "best_share",
    )
    return {
        "comparison.csv": (
            (*_names(Pair), "cell"),
            (plain_record(pair) | {"cell": pair.cell} for pair in model.comparison),
        ),
        "claims.csv": (_names(Claim), map(plain_record, model.claims)),
        "creators_per_tier.csv": (
            ("platform", "kind_group", "tier", "creators", "posts", *means),
            (plain_record(row) | row.means for row in model.tiers),
        ),
        "campaigns.csv": (_names(Campaign, "tiers"), map(plain_record, model.campaigns)),
        "campaign_tiers.csv": (("campaign_key", *_names(CampaignTier), "currency", "is_closed"), tiers),
        "costs.csv": (("currency", "tier", "measure", *_LIMITS, "placements", "placements_known"), costs),
        "break_even.csv": (
            ("currency", "tier_a", "tier_b", "measure", *_LIMITS, "placements_a", "placements_b"),
            even,
        ),
        "mix.csv": (("currency", "goal", "budget", "tier", "creators", "available", *plan_names), mix),
        "creators.csv": (_names(Ranked), map(plain_record, model.league)),
        "problems.csv": (_names(Problem), map(plain_record, model.problems)),
        "sensitivity.csv": (
            ("claim_id", "scope", "metric", "variant", "name", "estimate", "low", "high", "is_agreeing"),
            strips,
        ),
        "stratified.csv": (_names(Stratified), map(plain_record, model.stratified)),
        "published.csv": (_names(Published), map(plain_record, model.published)),
        "restated.csv": (_names(Restated), map(plain_record, model.restated)),
        "warnings.csv": (_names(Caution), map(plain_record, model.warnings)),
        **{
            one.file: (
                one.columns or ("nothing",),
                [dict(zip(one.columns, row, strict=True)) for row in one.rows],
            )
            for one in model.audits
        },
    }


def _health(model: ReportModel) -> dict[str, tuple[Sequence[str], _Rows]]:
    health = model.health
    return {
        "quarantine.csv": (("rule", "rows"), ({"rule": c.name, "rows": c.n} for c in health.quarantine)),
        "validation.csv": (
            ("expectation", "severity", "outcome", "n"),
            map(plain_record, health.expectations),
        ),
        "files_to_look_at.csv": (
            ("path", "status", "rows_rejected", "message"),
            map(plain_record, health.troubled),
        ),
    }


def _names(record: Any, *without: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record) if field.name not in {*_NOT_IN_CSV, *without})


def _csv(names: Sequence[str], rows: _Rows) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: spreadsheet_cell(row.get(name)) for name in names} for row in rows)
    return buffer.getvalue()
