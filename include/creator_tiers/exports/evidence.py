"""What a whole file shows of how its cells are written: decimal marks, the order of dates, the handle's column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from creator_tiers.exports.source import DateField
from creator_tiers.exports.sql import identifier

Connection = duckdb.DuckDBPyConnection

HIDDEN_LIKES = 3
"""Instagram shows this constant where an account hides its likes."""
HIDDEN_LIKES_ROWS = 5


def decimal_style(connection: Connection, positions: Sequence[int]) -> str | None:
    """`point` or `comma`, the decimal mark that the cells of `raw` show; `mixed` for both, None for neither."""
    if not positions:
        return None
    points = " OR ".join(_if_marked(position, "shows_decimal_point") for position in positions)
    commas = " OR ".join(_if_marked(position, "shows_decimal_comma") for position in positions)
    point, comma = connection.execute(
        f"SELECT coalesce(bool_or({points}), false), coalesce(bool_or({commas}), false) FROM raw"
    ).fetchone() or (False, False)
    if point and comma:
        return "mixed"
    return "point" if point else "comma" if comma else None


def _if_marked(position: int, macro: str) -> str:
    """SQL: a macro asked about a cell, but for a cell without any mark, which shows nothing: that is known at once."""
    cell = f"c{position}"
    return f"CASE WHEN contains({cell}, ',') OR contains({cell}, '.') THEN {macro}(clean_value({cell})) ELSE false END"


NumericDates = Sequence[tuple[str, str | None]]
"""How the numeric dates of a field are written: shape and shown order, each pair once."""


def date_order(rows: NumericDates, rule: DateField) -> str | None:
    """`dmy` or `mdy` for the numeric dates of a field, from all of them; None where they do not tell.

    Dates that cannot be decided alone follow the decidable ones only when all are written alike: the same mark, the
    same length of year, the same zeros. Otherwise the file was half converted, and they stay undecided.
    """
    decided = {(shape, order) for shape, order in rows if order in ("dmy", "mdy")}
    undecided = {shape for shape, order in rows if order is None}
    orders = {order for _, order in decided}
    if (
        rule.native_order
        and orders <= {rule.native_order}
        and all(_is_native(shape, rule) for shape, _ in rows)
    ):
        return rule.native_order
    alike = all(any(_alike(shape, other) for other, _ in decided) for shape in undecided)
    return orders.pop() if len(orders) == 1 and alike else None


def shows_another_order(rows: NumericDates, rule: DateField) -> bool:
    """Whether dates that are written as the platform writes them show another order than the platform's.

    Somebody has changed them all, then: the ones that could be either are not the platform's own any more.
    """
    return rule.native_order is not None and any(
        order not in (None, "any", rule.native_order) and _is_native(shape, rule) for shape, order in rows
    )


def numeric_dates(connection: Connection, field: str) -> NumericDates:
    """How the numeric dates of a field of `texts` are written: a pass over all of them."""
    return connection.execute(
        f"""
        SELECT DISTINCT date_shape({identifier(field)}), shown_order({identifier(field)})
        FROM texts WHERE date_part_a({identifier(field)}) IS NOT NULL
        """
    ).fetchall()


def _is_native(shape: str, rule: DateField) -> bool:
    return shape.startswith(rule.native_shape or "") and not shape.endswith("1")


def _alike(one: str, other: str) -> bool:
    return one[:-1] == other[:-1] and (one[-1] == other[-1] or "*" in (one[-1], other[-1]))


def handle_field(connection: Connection, candidates: Mapping[str, int]) -> str:
    """Of the candidate fields the one whose cells are distinct and look like handles most often; a tie: the first."""
    counts = ", ".join(
        f"count(DISTINCT CASE WHEN regexp_full_match(clean_text(c{position}), '@?[A-Za-z0-9._-]+')"
        f" THEN lower(clean_text(c{position})) END)"
        for position in candidates.values()
    )
    row = connection.execute(f"SELECT {counts} FROM raw").fetchone() or (0,) * len(candidates)
    return max(zip(candidates, row, strict=True), key=lambda one: one[1])[0]


def hidden_likes(connection: Connection) -> bool:
    """Whether every post of the file shows the constant that stands for hidden likes."""
    [hidden] = connection.execute(
        f"""
        SELECT count(*) >= {HIDDEN_LIKES_ROWS} AND bool_and(likes = '{HIDDEN_LIKES}')
        FROM texts WHERE NOT is_blank AND likes IS NOT NULL
        """
    ).fetchone() or [False]
    return bool(hidden)
