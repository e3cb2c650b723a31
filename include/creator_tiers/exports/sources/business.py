"""Orders, web traffic, affiliate networks, campaigns: recognised, and read once conversions are built."""

from __future__ import annotations

from creator_tiers.exports.source import Format

_LATER = "conversions are not computed yet; the file stays where it is and is read once they are"


def _waiting(name: str, *fields: str) -> Format:
    return Format(
        name=name,
        family=name,
        recognises=lambda mapped: mapped.has(*fields),
        treatment="refused",
        reason=_LATER,
    )


SHOPIFY_ORDERS = _waiting("shopify_orders", "name", "created_at", "financial_status")
CAMPAIGNS = _waiting("campaigns", "campaign", "starts_on", "goal")
PLACEMENTS = _waiting("placements", "campaign", "platform", "handle", "fee")
IMPACT_ACTIONS = _waiting("impact_actions", "id", "tracker", "state")
CJ_COMMISSIONS = _waiting("cj_commissions", "id", "status", "order")
AWIN_TRANSACTIONS = _waiting("awin_transactions", "id", "status", "order")

GA4_REPORT = Format(
    name="ga4_report",
    family="ga4_report",
    recognises=lambda _: False,
    treatment="refused",
    reason="no block has a day and a source or campaign; export a report with both dimensions",
    head=lambda text: text.startswith("# ") and "# Start date:" in text,
)
