"""The SQL files and what is made of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp

from creator_tiers.settings import RESOURCES
from creator_tiers.tables import Write, table, tables
from creator_tiers.warehouse import WarehouseError
from creator_tiers.warehouse.staging import stage_tables
from creator_tiers.warehouse.state import lasting_tables
from creator_tiers.warehouse.statements import (
    DIALECT,
    comments,
    create_table,
    delete_where,
    delete_window,
    in_order,
    inline,
    insert,
    literal,
    model,
    reading,
    transpile,
)
from creator_tiers.warehouse.steps import STEPS

pytestmark = pytest.mark.unit

MODELS = [one for one in tables().values() if one.query]
EVERY = {one.full_name: one for one in [*stage_tables(), *lasting_tables()]}


@pytest.mark.parametrize("dialect", ["postgres", "spark"])
@pytest.mark.parametrize("path", sorted((RESOURCES / "sql").glob("*/*.sql")), ids=lambda path: path.stem)
def test_every_query_can_be_said_on_every_engine(path, dialect):
    said = transpile(path.read_text(encoding="utf-8"), dialect)
    sqlglot.parse_one(said, read=dialect)


@pytest.mark.parametrize("path", sorted((RESOURCES / "sql").glob("*/*.sql")), ids=lambda path: path.stem)
def test_no_query_calls_a_function_that_would_be_passed_on_as_it_is(path):
    tree = sqlglot.parse_one(path.read_text(encoding="utf-8"), read=DIALECT)
    assert [node.name for node in tree.find_all(exp.Anonymous)] == []


@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_every_table_can_be_created_on_every_engine(dialect):
    for one in EVERY.values():
        for statement in [create_table(one), *comments(one)]:
            sqlglot.parse_one(transpile(statement, dialect), read=dialect)


def test_what_an_engine_lacks_is_an_error():
    with pytest.raises(WarehouseError, match="cannot be said in postgres"):
        transpile("SELECT first_value(a IGNORE NULLS) OVER () FROM x", "postgres")


@pytest.mark.parametrize("one", MODELS, ids=lambda one: one.full_name)
def test_a_query_gives_exactly_the_described_columns(one):
    assert sqlglot.parse_one(model(one), read=DIALECT).named_selects == [
        column.name for column in one.columns
    ]


@pytest.mark.parametrize("one", MODELS, ids=lambda one: one.full_name)
def test_a_query_reads_described_tables_only(one):
    tree = sqlglot.parse_one(model(one), read=DIALECT)
    read = {f"{node.db}.{node.name}" for node in tree.find_all(exp.Table) if node.db}
    assert read <= set(EVERY)


def test_steps_are_the_queries_each_once():
    assert sorted(STEPS) == sorted(one.full_name for one in MODELS)


def test_a_step_reads_only_stage_tables_that_are_filled_already():
    filled = {one.full_name for one in stage_tables() if one.query is None}
    for name in STEPS:
        tree = sqlglot.parse_one(model(table(name)), read=DIALECT)
        read = {f"{node.db}.{node.name}" for node in tree.find_all(exp.Table) if node.db == "stage"}
        write = table(name).write
        assert read | {write.window or "stage.post_observations"} <= filled, name
        filled.add(name)


def test_write_windows_are_tables_with_the_keys():
    for one in MODELS:
        if one.write.mode == "replace_keys":
            assert set(one.write.keys) <= {column.name for column in EVERY[one.write.window].columns}, (
                one.full_name
            )


def test_inline_puts_queries_in_the_place_of_tables():
    stand_ins = {"core.posts": "SELECT 1 AS a"}
    found = inline("SELECT p.a FROM core.posts AS p, core.x WHERE p.a > $n", stand_ins)
    assert found == "SELECT p.a FROM (\nSELECT 1 AS a\n) AS p, core.x WHERE p.a > $n"
    asked = (
        "-- Größe of core.posts\nSELECT posts.a, 'core.posts' FROM core.posts JOIN core.posts AS p USING (a)"
    )
    assert inline(asked, stand_ins) == (
        "-- Größe of core.posts\nSELECT posts.a, 'core.posts' FROM (\nSELECT 1 AS a\n) AS posts "
        "JOIN (\nSELECT 1 AS a\n) AS p USING (a)"
    )


def test_inline_keeps_a_query_that_ends_in_a_comment():
    found = inline("SELECT * FROM core.posts", {"core.posts": "SELECT 1 AS a -- one"})
    assert sqlglot.parse_one(found, read=DIALECT).sql(comments=False) == (
        "SELECT * FROM (SELECT 1 AS a) AS posts"
    )


def test_reading_finds_the_query():
    assert "marts.post_engagement" in reading("comparison_posts")


def test_statements_name_columns_and_bind_values():
    deliveries = table("ops.report_deliveries")
    assert insert(deliveries, "SELECT 1").startswith(
        "INSERT INTO ops.report_deliveries (report_id, recipient, state, message_id, sent_at)\n"
    )
    assert (
        delete_where(deliveries, ["report_id"])
        == "DELETE FROM ops.report_deliveries WHERE report_id = $report_id"
    )
    assert delete_where(deliveries, []) == "DELETE FROM ops.report_deliveries"
    with pytest.raises(KeyError):
        delete_where(deliveries, ["1=1; --"])
    with pytest.raises(WarehouseError, match="no window"):
        delete_window(deliveries)
    with pytest.raises(WarehouseError, match="no query"):
        model(deliveries)


def test_replaced_rows_are_sought_within_the_times_of_the_window():
    described = replace(
        table("core.follower_counts"), write=Write("replace_keys", "stage.w", ("account_key", "observed_on"))
    )
    assert delete_window(described) == (
        "DELETE FROM core.follower_counts WHERE EXISTS (SELECT 1 FROM stage.w AS changed WHERE"
        " changed.account_key = follower_counts.account_key AND changed.observed_on = follower_counts.observed_on)"
        " AND follower_counts.observed_on >= (SELECT min(bound.observed_on) FROM stage.w AS bound)"
        " AND follower_counts.observed_on <= (SELECT max(bound.observed_on) FROM stage.w AS bound)"
    )
    described = replace(described, write=Write("replace_keys", "stage.w", ("account_key",)))
    assert delete_window(described) == (
        "DELETE FROM core.follower_counts WHERE EXISTS (SELECT 1 FROM stage.w AS changed WHERE"
        " changed.account_key = follower_counts.account_key)"
    )
    described = replace(
        described, write=Write("replace_keys", "stage.w", ("account_key",), since="observed_at")
    )
    assert delete_window(described).endswith(
        " AND follower_counts.observed_at >= (SELECT min(bound.observed_at) FROM stage.w AS bound)"
    )


def test_windows_and_orders_speak_of_columns_that_are_there_and_known():
    for one in MODELS:
        write = one.write
        if write.since:
            assert one.column(write.since).type == "timestamp", one.full_name
            assert not one.column(write.since).nullable, one.full_name
            assert EVERY[write.window].column(write.since).type == "timestamp", one.full_name
        assert not any(one.column(name).nullable for name in write.order), one.full_name


def test_the_rows_of_a_first_build_have_an_order_where_one_is_asked_for():
    counts = table("core.follower_counts")
    assert in_order(counts, "SELECT 1\n") == "SELECT 1\n"
    ordered = replace(counts, write=Write("replace_all", order=("observed_on", "account_key")))
    assert in_order(ordered, "SELECT 1\n") == "SELECT 1\nORDER BY observed_on, account_key"


def test_literals_cannot_be_left():
    assert literal("it's") == "'it''s'"
