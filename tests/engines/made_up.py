"""A table with every type, rows that are hard on engines, and a process that holds a warehouse."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from creator_tiers.settings import Settings
from creator_tiers.tables import Column, table
from creator_tiers.warehouse import Reader
from creator_tiers.warehouse.frames import schema
from tests.engines.places import environment

DELIVERIES = table("ops.report_deliveries")
STATE = table("ops.warehouse_state")
EVERY_TYPE = replace(
    DELIVERIES,
    name="made_up",
    key=("id",),
    columns=(
        Column("id", "bigint", "made up", nullable=False),
        *(Column(f"a_{kind}", kind, "made up") for kind in ("text", "bigint", "double", "decimal")),
        *(Column(f"a_{kind}", kind, "made up") for kind in ("timestamp", "date", "boolean")),
    ),
    checks=(),
)
HARD = {
    "a_text": [
        *("", "NULL", "\\N", "\\.", 'say "hi"', "it's", "a,b;c", "two\nlines", "cr\r\nlf", "\ttab "),
        *("ünïcödé ñ", "🧿 🇺🇸", "%s %(x)s", "$x"),
    ],
    "a_bigint": [2**63 - 1, -(2**63), 0, 17_841_400_000_000_001],
    "a_double": [0.1, 1 / 3, 1e-300, -1.7976931348623157e308, 5e-324, 2.0**53 + 2, 0.0],
    "a_decimal": [Decimal("0.0001"), Decimal("-99999999999999.9999"), Decimal("10.5000")],
    "a_timestamp": [
        *(datetime(2026, 1, 5, 12, 0, 0, 1), datetime(2024, 2, 29, 23, 59, 59, 999999)),
        *(datetime(1970, 1, 1), datetime(9999, 1, 1)),
    ],
    "a_date": [date(2024, 2, 29), date(1969, 12, 31), date(9999, 12, 31)],
    "a_boolean": [True, False],
}
"""Values of each type."""


def hard_rows() -> pa.Table:
    """Every value once, with NULLs around it."""
    cells = [{name: value} for name, values in HARD.items() for value in values] + [{}]
    rows = [{"id": number, **cell} for number, cell in enumerate(cells)]
    return pa.Table.from_pylist(rows, schema(EVERY_TYPE))


def deliveries(*recipients: str, report: str = "r1") -> pa.Table:
    """Rows of `ops.report_deliveries`."""
    count = len(recipients)
    return pa.table({"report_id": [report] * count, "recipient": list(recipients), "state": ["sent"] * count})


def recipients(reader: Reader) -> list[str]:
    """The recipients that a warehouse tells of."""
    rows = reader.read("SELECT recipient FROM ops.report_deliveries ORDER BY recipient")
    return [str(one) for one in rows.column("recipient").to_pylist()]


HOLD = """
import sys
from creator_tiers.settings import load_settings
from creator_tiers.warehouse import open_warehouse
with open_warehouse(load_settings()):
    print("open", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the warehouse open for writing until it is told something."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, **environment(settings)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        try:
            yield holder
        finally:
            if holder.poll() is None:
                holder.communicate("\n", timeout=60)
