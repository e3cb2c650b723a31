"""Shopify: orders, one record a line item. Personal data ends here: of an e-mail a keyed hash stays, else nothing.

The first record of an order tells of the order, the further ones only of their line item. A record begins an order
where it has what only orders have; a re-saved file may have lost some of those columns, never all of them.
"""

from __future__ import annotations

from creator_tiers.exports.headers import Mapped
from creator_tiers.exports.source import DateField, Fold, Format, Output, Reject, Rows

_SHOP = "coalesce(getvariable('place'), '')"
_KEY = f"concat({_SHOP}, ':', t.name)"
_MONEY = ("subtotal", "total", "discount", "refunded", "lineitem_price", "lineitem_discount")
_OFFSET = DateField(native="CAST(try_strptime({0}, '%Y-%m-%d %H:%M:%S %z') AS TIMESTAMP)", needs_offset=True)
_BEGINS = "coalesce(t.financial_status, t.total, t.subtotal, t.currency, t.id, t.refunded) IS NOT NULL"
_CODES = "split_codes(t.discount_code, ' [+] ')"
_LEADS = ("financial_status", "created_at", "total", "subtotal", "discount_code", "lineitem_name")

_FACTS = {
    "name": "t.name",
    "order_id": "t.id",
    "ordered_at": "v.created_at",
    "currency": "currency_code(t.currency)",
    "subtotal": "v.subtotal",
    "discount": "v.discount",
    "total": "v.total",
    "refunded": "v.refunded",
    "financial_status": "lower(t.financial_status)",
    "cancelled_at": "v.cancelled_at",
    "customer_hash": "keyed_hash(t.email)",
    "discount_codes": f"array_to_string({_CODES}, ' + ')",
    "source": "t.source",
    "utm_source": "note_attribute(t.note_attributes, 'utm_source')",
    "utm_medium": "note_attribute(t.note_attributes, 'utm_medium')",
    "utm_campaign": "note_attribute(t.note_attributes, 'utm_campaign')",
    "utm_content": "note_attribute(t.note_attributes, 'utm_content')",
}
"""What an export says of an order. A change of any is a new state of it."""


def _recognises(mapped: Mapped) -> bool:
    return mapped.has("name") and sum(mapped.has(name) for name in _LEADS) >= 3


SHOPIFY_ORDERS = Format(
    name="shopify_orders",
    family="shopify_orders",
    recognises=_recognises,
    rows=Rows(
        required=("name", "created_at", "financial_status"),
        counts=("lineitem_quantity",),
        money=_MONEY,
        dates={"created_at": _OFFSET, "cancelled_at": _OFFSET},
        texts=("name", "email", "discount_code", "note_attributes", "source"),
        rejects=(
            Reject("missing_order", "name", "t.name IS NULL"),
            Reject("bad_cell", "currency", "NOT regexp_full_match(currency_code(t.currency), '[A-Z]{3}')"),
        ),
        outputs=(
            Output(
                dataset="orders",
                columns={
                    "order_key": _KEY,
                    "shop": _SHOP,
                    **_FACTS,
                    "known_values": " + ".join(
                        f"CAST(({sql}) IS NOT NULL AS BIGINT)" for sql in _FACTS.values()
                    ),
                    "state": f"md5(CAST(row({', '.join(_FACTS.values())}) AS VARCHAR))",
                },
                duplicate_key=("order_key",),
            ),
            Output(
                dataset="order_codes",
                columns={"order_key": _KEY, "position": "t.position", "code": "t.item"},
                duplicate_key=("order_key", "row_number", "position"),
                each=_CODES,
            ),
        ),
        needs_account=True,
        fold=Fold(key="name", begins=_BEGINS),
        is_private=True,
    ),
    folder="landing/orders/<shop>/",
)
