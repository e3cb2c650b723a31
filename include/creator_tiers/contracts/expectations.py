"""Great Expectations over the rows of a table, from its description.

`great_expectations` takes about 7 seconds to import, so it is imported inside the functions that need it. The context
is ephemeral, draws no progress bars and sends nothing anywhere; it is made once in a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.contracts.checks import bounds_of, columns_of, describe, implied_checks
from creator_tiers.contracts.frames import as_arrow, pandas_frame, telling_rows
from creator_tiers.contracts.importing import import_great_expectations
from creator_tiers.tables import Check, Table

if TYPE_CHECKING:
    import great_expectations as gx
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

Outcome = Literal["passed", "failed", "errored"]

FEW_ROWS = 20_000
"""From here on Great Expectations is first shown the values that tell of all others: `frames.telling_rows`."""

EXAMPLES = 3
"""How many values that break a check are shown."""

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """An expectation's outcome: a row of `lake.validation_results`, in the order of its columns.

    Attributes:
        run_id: the run that validated.
        suite: the table whose expectations were checked.
        expectation: the check in words.
        severity: `fail` or `warn`. A `reject` check is `fail` here: its rows should be in quarantine already.
        outcome: `passed`; `failed`: values break it; `errored`: it could not be computed, nobody knows.
        observed: how many values were seen, how many broke it and some of them, or the error.
        validated_at: when, UTC.
    """

    run_id: str
    suite: str
    expectation: str
    severity: Literal["fail", "warn"]
    outcome: Outcome
    observed: str
    validated_at: datetime

    @property
    def stops(self) -> bool:
        """Whether rows must not be kept because of it."""
        return self.severity == "fail" and self.outcome != "passed"


def suite(table: Table, within: Sequence[str] = ()) -> gx.ExpectationSuite:
    """The table's checks as a Great Expectations suite, `fail` and `reject` as critical, `warn` as warning.

    Args:
        table: the description.
        within: columns inside whose groups `unique` and `compound_unique` hold.
    """
    import_great_expectations()
    import great_expectations as gx

    checks = (*table.checks, *implied_checks(table))
    return gx.ExpectationSuite(
        name=table.full_name, expectations=[expectation_of(check, table, tuple(within)) for check in checks]
    )


def checks_for(table: Table, rows: pa.Table) -> list[Check]:
    """The checks that `validate` runs on these rows, in the order of its results.

    Every check of the description, and that a column described as not nullable holds no NULL, where the rows have it.
    """
    return [*table.checks, *(check for check in implied_checks(table) if check.column in rows.column_names)]


def validate(
    frame: pa.Table | pd.DataFrame,
    table: Table,
    run_id: str,
    validated_at: datetime,
    within: Sequence[str] = (),
) -> list[ValidationResult]:
    """Check a frame against every check of its table, all of them, whatever breaks on the way.

    Args:
        frame: the rows. A check whose column they lack is `errored`; columns without a check are not looked at.
        table: the description.
        run_id: the run that validates, for the results.
        validated_at: when, for the results.
        within: columns inside whose groups `unique` and `compound_unique` hold, such as `file_id` where the frame
            holds the rows of several files.
    """
    rows = as_arrow(frame)
    return [run_check(check, rows, table, run_id, validated_at, within) for check in checks_for(table, rows)]


def run_check(
    check: Check,
    rows: pa.Table,
    table: Table,
    run_id: str,
    validated_at: datetime,
    within: Sequence[str] = (),
) -> ValidationResult:
    """Check the rows against one check of their table. The arguments are those of `validate`."""
    try:
        expectation = expectation_of(check, table, tuple(within))
        telling = telling_rows(check, rows, within) if rows.num_rows > FEW_ROWS else rows
        outcome, observed = verdict_on(expectation, check, telling, within)
        if telling is not rows and outcome == "passed":
            observed = none_breaks(known_values(check, rows))
        elif telling is not rows:
            outcome, observed = verdict_on(expectation, check, rows, within)
    except Exception as error:  # whatever breaks: the check has no answer, and that is the answer
        outcome, observed = "errored", shorten(f"{type(error).__name__}: {error}")
    return result_of(check, table, outcome, observed, run_id, validated_at)


def result_of(
    check: Check, table: Table, outcome: Outcome, observed: str, run_id: str, validated_at: datetime
) -> ValidationResult:
    """The result of a check of a table."""
    severity: Literal["fail", "warn"] = "warn" if check.severity == "warn" else "fail"
    return ValidationResult(
        run_id, table.full_name, describe(check), severity, outcome, observed, validated_at
    )


def known_values(check: Check, rows: pa.Table) -> int:
    """How many rows have a value that a check looks at."""
    part = rows.select(columns_of(check))
    if check.kind == "not_null" or not any(column.null_count for column in part.columns):
        return int(part.num_rows)
    return int(pc.sum(reduce(pc.and_, (pc.is_valid(column) for column in part.columns))).as_py() or 0)


def none_breaks(seen: int) -> str:
    """What `observed_of` says when no value breaks a check."""
    return f"0 of {seen:,} values break it"


def expectation_of(check: Check, table: Table, within: tuple[str, ...]) -> Expectation:
    """A check as Great Expectations has it."""
    import_great_expectations()
    import great_expectations.expectations as gxe

    severity = "warning" if check.severity == "warn" else "critical"
    columns = list(columns_of(check))
    match check.kind:
        case "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=columns[0], severity=severity)
        case "between":
            least, greatest = (_instant(bound) for bound in bounds_of(check, table.column(columns[0]).type))
            return gxe.ExpectColumnValuesToBeBetween(
                column=columns[0], min_value=least, max_value=greatest, severity=severity
            )
        case "in":
            return gxe.ExpectColumnValuesToBeInSet(
                column=columns[0], value_set=list(check.arguments["values"]), severity=severity
            )
        case "matches":
            whole = rf"^(?:{check.arguments['pattern']})\Z"
            return gxe.ExpectColumnValuesToMatchRegex(column=columns[0], regex=whole, severity=severity)
        case "unique" | "compound_unique":
            group = [name for name in within if name not in columns] + columns
            if len(group) == 1:
                return gxe.ExpectColumnValuesToBeUnique(column=group[0], severity=severity)
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=group, severity=severity)
        case "at_least_column":
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=columns[0], column_B=columns[1], or_equal=True, severity=severity
            )
    raise ValueError(f"no expectation for the check {check.kind}")


def verdict_on(
    expectation: Expectation, check: Check, rows: pa.Table, within: Sequence[str]
) -> tuple[Outcome, str]:
    """What Great Expectations says of rows: the outcome, and what it saw."""
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    columns = list(columns_of(check))
    if check.kind in ("unique", "compound_unique"):
        columns += [name for name in within if name not in columns]
    frame = pandas_frame(rows, columns, keep_nulls=check.kind == "not_null")
    # A validator on a plain batch: a data source would hash every frame, which costs more than the checks.
    validator = Validator(
        execution_engine=PandasExecutionEngine(),
        batches=[Batch(data=frame)],
        data_context=validation_context(),
    )
    [answer] = validator.graph_validate(
        configurations=[expectation.configuration],
        runtime_configuration={
            "result_format": {"result_format": "BASIC", "partial_unexpected_count": EXAMPLES}
        },
    )
    errors = list(errors_of(answer.exception_info))
    if errors:
        return "errored", shorten(errors[0])
    return ("passed" if answer.success else "failed"), observed_of(answer.result)


@cache
def validation_context() -> Any:
    """The one context of this process."""
    import_great_expectations()
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def errors_of(information: Any) -> Iterable[str]:
    """The messages in an `exception_info`: one record, or one record a metric."""
    records = (
        [information] if "raised_exception" in (information or {}) else list((information or {}).values())
    )
    for record in records:
        if record["raised_exception"]:
            yield str(record["exception_message"])


def observed_of(result: Any) -> str:
    """How many values an expectation has seen and how many break it, with examples."""
    import pandas as pd

    seen = result.get("element_count", 0) - (result.get("missing_count") or 0)
    broken = result.get("unexpected_count", 0)
    text = f"{broken:,} of {seen:,} values break it"
    examples = [_example(one) for one in result.get("partial_unexpected_list") or [] if not pd.isna(one)]
    return shorten(f"{text}, such as {'; '.join(examples)}") if examples else text


def _example(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return str(value)


def shorten(text: str) -> str:
    """A text on one line of bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _instant(bound: Any) -> Any:
    """A day as the instant at which it begins: dates are compared as instants."""
    if isinstance(bound, date) and not isinstance(bound, datetime):
        return datetime(bound.year, bound.month, bound.day, tzinfo=UTC)
    return bound
