"""What the DAGs share: assets, owner, retry policy, the week of a run.

Imported while Airflow parses the DAG files, so nothing heavy is imported here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

LAKE = Asset("creator_tiers://lake")
"""Rows or refusals have landed in the lake."""

WAREHOUSE = Asset("creator_tiers://warehouse")
"""The marts hold what the lake holds, and the copy for readers is published."""

OWNER = "data-engineering"
TAG = "creator-tiers"

WEEK_PATTERN = r"^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$"
"""A JSON-schema pattern for an ISO week such as 2026-W46."""

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[ContractError, ValueError, TypeError, AttributeError, ImportError],
            action=RetryAction.FAIL,
            reason="The input, the configuration or the program is wrong: trying again cannot help",
        ),
        RetryRule(
            exception=[TransientError, OSError],
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=20),
            reason="Locked, still being written, or unreachable: this passes by itself",
        ),
    ]
)
"""Broken contracts fail at once, passing troubles wait and try again, the rest follows `retries`."""

DEFAULT_ARGS = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_policy": RETRY_POLICY,
}


def approval(task_id: str, checked_id: str, patience: timedelta) -> BaseOperator:
    """A task that waits for a person's word and rejects by itself; what follows is skipped unless it is Approve.

    The waiting task holds no worker slot.

    Args:
        task_id: its name.
        checked_id: the task whose answer has the draft's `week` and `summary`.
        patience: how long a person may take.
    """
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    answer = f"ti.xcom_pull(task_ids='{checked_id}')"
    return ApprovalOperator(
        task_id=task_id,
        subject=f"Publish and send the report of {{{{ {answer}['week'] }}}}?",
        body=f"{{{{ {answer}['summary'] }}}}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=patience,
    )


def week_of_run(label: str | None, interval_start: datetime | None, run_after: datetime, zone: str) -> Week:
    """The ISO week that a run of `publish_tier_report` reports on.

    Args:
        label: the run's `week` param, such as `2026-W46`; it wins.
        interval_start: the start of the run's data interval, if it has one.
        run_after: when the run was due; without the two above, the last week that had ended then.
        zone: the IANA zone in which weeks begin.

    Raises:
        ValueError: the label names no week.
    """
    if label:
        return Week.parse(label, zone)
    if interval_start is not None:
        return Week.of(interval_start + timedelta(days=3), zone)
    return Week.last_full(run_after, zone)
