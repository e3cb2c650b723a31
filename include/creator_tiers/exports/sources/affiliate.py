"""Affiliate networks: which order an affiliate's link or code brought, as the network says.

A row names the order by the shop's number or id, and the affiliate by what the link carried (`SubId`, `clickRef`).
"""

from __future__ import annotations

from creator_tiers.exports.source import DateField, Format, Output, Reject, Rows

_ISO = "iso_timestamp({0})"
_VOID = "('reversed', 'declined', 'deleted', 'void', 'voided', 'rejected', 'invalid')"


def _network(name: str, network: str, leads: tuple[str, ...], references: str) -> Format:
    """A network's format.

    Args:
        name: of the format.
        network: the network's name in keys.
        leads: fields that only this network's header has.
        references: SQL for the list of what the link carried.
    """
    key = f"concat('{network}:', t.id)"
    return Format(
        name=name,
        family=name,
        recognises=lambda mapped: mapped.has(*leads),
        rows=Rows(
            required=("id", "status", "event_date"),
            money=("amount", "payout"),
            may_be_negative=("amount", "payout"),
            dates={"event_date": DateField(native=_ISO), "click_date": DateField(native=_ISO)},
            texts=("order", "code"),
            rejects=(
                Reject(
                    "unusable_id", "id", "t.id IS NULL OR regexp_full_match(t.id, '[0-9.,]+[eE][+][0-9]+')"
                ),
                Reject("bad_date", "event_date", "t.event_date IS NULL"),
                Reject(
                    "bad_cell", "currency", "NOT regexp_full_match(currency_code(t.currency), '[A-Z]{3}')"
                ),
            ),
            outputs=(
                Output(
                    dataset="affiliate_events",
                    columns={
                        "event_key": key,
                        "network": f"'{network}'",
                        "order_ref": "t.order",
                        "status": "lower(t.status)",
                        "is_void": f"lower(t.status) IN {_VOID} OR coalesce(v.amount < 0, false)",
                        "amount": "v.amount",
                        "payout": "v.payout",
                        "currency": "currency_code(t.currency)",
                        "code": "upper(t.code)",
                        "event_at": "v.event_date",
                        "clicked_at": "v.click_date",
                    },
                    duplicate_key=("event_key",),
                ),
                Output(
                    dataset="affiliate_references",
                    columns={"event_key": key, "position": "t.position", "reference": "t.item"},
                    duplicate_key=("event_key", "row_number", "position"),
                    each=references,
                ),
            ),
        ),
        folder="landing/affiliate/<network>/",
    )


def _one_cell(field: str) -> str:
    """SQL: the references in one cell, a list with marks between or the values of a JSON object."""
    is_object = f"json_valid({field}) AND starts_with({field}, '{{')"
    return f"CASE WHEN {is_object} THEN json_extract_string({field}, '$.*') ELSE split_texts({field}, '[;,|]') END"


_SEVERAL = "list_filter([t.reference_a, t.reference_b, t.reference_c], lambda ref: ref IS NOT NULL)"

IMPACT_ACTIONS = _network("impact_actions", "impact", ("id", "tracker", "status"), _SEVERAL)
CJ_COMMISSIONS = _network("cj_commissions", "cj", ("id", "status", "original"), _SEVERAL)
AWIN_TRANSACTIONS = _network(
    "awin_transactions",
    "awin",
    ("id", "status"),
    f"coalesce({_one_cell('t.references')}, []) || {_SEVERAL}",
)
