"""Made-up shops, campaigns and orders, as the files that a user would drop, and what must come out of them."""

from __future__ import annotations

import csv
import io
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from creator_tiers.contracts import ValidationResult, expectations
from creator_tiers.contracts.checks import describe
from creator_tiers.ingestion import ingest, plan
from creator_tiers.settings import Settings, load_settings
from creator_tiers.tables import Check, Table

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = [
    *("Name", "Email", "Financial Status", "Currency", "Subtotal", "Total", "Discount Code", "Created at"),
    *(
        "Lineitem quantity",
        "Lineitem name",
        "Lineitem price",
        "Billing Name",
        "Billing Street",
        "Phone",
        "Notes",
    ),
    *("Note Attributes", "Cancelled at", "Refunded Amount", "Id", "Source"),
]


@dataclass(frozen=True)
class Order:
    """An order as the shop knows it at one time."""

    number: int
    day: int
    codes: tuple[str, ...] = ()
    utm: Mapping[str, str] | None = None
    subtotal: Decimal = Decimal("50.00")
    refunded: Decimal = Decimal("0.00")
    status: str = "paid"
    is_cancelled: bool = False
    customer: str = "ann"
    source: str = "web"
    lines: int = 1

    @property
    def key(self) -> str:
        return f"shop:#{self.number}"

    @property
    def ordered_on(self) -> date:
        return (NOON + self.day * DAY).date()

    @property
    def total(self) -> Decimal:
        return self.subtotal and self.subtotal + 5


@dataclass(frozen=True)
class Placement:
    """A placement with its codes and its utm_content."""

    campaign: str
    handle: str
    codes: tuple[str, ...]
    content: str | None = None

    @property
    def key(self) -> str:
        return f"{self.campaign}:instagram:{self.handle}"


CAMPAIGNS = {"spring": (0, 20), "early": (0, 5), "late": (10, 30)}
"""Campaign to its first and last day, counted from 1 March 2026."""

PLACEMENTS = (
    Placement("spring", "ann", ("ANN", "ANN20"), "ann"),
    Placement("spring", "bob", ("BOB", "SHARED")),
    Placement("late", "cid", ("CID",), "cid"),
    Placement("early", "dan", ("SHARED",), "dan"),
)


def some_orders(seed: int, count: int = 40) -> list[Order]:
    """Orders of every kind: few codes, few customers, so that claims meet."""
    rng = random.Random(seed)  # noqa: S311 - made-up data
    every = [code for one in PLACEMENTS for code in one.codes] + ["HONEY", "Custom discount"]
    orders = []
    for number in range(1, count + 1):
        subtotal = rng.choice([Decimal("0.00"), Decimal("19.99"), Decimal("50.00"), Decimal("1234.56")])
        content = rng.choice([None, None, "ann", "cid", "dan", "nobody"])
        orders.append(
            Order(
                number=number,
                day=rng.randrange(-3, 65),
                codes=tuple(rng.sample(every, rng.choice([0, 1, 1, 2, 3]))),
                utm={"utm_source": "IG", "utm_content": content} if content else None,
                subtotal=subtotal,
                refunded=rng.choice(
                    [Decimal("0.00"), Decimal("0.00"), Decimal("7.50"), subtotal and subtotal + 5]
                ),
                status=rng.choice(["paid", "paid", "paid", "voided", "refunded", "pending"]),
                is_cancelled=rng.random() < 0.1,
                customer=rng.choice(["ann", "bob", "cid", ""]),
                source=rng.choice(["web", "web", "subscription_contract"]),
                lines=rng.choice([1, 1, 2, 3]),
            )
        )
    return orders


def orders_csv(orders: Iterable[Order]) -> str:
    """The shop's export of these orders, with personal data in every place that has some."""
    text = io.StringIO()
    out = csv.DictWriter(text, HEADER, restval="", lineterminator="\n")
    out.writeheader()
    for one in orders:
        created = (NOON + one.day * DAY).strftime("%Y-%m-%d %H:%M:%S +0000")
        email = f"{one.customer.title()}.Secret@Example.com" if one.customer else ""
        item = {"Name": f"#{one.number}", "Email": email, "Created at": created}
        item |= {"Lineitem quantity": "1", "Lineitem name": "Tea", "Lineitem price": "9.99"}
        notes = [f"{name}: {value}" for name, value in (one.utm or {}).items()] + ["gift for: Secret Person"]
        for line in range(one.lines):
            head = {
                "Financial Status": one.status,
                "Currency": "USD",
                "Source": one.source,
                "Subtotal": str(one.subtotal),
                "Total": str(one.total),
                "Refunded Amount": str(one.refunded),
                "Discount Code": " + ".join(code.lower() for code in one.codes),
                "Id": str(7_000_000 + one.number),
                "Cancelled at": created if one.is_cancelled else "",
                "Note Attributes": "\n".join(notes),
                "Billing Name": "Secret Person",
                "Billing Street": "1 Secret Lane",
                "Phone": "+1 555 010 4477",
                "Notes": "ring the secret bell",
            }
            out.writerow(item | (head if line == 0 else {}))
    return text.getvalue()


def lists() -> dict[str, str]:
    """`campaigns.csv` and `placements.csv`."""
    campaigns = ["campaign,brand,goal,niche,starts_on,ends_on,currency,hourly_rate"]
    for name, (first, last) in CAMPAIGNS.items():
        days = [(NOON + day * DAY).date().isoformat() for day in (first, last)]
        campaigns.append(f"{name},Tea Co,conversion,food,{days[0]},{days[1]},USD,50")
    placements = [
        "campaign,platform,handle,fee,product_cost,commission,boost_spend,hours_spent,promo_codes,utm_source,utm_content"
    ]
    for one in PLACEMENTS:
        source = "ig" if one.content else ""
        placements.append(
            f"{one.campaign},instagram,{one.handle},100,0,0,0,1,{';'.join(one.codes)},{source},{one.content or ''}"
        )
    return {
        "campaigns/campaigns.csv": "\n".join(campaigns) + "\n",
        "campaigns/placements.csv": "\n".join(placements) + "\n",
    }


def home(folder: Path, **environment: str) -> Settings:
    """A home of its own, with one hash key for all."""
    settings = load_settings(
        {"CREATOR_TIERS_HOME": str(folder), "CREATOR_TIERS_HASH_KEY": "a key for tests", **environment}
    )
    settings.landing.mkdir(parents=True)
    return settings


def drop(settings: Settings, files: Mapping[str, str], day: int = 100) -> None:
    """Put files into landing as if exported on a day, counted from 1 March 2026, and take them in."""
    for path, text in files.items():
        file = settings.landing / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        moment = (NOON + day * DAY).timestamp()
        os.utime(file, (moment, moment))
    for batch in plan(settings):
        ingest(settings, batch)


def without_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations is seconds of work and not what these tests are about."""

    def passed(
        check: Check, _rows: object, described: Table, run_id: str, at: datetime, *_: object
    ) -> object:
        severity = "warn" if check.severity == "warn" else "fail"
        return ValidationResult(run_id, described.full_name, describe(check), severity, "passed", "", at)

    monkeypatch.setattr(expectations, "run_check", passed)


def expected_claims(orders: Sequence[Order]) -> dict[tuple[str, str, str], str]:
    """What must become of every claim, told without SQL: (order, placement, method) to its fate."""
    found: dict[tuple[str, str, str], str] = {}
    for one in orders:
        claims = []
        for placement in PLACEMENTS:
            first, last = CAMPAIGNS[placement.campaign]
            places = [one.codes.index(code) for code in placement.codes if code in one.codes]
            matches = placement.content and (one.utm or {}).get("utm_content") == placement.content
            methods = [("code", min(places))] if places else []
            methods += [("link", 0)] if matches else []
            for method, place in methods:
                if not first <= one.day <= last + 30:
                    found[one.key, placement.key, method] = "outside_window"
                    continue
                runs = first <= one.day <= last
                claims.append((method, place, not runs, -first, placement.key))
        claims.sort()
        for number, (method, _, _, _, key) in enumerate(claims):
            if key != claims[0][4]:
                fate = "contested"
            elif number:
                fate = "duplicate"
            else:
                fate = _own_fate(one, orders)
            found[one.key, key, method] = fate
    return found


def _own_fate(one: Order, orders: Sequence[Order]) -> str:
    if one.is_cancelled or one.status == "voided":
        return "cancelled"
    if one.status == "refunded" or one.refunded >= one.total > 0:
        return "refunded"
    is_repeat = one.source.startswith("subscription") and any(
        other.customer == one.customer != ""
        and other.source.startswith("subscription")
        and other.day < one.day
        for other in orders
    )
    return "excluded" if one.total == 0 or is_repeat else "net"


def refunded(one: Order, amount: str) -> Order:
    """The order after a partial refund."""
    return replace(one, refunded=Decimal(amount), status="partially_refunded")
