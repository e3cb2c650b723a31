"""Word to people through Airflow's notifiers: a summary to a webhook, an alarm when a run is late.

A DAG file imports this while it is parsed, so nothing heavy is imported here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from airflow.sdk import BaseNotifier

from creator_tiers.hygiene import one_line

CONNECTION = "creator_tiers_webhook"
"""The Airflow connection whose password is the webhook's whole URL (it is a secret); without it nobody is told."""

PATIENCE = 10.0
"""Seconds that the webhook may take."""

_HERE = {"localhost", "127.0.0.1", "::1"}


class WebhookNotifier(BaseNotifier):
    """Posts `{"text": ...}`, as Slack and its kin take it: what a task that succeeded says, or why one failed.

    Not exactly once, as the mail is: a task that runs again speaks again. Trouble with the webhook fails no task.
    """

    def notify(self, context: Any) -> None:
        """Tell; nothing happens without the connection."""
        try:
            post(describe(context))
        except (OSError, ValueError) as error:
            self.log.warning("The webhook was not told: %s", error)


def describe(context: Mapping[str, Any]) -> str:
    """One line about a task: its headline and summary when it has them, its exception when it failed."""
    task = context["ti"]
    where = f"{task.dag_id} / {task.task_id}"
    if error := context.get("exception"):
        return one_line(f"Creator Tiers: {where} failed: {error}", 1500)
    said = task.xcom_pull(task_ids=task.task_id)
    facts = said if isinstance(said, dict) else {}
    told = [str(facts[name]) for name in ("week", "headline", "summary") if facts.get(name)]
    return one_line(f"Creator Tiers: {' '.join(told) or f'{where} is done'}", 1500)


def post(text: str) -> bool:
    """Post a text to the webhook; False when there is no such connection.

    Raises:
        ValueError: the connection holds no https URL.
        OSError: the webhook refused or could not be reached.
    """
    from airflow.providers.common.compat.sdk import AirflowNotFoundException, BaseHook

    try:
        url = str(BaseHook.get_connection(CONNECTION).password or "")
    except AirflowNotFoundException:
        return False
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise ValueError(f"the password of the connection {CONNECTION} must be the webhook's https URL")
    body = json.dumps({"text": text}).encode()
    request = Request(url, data=body, headers={"Content-Type": "application/json"}, method="POST")  # noqa: S310
    with urlopen(request, timeout=PATIENCE):  # noqa: S310 (https, or this machine; checked above)
        return True


def tell_late(context: Mapping[str, Any]) -> None:
    """The deadline alert of `publish_tier_report`: tell the owner, and the webhook, that a run is late.

    Args:
        context: `dag_run` and `deadline`, as Airflow gives them to the callback of a missed deadline.
    """
    from creator_tiers.report.notices import inform_owner
    from creator_tiers.settings import load_settings

    settings, run = load_settings(), context["dag_run"]
    run_id, dag_id = str(run["dag_run_id"]), str(run["dag_id"])
    reason = f"the run {run_id} of {dag_id} has not ended in time; its state is {run.get('state')}"
    about = f"late-{hashlib.sha256(f'{dag_id} {run_id}'.encode()).hexdigest()[:12]}"
    remedy = "look at the run in Airflow's UI: which task is it at, does it wait for approval?"
    print(inform_owner(settings, about, "Creator Tiers: the report is late", [reason], remedy))
    post(f"Creator Tiers: {reason}")
