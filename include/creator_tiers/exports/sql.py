"""SQL text for the embedded DuckDB: identifiers and literals, always quoted."""

from __future__ import annotations

import re

from creator_tiers.tables import ColumnType

_TYPES = {"text": "VARCHAR", "decimal": "DECIMAL(18, 4)", "rate": "DECIMAL(20, 10)"}


_LIKE_A_GROUP = re.compile(r"-?\d{1,3}\.\d{3}")


def exact_decimal(number: str) -> str:
    """A number that a program wrote, with its decimal point, so that the cells' macros take the point for nothing else.

    `1.125` in a text may be one and an eighth, or more than a thousand; `1.1250` is the former.
    """
    return f"{number}0" if _LIKE_A_GROUP.fullmatch(number) else number


def identifier(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """A quoted text, or a NULL of type text."""
    return "CAST(NULL AS VARCHAR)" if text is None else "'" + text.replace("'", "''") + "'"


def cast_to(sql: str, kind: ColumnType) -> str:
    """A cast to a described column's type."""
    return f"CAST({sql} AS {_TYPES.get(kind, kind.upper())})"
