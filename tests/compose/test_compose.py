"""`docker compose up`, exports dropped: the figures in the warehouse, the mail in the sink. Plain, on Celery, on Spark.

Not part of `make test`: `make test-compose`. Uses the images that are there, and builds the project's own.
"""

from __future__ import annotations

import email
import json
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.compose.shapes import WEEK, Ran
from tests.specimens import ORDERS, POSTS, REASON, specimens

pytestmark = [pytest.mark.compose, pytest.mark.timeout(3600), pytest.mark.xdist_group("compose")]

DAGS = {"ingest_exports", "build_marts", "publish_tier_report", "replay_quarantine", "check_freshness"}
SUMS = ("views", "likes", "comments", "shares", "saves", "reach")


def test_every_dag_is_there_and_unpaused(ran: Ran) -> None:
    paused = ran.stack.paused()
    assert set(paused) >= DAGS
    assert not any(paused.values())


def test_every_file_is_told_and_every_row_has_a_fate(ran: Ran) -> None:
    dropped = sum(1 for path in ran.landing.rglob("*") if path.suffix in (".csv", ".xlsx"))
    [told] = ran.stack.query(
        "SELECT count(*) AS files, sum(rows_read - rows_loaded - rows_duplicate - rows_rejected - rows_ignored) AS lost"
        " FROM ops.export_files"
    )
    assert told["files"] >= dropped > 20
    assert int(told["lost"]) == 0


@pytest.mark.skipif(specimens() is None, reason=REASON)
def test_the_figures_of_the_real_files_hold(ran: Ran) -> None:
    found = ran.stack.query(
        "SELECT files.path, count(*) AS posts, files.rows_duplicate, "
        + ", ".join(f"sum(metrics.{name}) AS {name}" for name in SUMS)
        + " FROM core.post_metrics AS metrics INNER JOIN ops.export_files AS files ON metrics.file_id = files.file_id"
        " GROUP BY files.path, files.rows_duplicate"
    )
    checked = 0
    for pattern, _, _, totals in POSTS:
        [one] = [row for row in found if Path(row["path"]).match(pattern)]
        if one["rows_duplicate"]:
            continue
        checked += 1
        seen = {name: None if one[name] is None else int(one[name]) for name in totals}
        assert seen == totals, pattern
        print(f"{ran.shape}: {pattern}: {seen}")
    assert checked >= len(POSTS) - 1
    [orders] = ran.stack.query(
        "SELECT count(*) AS orders FROM core.orders WHERE shop IN ('petbrand', 'devstore')"
    )
    assert int(orders["orders"]) == sum(int(figures["orders"]) for _, _, figures in ORDERS)


def test_the_mail_is_in_the_sink_with_its_parts(ran: Ran) -> None:
    [mail] = [parsed(raw) for raw in ran.stack.mails()]
    assert mail["To"] == "team@example.com"
    assert WEEK in mail["Subject"]
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds[:5] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
    ]
    assert "image/png" in kinds
    assert kinds.count("text/csv") >= 2
    [row] = ran.stack.query("SELECT recipient, state, message_id FROM ops.report_deliveries")
    assert row == {"recipient": "team@example.com", "state": "sent", "message_id": mail["Message-ID"]}
    print(f"{ran.shape}: {mail['Subject']}: {kinds}")


def test_a_second_delivery_sends_nothing(ran: Ran) -> None:
    ran.stack.wait_for("publish_tier_report", ran.stack.trigger("publish_tier_report", week=WEEK))
    assert len(ran.stack.mails()) == 1


def test_each_login_sees_its_own_database_only(ran: Ran) -> None:
    stack = ran.stack
    states = stack.psql(
        "creator_tiers_state", "creator_tiers_state", "SELECT recipient, state FROM report_outbox"
    )
    assert states == [("team@example.com", "sent")]
    with pytest.raises(AssertionError, match="permission denied"):
        stack.psql("creator_tiers_state", "creator_tiers_reader", "SELECT 1")
    with pytest.raises(AssertionError, match="permission denied"):
        stack.psql("airflow", "creator_tiers_pipeline", "SELECT 1")


def test_analysts_read_in_postgresql_and_cannot_write(ran: Ran) -> None:
    if ran.shape == "spark":
        pytest.skip("the warehouse is Spark's here")
    stack = ran.stack
    [(posts,)] = stack.psql("creator_tiers", "creator_tiers_reader", "SELECT count(*) FROM core.posts")
    assert int(posts) == int(stack.query("SELECT count(*) AS n FROM core.posts")[0]["n"]) > 1000
    with pytest.raises(AssertionError, match="permission denied for table posts"):
        stack.psql("creator_tiers", "creator_tiers_reader", "DELETE FROM core.posts")


def test_tasks_run_where_they_should(ran: Ran) -> None:
    workers = {"airflow-worker-1", "airflow-worker-2"}
    for _ in range(5):
        hosts = {task["hostname"] for task in ran.tasks if task["hostname"]}
        if ran.shape != "celery" or hosts == workers:
            break
        ran.tasks += ran.stack.wait_for("ingest_exports", ran.stack.trigger("ingest_exports"))
    if ran.shape == "celery":
        assert hosts == workers
    else:
        assert len(hosts) == 1
    print(f"{ran.shape}: tasks on {sorted(hosts)}")


def test_the_clusters_tables_are_files_and_postgresql_holds_the_state_only(ran: Ran) -> None:
    if ran.shape != "spark":
        pytest.skip("another warehouse")
    assert ran.stack.psql("creator_tiers", "creator_tiers_reader", "SELECT to_regclass('core.posts')") == [
        ("",)
    ]
    assert "core.posts" in ran.stack.run(
        "airflow-scheduler", "cat", "/var/lib/creator-tiers/spark/published.json"
    )


def test_the_commands_of_the_runbooks_do_what_they_say(ran: Ran) -> None:
    if ran.shape != "plain":
        pytest.skip("the same in each shape")
    stack = ran.stack
    [first] = [run for run in stack.runs("publish_tier_report") if run.startswith("scheduled__")]
    mails = len(stack.mails())
    airflow = ("airflow-scheduler", "airflow")
    stack.run(*airflow, "dags", "trigger", "-c", '{"week": "2026-W44"}', "publish_tier_report")
    stack.wait_for("publish_tier_report", stack.runs("publish_tier_report")[0])
    between = ("--from-date", "2026-10-12", "--to-date", "2026-10-25")
    stack.run(*airflow, "backfill", "create", "--dag-id", "publish_tier_report", *between)
    for run in [run for run in stack.runs("publish_tier_report") if run.startswith("backfill__")]:
        stack.wait_for("publish_tier_report", run)
    weeks = {
        row["week_start"][:10] for row in stack.query("SELECT DISTINCT week_start FROM marts.tier_comparison")
    }
    assert weeks >= {"2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02"}
    assert len(stack.mails()) == mails + 3
    today = first.removeprefix("scheduled__")[:10]
    stack.run(*airflow, "tasks", "clear", "-y", "-s", today, "-e", today, "publish_tier_report")
    said = stack.run("airflow-scheduler", "creator-tiers", "backup", "/tmp/backup", "--json")  # noqa: S108 - a container's
    assert json.loads(said)["loads"] == int(stack.query("SELECT count(*) AS n FROM ops.export_files")[0]["n"])
    assert (
        stack.run("airflow-scheduler", "creator-tiers", "deliveries", "--in-doubt", "--json").strip() == "[]"
    )


def test_nothing_runs_as_root_or_writes_outside_its_volumes(ran: Ran) -> None:
    for service in ("airflow-scheduler", "airflow-api-server", "postgres", "mailpit"):
        assert ran.stack.run(service, "id", "-u").strip() != "0"
        with pytest.raises(AssertionError, match="Read-only file system"):
            ran.stack.run(service, "sh", "-c", "echo x > /etc/x || touch /x")


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message
