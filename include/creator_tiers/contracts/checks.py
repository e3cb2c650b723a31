"""The checks of a table description, as every reader of them sees them: typed, and in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from creator_tiers.tables import Check, ColumnType, Table

Bound = int | float | Decimal | datetime | date


def implied_checks(table: Table) -> tuple[Check, ...]:
    """A `not_null` of severity `fail` for each column described as not nullable that says no such thing itself."""
    said = {check.column for check in table.checks if check.kind == "not_null"}
    return tuple(
        Check("not_null", column.name, "fail", None, {})
        for column in table.columns
        if not column.nullable and column.name not in said
    )


def columns_of(check: Check) -> tuple[str, ...]:
    """The columns that a check looks at, in the order of its description."""
    if check.kind == "compound_unique":
        return tuple(check.arguments["columns"])
    own = (check.column,) if check.column else ()
    return (*own, check.arguments["other"]) if check.kind == "at_least_column" else own


def checked_columns(table: Table) -> tuple[str, ...]:
    """The columns that some check looks at, each once."""
    checks = (*table.checks, *implied_checks(table))
    return tuple(dict.fromkeys(name for check in checks for name in columns_of(check)))


def bounds_of(check: Check, kind: ColumnType) -> tuple[Bound | None, Bound | None]:
    """The least and the greatest value that a `between` allows, as values of the column's type; None is no bound.

    Times are UTC and carry their zone.

    Raises:
        ValueError: a bound is no value of that type.
    """
    return _bound(check.arguments.get("min"), kind), _bound(check.arguments.get("max"), kind)


def describe(check: Check) -> str:
    """A check in a few plain words, such as `views between 0 and 100`. The same check always reads the same."""
    arguments, column = check.arguments, check.column
    match check.kind:
        case "not_null":
            return f"{column} is known"
        case "between" if arguments.get("min") is None:
            return f"{column} at most {arguments['max']}"
        case "between" if arguments.get("max") is None:
            return f"{column} at least {arguments['min']}"
        case "between":
            return f"{column} between {arguments['min']} and {arguments['max']}"
        case "in":
            return f"{column} in {', '.join(str(value) for value in arguments['values'])}"
        case "matches":
            return f"{column} matches {arguments['pattern']}"
        case "unique":
            return f"{column} is unique"
        case "compound_unique":
            return f"{', '.join(arguments['columns'])} are unique together"
        case "at_least_column":
            return f"{column} at least {arguments['other']}"
    raise ValueError(f"no words for the check {check.kind}")


def _bound(value: Any, kind: ColumnType) -> Bound | None:
    if value is None:
        return None
    if kind == "timestamp":
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    if kind in ("decimal", "rate"):
        return Decimal(str(value))
    return value if isinstance(value, int) else float(value)
