"""A shop's orders and a web property's sessions, as their exports write them. Money is in whole cents."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

HEADER = (
    *(
        "Name",
        "Email",
        "Financial Status",
        "Currency",
        "Subtotal",
        "Shipping",
        "Taxes",
        "Total",
        "Discount Code",
    ),
    *(
        "Discount Amount",
        "Created at",
        "Lineitem quantity",
        "Lineitem name",
        "Lineitem price",
        "Billing Name",
    ),
    *("Note Attributes", "Cancelled at", "Refunded Amount", "Id", "Source"),
)
SHIPPING = 490


@dataclass(frozen=True, slots=True)
class Order:
    """An order: when (seconds UTC), for how much, by which codes or link, and what becomes of it."""

    at: int
    cents: int
    codes: tuple[str, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)
    customer: str = ""
    lines: int = 1
    source: str = "web"
    is_cancelled: bool = False
    refunds_all: bool = False
    refunds_part: bool = False
    refunded_at: int = 0
    number: int = 0


def orders_csv(orders: Iterable[Order], at: int) -> bytes:
    """The export of these orders made at an instant: refunds that come later are not in it."""
    text = io.StringIO()
    out = csv.DictWriter(text, HEADER, restval="", lineterminator="\n")
    out.writeheader()
    for one in orders:
        total = one.cents + SHIPPING if one.cents else 0
        back = 0
        if one.refunded_at <= at:
            back = total if one.refunds_all else one.cents // 4 if one.refunds_part else 0
        status = "paid" if not back else "refunded" if back == total else "partially_refunded"
        created = _moment(one.at)
        common = {"Name": f"#{one.number}", "Email": f"{one.customer}@example.com", "Created at": created}
        head = {
            "Financial Status": status,
            "Currency": "USD",
            "Subtotal": _money(one.cents),
            "Shipping": _money(total - one.cents),
            "Taxes": "0.00",
            "Total": _money(total),
            "Discount Code": " + ".join(one.codes),
            "Discount Amount": "0.00",
            "Billing Name": one.customer.title(),
            "Note Attributes": "\n".join(f"{name}: {value}" for name, value in one.utm.items()),
            "Cancelled at": created if one.is_cancelled else "",
            "Refunded Amount": _money(back),
            "Id": str(5_600_000_000_000 + one.number),
            "Source": one.source,
        }
        for line in range(one.lines):
            item = {
                "Lineitem quantity": "1",
                "Lineitem name": ("Oolong", "Strainer")[line % 2],
                "Lineitem price": "9.90",
            }
            out.writerow(common | item | (head if line == 0 else {}))
    return text.getvalue().encode()


def sessions_csv(
    property_name: str, first: date, last: date, sessions: Mapping[tuple[date, str, str], int]
) -> bytes:
    """A report of sessions by day, source, campaign and content: (day, campaign, content) to sessions."""
    lines = [
        "# ----------------------------------------",
        f"# Property: {property_name}",
        "# ----------------------------------------",
        "#",
        "# All Users",
        f"# Start date: {first:%Y%m%d}",
        f"# End date: {last:%Y%m%d}",
        "Nth day,Session source / medium,Session campaign,Session manual ad content,Sessions,Active users",
    ]
    for (day, campaign, content), count in sorted(sessions.items()):
        source = "google / organic" if campaign == "(not set)" else "ig / social"
        lines.append(f"{(day - first).days:04d},{source},{campaign},{content},{count},{count * 9 // 10}")
    return ("\n".join(lines) + "\n").encode()


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
