"""Made-up rows of the report's further sections: campaigns, money, creators, audits, what earlier reports said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa

MONDAY = date(2026, 11, 9)
WATERFALL = {
    "orders_gross": 120, "orders_contested": 6, "orders_duplicate": 3, "orders_cancelled": 2, "orders_refunded": 4,
    "orders_excluded": 5, "orders_net": 100,
}  # fmt: skip


def campaign(name: str, *, is_closed: bool = True, **values: Any) -> dict[str, Any]:
    """A campaign whose waterfall adds up."""
    return {
        "campaign_key": name, "brand": "Tea House", "goal": "conversion", "starts_on": date(2026, 6, 1),
        "ends_on": date(2026, 6, 30), "is_closed": is_closed, "share_of_final": 1.0 if is_closed else 0.8,
        "judged_at": datetime(2026, 11, 15, 23, 59, 59), "creators": 14, **WATERFALL, "orders_leak_suspect": 7,
        "orders_new_customers": 60, "clicks": 4000, "cvr_reach": 0.00042, "cvr_click": 0.02, "revenue_net": 4999.5,
        "currency": "EUR", "cost_fee": 3000.0, "cost_loaded": 4200.0, "cpa": 42.0, "cpe": 0.31, "roas": 1.19,
        "placements": 14, "placements_cost_unknown": 1, **values,
    }  # fmt: skip


def campaign_tier(name: str, tier: str, creators: int, orders: int, **values: Any) -> dict[str, Any]:
    """A tier of a campaign."""
    return {
        "campaign_key": name, "tier": tier, "creators": creators, "orders_net": orders, "clicks": 1000, "reach": 90_000,
        "views": 120_000, "engagements_core": 5000, "cvr_reach": orders / 90_000, "cvr_click": 0.02,
        "revenue_net": 50.0 * orders, "cost_fee": 900.0, "cost_loaded": 1800.0, "cpa": 1800 / orders, "cpe": 0.36,
        "roas": 1.1, "hours_spent": 30.0, **values,
    }  # fmt: skip


def cost(tier: str, measure: str, value: float | None, **values: Any) -> dict[str, Any]:
    """A row of `marts.tier_costs`."""
    low, high = (None, None) if value is None else (value * 0.8, value * 1.25)
    return {
        "week_start": MONDAY, "currency": "EUR", "tier": tier, "measure": measure, "value": value, "low": low,
        "high": high, "placements": 12, "placements_known": 11, "needed": None, **values,
    }  # fmt: skip


def costs() -> list[dict[str, Any]]:
    """Micros cost less an order without hours; nobody knows what macros cost."""
    sizes = {
        "micro": (50.0, 30.0, 0.5, 0.3),
        "mega": (66.0, 64.0, 0.25, 0.24),
        "small": (50.0, 30.0, 0.5, 0.3),
    }
    measures = (
        "cost_per_order",
        "cost_per_order_without_hours",
        "cost_per_engagement",
        "cost_per_engagement_without_hours",
    )
    rows = [
        cost(tier, measure, value)
        for tier, values in sizes.items()
        for measure, value in zip(measures, values, strict=True)
    ]
    return [
        *rows,
        cost("macro", "cost_per_order", None, needed="3 placements with cost_loaded and orders_net"),
    ]


def break_even() -> list[dict[str, Any]]:
    """Fifty micros for a mega's money, of which 37.5 bring its orders."""
    values = {
        "equal_budget": 50.0,
        "equal_budget_without_hours": 79.3,
        "equal_orders": 37.5,
        "equal_reach": 100.0,
    }
    rows = [
        {
            "week_start": MONDAY, "currency": "EUR", "tier_a": "micro", "tier_b": "mega", "measure": measure,
            "value": value, "low": value * 0.7, "high": None if measure == "equal_reach" else value * 1.5,
            "placements_a": 12, "placements_b": 4, "needed": None,
        }
        for measure, value in values.items()
    ]  # fmt: skip
    return [*rows, {**rows[0], "measure": "chance_of_more_orders", "value": 0.87, "low": None, "high": None}]


def mix() -> list[dict[str, Any]]:
    """A plan for each goal."""
    plan = {
        "week_start": MONDAY, "currency": "EUR", "budget": 10_000.0, "is_asked": True, "available": 60,
        "plan_cost": 9_900.0, "plan_hours": 120.0, "hours_limit": None, "best_share": 0.7,
    }  # fmt: skip
    outcomes = {"conversion": (190.0, 150.0, 230.0), "awareness": (880_000.0, 500_000.0, 990_000.0)}
    names = ("outcome", "outcome_low", "outcome_high")
    return [
        {**plan, "goal": goal, "tier": tier, "creators": n, **dict(zip(names, values, strict=True))}
        for goal, values in outcomes.items()
        for tier, n in (("micro", 41), ("mega", 0 if goal == "conversion" else 1))
    ]


def ranked(key: str, rank: int, raw_rank: int, **values: Any) -> dict[str, Any]:
    """A creator of a league."""
    return {
        "week_start": MONDAY, "platform": "instagram", "kind_group": "feed", "metric": "er_followers_settled",
        "tier": "micro", "creator_key": key, "name": key.title(), "posts": 9, "rate": 0.08, "shrunk": 0.06,
        "low": 0.04, "high": 0.09, "rank": rank, "raw_rank": raw_rank, "creators": 41, **values,
    }  # fmt: skip


def variant(kind: str, name: str, estimate: float, *, is_agreeing: bool | None = True) -> dict[str, Any]:
    """A row of `marts.sensitivity` for C1."""
    return {
        "week_start": MONDAY, "claim_id": "C1", "scope": "instagram", "metric": "er_followers_settled", "variant": kind,
        "name": name, "estimate": estimate, "low": estimate * 0.9, "high": estimate * 1.1, "creators_a": 41,
        "creators_b": 12, "is_agreeing": is_agreeing,
    }  # fmt: skip


def stratum(platform: str, kind_group: str, metric: str, **values: Any) -> dict[str, Any]:
    """A row of `marts.stratified_comparison`."""
    return {
        "week_start": MONDAY, "platform": platform, "kind_group": kind_group,
        "strata_of": "platform" if platform == "all" else "niche", "metric": metric, "tier_a": "micro",
        "tier_b": "mega", "stratified": 1.31, "stratified_low": 1.1, "stratified_high": 1.56, "pooled": 1.38,
        "pooled_low": 1.15, "pooled_high": 1.66, "adjusted": 1.33, "adjusted_low": 1.12, "adjusted_high": 1.58,
        "strata": 4, "creators_a": 41, "creators_b": 12, "is_reversed": False, **values,
    }  # fmt: skip


def rate(platform: str, metric: str, tier: str, median: float) -> dict[str, Any]:
    """A row of `marts.tier_rates`."""
    return {
        "week_start": MONDAY, "platform": platform, "kind_group": "feed", "metric": metric, "tier": tier,
        "creators": 20, "posts": 90, "geometric_mean": median, "low": median * 0.9,
        "high": median * 1.1, "mean": median * 1.2,
        "median": median, "lower_quartile": median * 0.7, "upper_quartile": median * 1.4,
    }  # fmt: skip


AUDITED: dict[str, list[dict[str, Any]]] = {
    "contested_orders": [
        {"order_key": "shop:#1001", "placement_key": "tea:instagram:ann", "is_credited": True}
    ],
    "leak_suspects": [
        {"placement_key": "tea:instagram:ann", "code": "ANN10", "day": date(2026, 6, 9), "orders": 31}
    ],
    "undisclosed_posts": [
        {"placement_key": "tea:instagram:bob", "post_key": "instagram:77", "permalink": None}
    ],
    "orphan_codes": [{"shop": "shop", "code": "HONEY", "orders": 12}],
    "counter_falls": [],
    "follower_jumps": [{"account_key": "tiktok:mossandmug", "previous": 100, "followers": 90_000}],
    "handle_changes": [],
    "disputed_posts": [],
}


def details(text: str | None = None) -> dict[str, pa.Table]:
    """All sections, with every foreign text replaced by one of the caller's where it is given."""
    name = text or "spring infusion"
    audits = {
        key: [{n: text if text and isinstance(v, str) else v for n, v in row.items()} for row in rows]
        for key, rows in AUDITED.items()
    }
    ann = ranked(text or "ann", 1, 2)
    account = text or "instagram:bob"
    found: dict[str, list[dict[str, Any]]] = {
        "campaigns": [campaign(name, brand=text or "Tea House"), campaign(f"{name} again", is_closed=False)],
        "campaign_tiers": [campaign_tier(name, "micro", 12, 60), campaign_tier(name, "mega", 2, 40)],
        "attribution": [
            {
                "scope": "all", "orders": 260, "orders_credited": 222, "orders_unattributed": 38, "orders_cancelled": 4,
                "orders_refunded": 8, "orders_excluded": 10, "orders_net": 200, "claims_contested": 12,
                "claims_duplicate": 6,
            }
        ],
        "costs": costs(),
        "break_even": break_even(),
        "mix": mix(),
        "league": [ann, ranked("bob", 2, 1), ranked("cid", 3, 3, name=None)],
        "problems": [
            {"account_key": account, "problem": "post without disclosure", "n": 3},
            {"account_key": account, "problem": "change of handle", "n": 1},
        ],
        "sensitivity": [
            variant("estimator", "geometric_means", 1.38),
            variant("scheme", text or "micro_10k_50k", 0.97, is_agreeing=False),
            variant("adjusted", "kind_niche_month", 1.33), variant("context", "elasticity", 0.91, is_agreeing=None),
        ],
        "stratified": [
            stratum("all", "all", "er_views_settled"),
            stratum("instagram", "feed", "er_followers_settled"),
        ],
        "rates": [
            rate("instagram", "er_followers_settled", "all", 0.019),
            rate("instagram", "er_reach_settled", "mega", 0.03),
            rate("tiktok", "er_followers_settled", "all", 0.04),
        ],
        "mailed": [
            {"week": "2026-W45", "campaign_key": name, "measure": "orders_net", "value": 104.0, "currency": "EUR"},
            {"week": "2026-W45", "campaign_key": name, "measure": "revenue_net", "value": 4999.5, "currency": "EUR"},
            {"week": "2026-W44", "campaign_key": f"{name} of old", "measure": "orders_net", "value": 9.0},
        ],
        "warnings": [
            {"table": "marts.follower_jumps", "expectation": text or "change_per_day between -1 and 1", "n": 1},
            {"table": "core.posts", "expectation": "duration_seconds at least 0", "n": 0},
        ],
        "audits": [{"audit": key, "n": 40 * len(rows)} for key, rows in audits.items()],
        **{f"audit_{key}": rows for key, rows in audits.items() if rows},
    }  # fmt: skip
    return {key: pa.Table.from_pylist(rows) for key, rows in found.items()}
