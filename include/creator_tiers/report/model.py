"""The report as plain data: everything that any form of it shows, and nothing else.

`build_model` is a pure function: the same inputs give an equal model, and an equal model the same bytes.
`ReportModel.to_json()` is `report.json`; its schema is in `docs/report-json.md`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from creator_tiers.hygiene import one_line
from creator_tiers.report.audits import Audit, Caution, build_audits, build_cautions
from creator_tiers.report.beside import (
    Published,
    Restated,
    Stratified,
    Strip,
    build_published,
    build_restated,
    build_stratified,
    build_strips,
)
from creator_tiers.report.changes import describe_changes
from creator_tiers.report.claims import Claim, build_claims, marked
from creator_tiers.report.conversions import Attribution, Campaign, build_attribution, build_campaigns
from creator_tiers.report.creators import Problem, Ranked, build_league, build_problems
from creator_tiers.report.definitions import DEFINITIONS_VERSION, Definition, define
from creator_tiers.report.headlines import Headline, build_headline
from creator_tiers.report.health import Health, build_health
from creator_tiers.report.inputs import Cell, ReportInputs, rows_of, zulu
from creator_tiers.report.money import Money, build_money
from creator_tiers.report.platforms import Pair, Platform, TierRow, build_pairs, build_platforms, build_tiers
from creator_tiers.report.records import plain_record
from creator_tiers.report.wording import instant_text, span_text

SCHEMA = "creator-tiers/report/1"


@dataclass(frozen=True, slots=True)
class Period:
    """The report's week: its label and its bounds, ISO text in UTC; `text` for people."""

    label: str
    starts_at: str
    ends_at: str
    zone: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportModel:
    """A weekly report. All fields are strings, numbers, None, and tuples or records of those."""

    schema: str
    report_id: str
    run_id: str
    week: Period
    as_of: str
    as_of_text: str
    engine: str
    scheme: str
    definitions_version: str
    headline: Headline
    changes: tuple[str, ...]
    claims: tuple[Claim, ...]
    platforms: tuple[Platform, ...]
    comparison: tuple[Pair, ...]
    tiers: tuple[TierRow, ...]
    stratified: tuple[Stratified, ...]
    strips: tuple[Strip, ...]
    published: tuple[Published, ...]
    attribution: Attribution | None
    campaigns: tuple[Campaign, ...]
    restated: tuple[Restated, ...]
    money: Money | None
    league: tuple[Ranked, ...]
    problems: tuple[Problem, ...]
    audits: tuple[Audit, ...]
    warnings: tuple[Caution, ...]
    shows_fees: bool
    health: Health
    definitions: tuple[Definition, ...]
    reproduce: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The model as JSON-able objects, keys in the order of the schema."""
        return plain_record(self)


def build_model(inputs: ReportInputs) -> ReportModel:
    """The report of a week.

    Raises:
        ValueError: `as_of` carries no time zone.
    """
    if inputs.as_of.tzinfo is None:
        raise ValueError("as_of must carry a time zone")
    week = inputs.week
    pairs = build_pairs(rows_of(inputs.comparison))
    before = build_pairs(rows_of(inputs.previous))
    claims = build_claims(rows_of(inputs.claims))
    tier_rows = rows_of(inputs.creators_per_tier)
    campaigns = build_campaigns(inputs.detail("campaigns"), inputs.detail("campaign_tiers"))
    stratified, strips = (
        build_stratified(inputs.detail("stratified")),
        build_strips(inputs.detail("sensitivity")),
    )
    claims = marked(claims, stratified)
    sunday = week.monday + timedelta(days=6)
    model = ReportModel(
        schema=SCHEMA,
        report_id=f"tier-report-{week.label}",
        run_id="",
        week=Period(
            label=week.label,
            starts_at=zulu(week.starts_at),
            ends_at=zulu(week.ends_at),
            zone=week.zone,
            text=span_text(week.monday, sunday),
        ),
        as_of=zulu(inputs.as_of),
        as_of_text=instant_text(inputs.as_of),
        engine="",
        scheme=one_line(inputs.scheme, 60),
        definitions_version=DEFINITIONS_VERSION,
        headline=build_headline(claims, pairs, strips, stratified),
        changes=describe_changes(pairs, before),
        claims=claims,
        platforms=build_platforms(pairs, claims, tier_rows),
        comparison=pairs,
        tiers=build_tiers(tier_rows),
        stratified=stratified,
        strips=strips,
        published=build_published(inputs.detail("rates")),
        attribution=build_attribution(inputs.detail("attribution")),
        campaigns=campaigns,
        restated=build_restated(inputs.detail("mailed"), campaigns),
        money=build_money(inputs.detail("costs"), inputs.detail("break_even"), inputs.detail("mix")),
        league=build_league(inputs.detail("league")),
        problems=build_problems(inputs.detail("problems")),
        audits=build_audits(inputs.detail("audits"), inputs.details),
        warnings=build_cautions(inputs.detail("warnings")),
        shows_fees=True,
        health=build_health(inputs.files, inputs.rejected, inputs.validation, inputs.as_of),
        definitions=define(
            one_line(inputs.scheme, 60), inputs.window_days, pairs[0].method if pairs else None
        ),
        reproduce=_reproduce(inputs),
    )
    return replace(model, run_id=inputs.run_id or _run_id(model), engine=one_line(inputs.engine, 60))


_FEES: dict[str, Any] = dict.fromkeys(("cost_fee", "cost_loaded", "cpa", "cpe", "roas"))
_COST_MEASURES = re.compile(r"cost|fee|^cp[ae]$|spend")


def without_fees(model: ReportModel) -> ReportModel:
    """The same report for readers who may not see fees: no amount that was paid, nothing from which it follows."""
    campaigns = tuple(
        replace(
            one,
            **_FEES,
            tiers=tuple(replace(tier, **_FEES) for tier in one.tiers),
        )
        for one in model.campaigns
    )
    claims = tuple(claim for claim in model.claims if not _COST_MEASURES.search(claim.metric))
    return replace(model, campaigns=campaigns, claims=claims, money=None, shows_fees=False)


def _run_id(model: ReportModel) -> str:
    """A hash of all that the report says, but for the engine's name: equal reports, equal ids."""
    said = json.dumps(model.to_json(), sort_keys=True, ensure_ascii=True).encode()
    return f"{model.week.label}-{hashlib.sha256(said).hexdigest()[:10]}"


def _reproduce(inputs: ReportInputs) -> tuple[str, ...]:
    monday: Cell = inputs.week.monday.isoformat()
    return (
        f"make run WEEK={inputs.week.label}",
        f"creator-tiers query \"select * from marts.tier_comparison where week_start = date '{monday}'\"",
        f"creator-tiers query \"select * from marts.claim_verdicts where week_start = date '{monday}'\"",
        f"creator-tiers trace {inputs.week.label} C1",
    )
