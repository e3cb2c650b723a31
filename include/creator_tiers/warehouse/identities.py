"""The books must balance: identities of the marts, checked inside every build's transaction."""

from __future__ import annotations

from creator_tiers.contracts.checks import describe
from creator_tiers.contracts.rules import broken_by
from creator_tiers.tables import table, tables
from creator_tiers.warehouse.engine import Reader, Warehouse
from creator_tiers.warehouse.errors import WarehouseError

BALANCED = (
    "marts.campaign_conversions",
    "marts.campaign_tier_conversions",
    "marts.campaign_totals",
    "marts.attribution_totals",
)
"""Tables with columns `unbalanced...` that must be 0."""


def check_identities(warehouse: Warehouse) -> None:
    """Look for rows that break a check of severity `fail` with bounds, such as a waterfall that loses an order.

    Raises:
        WarehouseError: there are such rows. The caller's transaction must not be committed.
    """
    for name in BALANCED:
        described = table(name)
        checks = [one for one in described.checks if one.severity == "fail" and one.kind == "between"]
        counts = ", ".join(
            f"count(*) FILTER (WHERE {broken_by(one, described)}) AS broken_{number}"
            for number, one in enumerate(checks)
        )
        [row] = warehouse.read(f"SELECT {counts} FROM {described.full_name}").to_pylist()
        for number, one in enumerate(checks):
            if row[f"broken_{number}"]:
                raise WarehouseError(
                    f"{name} does not balance: {describe(one)} is broken in {row[f'broken_{number}']:,} rows. "
                    "Nothing was published; this is a fault of the program or of a changed query"
                )


def count_warnings(reader: Reader) -> list[dict[str, str | int]]:
    """The checks of severity `warn` on single rows of the `core` and `marts` tables, and how many rows break each.

    Returns:
        `table, expectation, n`, a check each, those that nothing breaks included, by table.
    """
    found: list[dict[str, str | int]] = []
    for name, described in sorted(tables().items()):
        checks = [
            one
            for one in described.checks
            if one.severity == "warn" and one.kind not in ("unique", "compound_unique")
        ]
        if described.layer not in ("core", "marts") or not checks:
            continue
        counts = ", ".join(
            f"count(*) FILTER (WHERE {broken_by(one, described)}) AS broken_{number}"
            for number, one in enumerate(checks)
        )
        [row] = reader.read(f"SELECT {counts} FROM {described.full_name}").to_pylist()
        found += [
            {"table": name, "expectation": describe(one), "n": int(row[f"broken_{number}"])}
            for number, one in enumerate(checks)
        ]
    return found
