"""Campaigns and their placements: the product's own two lists, and the exchange rates dropped beside them.

The newest list of each kind is the whole list. See docs/campaigns.md for an example.
"""

from __future__ import annotations

from creator_tiers.exports.headers import Mapped, family_fields
from creator_tiers.exports.source import DateField, Format, Output, Reject, Rows, handle_sql

_DAY = DateField(
    native="CASE WHEN regexp_full_match({0}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN try_cast({0} AS TIMESTAMP) END",
    may_be_later=True,
)
_FOLDER = "landing/campaigns/"

CAMPAIGNS = Format(
    name="campaigns",
    family="campaigns",
    recognises=lambda mapped: (
        mapped.has("campaign") and (mapped.has("goal") or mapped.has("starts_on")) and not mapped.has("fee")
    ),
    rows=Rows(
        required=("campaign", "starts_on", "ends_on"),
        money=("hourly_rate",),
        dates={"starts_on": _DAY, "ends_on": _DAY},
        texts=("campaign", "brand", "shop"),
        rejects=(
            Reject("bad_cell", "campaign", "t.campaign IS NULL"),
            Reject("bad_cell", "goal", "lower(t.goal) NOT IN ('awareness', 'conversion')"),
            Reject("bad_cell", "currency", "NOT regexp_full_match(currency_code(t.currency), '[A-Z]{3}')"),
            Reject("bad_date", "starts_on", "t.starts_on IS NULL"),
            Reject("out_of_range", "ends_on", "v.ends_on < v.starts_on"),
        ),
        outputs=(
            Output(
                dataset="campaigns",
                columns={
                    "campaign_key": "t.campaign",
                    "brand": "t.brand",
                    "name": "t.campaign",
                    "goal": "lower(t.goal)",
                    "niche": "t.niche",
                    "starts_on": "v.starts_on",
                    "ends_on": "v.ends_on",
                    "currency": "currency_code(t.currency)",
                    "hourly_rate": "v.hourly_rate",
                    "shop": "t.shop",
                },
                duplicate_key=("campaign_key",),
                conflicts="rejected",
            ),
        ),
    ),
    folder=_FOLDER,
)

_HANDLE = handle_sql("t.handle")
_PLATFORM = "lower(t.platform)"
_ACCOUNT = f"concat({_PLATFORM}, ':', {_HANDLE})"
_KEY = f"concat(t.campaign, ':', {_ACCOUNT})"
_CODES = "split_codes(t.promo_codes, ';')"
_LINKS = "split_texts(t.post_links, '[;,|\\s]+')"
_HAS_LINK = "coalesce(t.utm_source, t.utm_medium, t.utm_campaign, t.utm_content) IS NOT NULL"

PLACEMENTS = Format(
    name="placements",
    family="placements",
    recognises=lambda mapped: mapped.has("campaign", "platform", "handle"),
    rows=Rows(
        required=("campaign", "platform", "handle"),
        counts=("contracted_posts",),
        money=("fee", "product_cost", "commission", "boost_spend", "hours_spent"),
        texts=("campaign", "handle", "creator", "promo_codes", "post_links"),
        rejects=(
            Reject("bad_cell", "campaign", "t.campaign IS NULL"),
            Reject(
                "bad_cell",
                "platform",
                f"coalesce({_PLATFORM}, '') NOT IN ('instagram', 'facebook', 'tiktok', 'youtube')",
            ),
            Reject(
                "not_a_handle",
                "handle",
                "t.handle IS NULL OR NOT regexp_full_match(trim(t.handle), '@?[A-Za-z0-9._-]+')",
            ),
        ),
        outputs=(
            Output(
                dataset="placements",
                columns={
                    "placement_key": _KEY,
                    "campaign_key": "t.campaign",
                    "account_key": _ACCOUNT,
                    "fee": "v.fee",
                    "product_cost": "v.product_cost",
                    "commission": "v.commission",
                    "boost_spend": "v.boost_spend",
                    "hours_spent": "v.hours_spent",
                    "contracted_posts": "v.contracted_posts",
                    "brief_level": "t.brief_level",
                    "niche_fit": "t.niche_fit",
                    "has_agent": "lower(t.agent) NOT IN ('no', 'false', '0')",
                    "codes": f"array_to_string({_CODES}, ';')",
                    "links": f"array_to_string({_LINKS}, ' ')",
                },
                duplicate_key=("placement_key",),
                conflicts="rejected",
            ),
            Output(
                dataset="placement_codes",
                columns={"placement_key": _KEY, "position": "t.position", "code": "t.item"},
                duplicate_key=("placement_key", "code"),
                each=_CODES,
            ),
            Output(
                dataset="placement_links",
                columns={
                    "placement_key": _KEY,
                    "utm_source": "t.utm_source",
                    "utm_medium": "t.utm_medium",
                    "utm_campaign": "t.utm_campaign",
                    "utm_content": "t.utm_content",
                },
                duplicate_key=("placement_key",),
                where=_HAS_LINK,
            ),
            Output(
                dataset="placement_posts",
                columns={
                    "placement_key": _KEY,
                    "position": "t.position",
                    "link": "t.item",
                    "link_key": f"coalesce(link_key(t.item), concat({_PLATFORM}, ':', t.item))",
                },
                duplicate_key=("placement_key", "link_key"),
                each=_LINKS,
            ),
            Output(
                dataset="account_observations",
                columns={
                    "platform": _PLATFORM,
                    "account_key": _ACCOUNT,
                    "handle": _HANDLE,
                    "creator": "t.creator",
                },
                duplicate_key=("account_key",),
            ),
        ),
    ),
    folder=_FOLDER,
)


def _recognises_rates(mapped: Mapped) -> bool:
    return mapped.has("date") and len(mapped.fields) > max(1, len(mapped.unknown))


_CURRENCIES = tuple(name for name in family_fields("exchange_rates") if name != "date")
_EURO = "{'currency': 'EUR', 'rate': CAST(1 AS DECIMAL(20, 10))}"
_RATES = ", ".join(
    f"{{'currency': '{name.upper()}', 'rate': try_cast(t.{name} AS DECIMAL(20, 10))}}" for name in _CURRENCIES
)
_PAIRS = f"list_filter([{_EURO}, {_RATES}], lambda pair: pair.rate > 0)"
_INVERSE = "CAST((100000000000000000000::HUGEINT + ({0}) // 2) // ({0}) AS DECIMAL(28, 0))"
_SCALED = "CAST(t.item.rate * 10000000000 AS HUGEINT)"

EXCHANGE_RATES = Format(
    name="exchange_rates",
    family="exchange_rates",
    recognises=_recognises_rates,
    rows=Rows(
        required=("date",),
        dates={"date": DateField()},
        rejects=(
            Reject("bad_date", "date", "t.date IS NULL"),
            *(
                Reject(
                    "bad_cell",
                    code,
                    f"t.{code} IS NOT NULL AND NOT regexp_full_match(t.{code}, '\\d{{1,9}}([.]\\d{{1,10}})?')",
                )
                for code in _CURRENCIES
            ),
        ),
        outputs=(
            Output(
                dataset="rate_days",
                columns={"rate_on": "v.date", "currencies": f"len({_PAIRS}) - 1"},
                duplicate_key=("rate_on",),
            ),
            Output(
                dataset="exchange_rates",
                columns={
                    "rate_on": "v.date",
                    "currency": "t.item.currency",
                    "units_per_euro": "t.item.rate",
                    "euros_per_unit": f"{_INVERSE.format(_SCALED)} * CAST(0.0000000001 AS DECIMAL(10, 10))",
                },
                duplicate_key=("rate_on", "currency"),
                each=_PAIRS,
            ),
        ),
    ),
    folder=_FOLDER,
)
