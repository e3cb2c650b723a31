"""Great Expectations over Spark frames, from the same descriptions and with the same verdicts as on Arrow frames.

The frame stays on the cluster. All checks are asked in one go, so that Great Expectations counts them together in few
passes; only those that fail are asked again, for examples. NULLs are left out by the expectations themselves, which on
Spark they do for every kind of check.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from creator_tiers.contracts.checks import columns_of, describe, implied_checks
from creator_tiers.contracts.expectations import (
    EXAMPLES,
    Outcome,
    ValidationResult,
    errors_of,
    expectation_of,
    observed_of,
    shorten,
    validation_context,
)
from creator_tiers.tables import Check, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def validate_frame(
    frame: DataFrame,
    table: Table,
    run_id: str = "",
    validated_at: datetime | None = None,
    within: Sequence[str] = (),
) -> list[ValidationResult]:
    """Check a Spark frame against every check of its table: `contracts.validate` for rows that stay on a cluster.

    Args:
        frame: the rows; times are `timestamp_ntz`. A check whose column they lack is `errored`.
        table: the description.
        run_id: the run that validates, for the results.
        validated_at: when, for the results; now when None.
        within: columns inside whose groups `unique` and `compound_unique` hold.

    Returns:
        The outcomes in the order of `contracts.validate`.
    """
    checks = [*table.checks, *(check for check in implied_checks(table) if check.column in frame.columns)]
    known = [check for check in checks if {*columns_of(check), *_group(check, within)} <= set(frame.columns)]
    rows = frame.select(*[_comparable(field) for field in frame.schema.fields]).persist()
    try:
        told = dict(zip(map(id, known), _ask(rows, table, known, within), strict=True))
    finally:
        rows.unpersist()
    results = []
    for check in checks:
        missing = sorted(set(columns_of(check)) - set(frame.columns))
        outcome, observed = told.get(id(check), ("errored", f"the rows have no column {', '.join(missing)}"))
        results.append(
            ValidationResult(
                run_id,
                table.full_name,
                describe(check),
                "warn" if check.severity == "warn" else "fail",
                outcome,
                observed,
                validated_at or datetime.now(UTC),
            )
        )
    return results


def _ask(
    rows: DataFrame, table: Table, checks: Sequence[Check], within: Sequence[str]
) -> list[tuple[Outcome, str]]:
    """Ask all checks for a yes or no in one go, then those that fail or break for more, one by one."""
    try:
        answers: list[Any] = _answers(rows, [_said(check, table, within) for check in checks], "BOOLEAN_ONLY")
    except Exception:  # one check may break all: ask them one by one
        answers = [None] * len(checks)
    told: list[tuple[Outcome, str]] = []
    for check, answer in zip(checks, answers, strict=True):
        if answer is not None and answer.success and not list(errors_of(answer.exception_info)):
            told.append(("passed", "0 values break it"))
            continue
        try:
            [single] = _answers(rows, [_said(check, table, within)], "BASIC")
            errors = list(errors_of(single.exception_info))
            if errors:
                told.append(("errored", shorten(errors[0])))
            else:
                told.append(("passed" if single.success else "failed", observed_of(single.result)))
        except Exception as error:
            told.append(("errored", shorten(f"{type(error).__name__}: {error}")))
    return told


def _answers(rows: DataFrame, expectations: Sequence[Any], result_format: str) -> list[Any]:
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine import SparkDFExecutionEngine
    from great_expectations.validator.validator import Validator

    validator = Validator(
        execution_engine=SparkDFExecutionEngine(spark=rows.sparkSession, persist=False),
        batches=[Batch(data=rows)],
        data_context=validation_context(),
    )
    answers: list[Any] = validator.graph_validate(
        configurations=[one.configuration for one in expectations],
        runtime_configuration={
            "result_format": {"result_format": result_format, "partial_unexpected_count": EXAMPLES}
        },
    )
    return answers


def _said(check: Check, table: Table, within: Sequence[str]) -> Any:
    """The expectation, said so that on Spark it means the same."""
    expectation: Any = expectation_of(check, table, tuple(within))
    match check.kind:
        case "matches":
            # Java's \Z allows a line end after it and its dot knows more line ends than \n.
            expectation.regex = rf"(?d)^(?:{check.arguments['pattern']})\z"
        case "at_least_column":
            expectation.ignore_row_if = "either_value_is_missing"
        case "unique" | "compound_unique" if hasattr(expectation, "column_list"):
            expectation.ignore_row_if = "any_value_is_missing"
    return expectation


def _group(check: Check, within: Sequence[str]) -> tuple[str, ...]:
    return tuple(within) if check.kind in ("unique", "compound_unique") else ()


def _comparable(field: Any) -> Any:
    """A column as Great Expectations compares it on Arrow frames: times and days as instants, decimals as floats."""
    from pyspark.sql import functions as f

    kind, column = field.dataType.typeName(), f.col(f"`{field.name}`")
    if kind in ("timestamp_ntz", "date"):
        return column.cast("timestamp").alias(field.name)
    if kind == "decimal":
        return column.cast("double").alias(field.name)
    return column
