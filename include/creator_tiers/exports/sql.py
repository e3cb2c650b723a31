"""SQL text for the embedded DuckDB: identifiers and literals, always quoted."""

from __future__ import annotations

from creator_tiers.tables import ColumnType

_TYPES = {"text": "VARCHAR", "decimal": "DECIMAL(18, 4)", "rate": "DECIMAL(20, 10)"}


def identifier(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """A quoted text, or a NULL of type text."""
    return "CAST(NULL AS VARCHAR)" if text is None else "'" + text.replace("'", "''") + "'"


def cast_to(sql: str, kind: ColumnType) -> str:
    """A cast to a described column's type."""
    return f"CAST({sql} AS {_TYPES.get(kind, kind.upper())})"
