"""Row rules: the checks of severity `reject`, as DuckDB expressions that find the rows which break them.

Great Expectations is not needed for this, so `inspect` answers at once. The SQL is built from sqlglot expressions:
identifiers come from the description, values are escaped literals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

from creator_tiers.contracts.checks import Bound, bounds_of, columns_of
from creator_tiers.tables import Check, ColumnType, Table


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that sends a row to quarantine.

    Attributes:
        rule: its name, as `ops.rejected_rows.rule` shows it.
        column: the column that it is about; several, joined by `, `, for a compound check.
        breaks: a DuckDB boolean expression, true when the row breaks the rule and never NULL. It may hold a window
            function, so it belongs in a select list or a QUALIFY.
        least: the least number that a rule about a range allows; None for no bound, and for any other rule.
        greatest: the same, the greatest.
    """

    rule: str
    column: str
    breaks: str
    least: int | float | None = None
    greatest: int | float | None = None

    def allows(self, least: int, greatest: int) -> bool:
        """Whether it is a rule about a range of numbers that allows all of these."""
        is_range = self.least is not None or self.greatest is not None
        above = self.least is None or self.least <= least
        return is_range and above and (self.greatest is None or greatest <= self.greatest)


def row_rules(table: Table, within: Sequence[str] = ()) -> tuple[RowRule, ...]:
    """The row rules of a table, in the order of its description.

    Args:
        table: the description.
        within: columns inside whose groups `unique` and `compound_unique` hold, such as `file_id` where one
            relation holds the rows of several files.
    """
    return tuple(_row_rule(check, table, within) for check in table.checks if check.severity == "reject")


def _row_rule(check: Check, table: Table, within: Sequence[str]) -> RowRule:
    least = greatest = None
    if check.kind == "between":
        bounds = bounds_of(check, table.column(columns_of(check)[0]).type)
        numbers = [one for one in bounds if one is None or isinstance(one, int | float)]
        least, greatest = numbers if len(numbers) == len(bounds) else (None, None)
    return RowRule(
        rule=check.rule or check.kind,
        column=", ".join(columns_of(check)),
        breaks=_never_null(_breaks(check, table, within)).sql(dialect="duckdb"),
        least=least,
        greatest=greatest,
    )


def broken_by(check: Check, table: Table) -> str:
    """A boolean expression, never NULL, that is true for a row which breaks the check, whatever its severity.

    It is DuckDB's dialect; for other engines only checks without patterns can be said.
    """
    return _never_null(_breaks(check, table, ())).sql(dialect="duckdb")


def _breaks(check: Check, table: Table, within: Sequence[str]) -> exp.Expr:
    columns = [_column(name) for name in columns_of(check)]
    column = columns[0]
    match check.kind:
        case "not_null":
            return exp.Is(this=column, expression=exp.Null())
        case "between":
            kind = table.column(columns_of(check)[0]).type
            least, greatest = bounds_of(check, kind)
            outside: list[exp.Expr] = []
            if least is not None:
                outside.append(exp.LT(this=column, expression=_literal(least, kind)))
            if greatest is not None:
                outside.append(exp.GT(this=column, expression=_literal(greatest, kind)))
            return exp.or_(*outside)
        case "in":
            values = [exp.convert(value) for value in check.arguments["values"]]
            return exp.Not(this=exp.In(this=column, expressions=values))
        case "matches":
            pattern = exp.Literal.string(check.arguments["pattern"])
            return exp.Not(this=exp.Anonymous(this="regexp_full_match", expressions=[column, pattern]))
        case "unique" | "compound_unique":
            outer = [_column(name) for name in within if name not in columns_of(check)]
            times = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[*outer, *columns])
            known = [exp.Not(this=exp.Is(this=one, expression=exp.Null())) for one in columns]
            return exp.and_(exp.GT(this=times, expression=exp.Literal.number(1)), *known)
        case "at_least_column":
            return exp.LT(this=column, expression=columns[1])
    raise ValueError(f"no SQL for the check {check.kind}")


def _literal(value: Bound, kind: ColumnType) -> exp.Expr:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None).isoformat(sep=" ")
        return exp.cast(exp.Literal.string(moment), exp.DataType.Type.TIMESTAMP)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.DATE)
    if kind == "double":
        return exp.cast(exp.Literal.string(repr(float(value))), exp.DataType.Type.DOUBLE)
    return exp.convert(value)


def _column(name: str) -> exp.Expr:
    return exp.column(name, quoted=True)


def _never_null(condition: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=condition, expressions=[exp.false()])
