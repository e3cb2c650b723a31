"""From the lake to the marts, whole and by what is new."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest

from creator_tiers.settings import load_settings
from creator_tiers.tables import table
from creator_tiers.warehouse import WarehouseError, open_reader, open_warehouse, write_comparison
from creator_tiers.warehouse import build as build_module
from creator_tiers.warehouse.build import build, rebuild
from creator_tiers.warehouse.steps import CONVERSION_STEPS, STEPS
from creator_tiers.weeks import Week

from .contents import published
from .lakes import T0, land

pytestmark = pytest.mark.e2e

PUBLISHED_AT = datetime(2026, 2, 2, 10, tzinfo=UTC)
WEEK = timedelta(days=7)


def post(number: int = 1, **more):
    return {
        "post_key": f"instagram:{number}",
        "published_at": PUBLISHED_AT,
        "likes": 10,
        "comments": 5,
        **more,
    }


def one(settings, sql: str):
    with open_reader(settings) as reader:
        [row] = reader.read(sql).to_pylist()
    return row


def test_the_first_build_makes_everything_and_publishes_it(settings, lake):
    land(lake, "a", posts=[post(reach=100)], followers=[{"observed_on": date(2026, 2, 1), "followers": 6000}])
    report = build(settings)
    assert (report.loads, report.rows_loaded, report.posts, report.published) == (1, 2, 1, True)
    assert report.rebuilt_because == "there is no warehouse yet"
    assert one(settings, "SELECT er_reach_settled, tier FROM marts.post_engagement") == {
        "er_reach_settled": 0.15,
        "tier": "micro",
    }
    assert one(settings, "SELECT week_start, posts FROM marts.creator_engagement") == {
        "week_start": date(2026, 2, 2),
        "posts": 1,
    }


def test_an_empty_lake_gives_an_empty_warehouse_to_query(settings):
    assert build(settings).published
    assert one(settings, "SELECT count(*) AS n FROM marts.creator_engagement") == {"n": 0}
    assert not build(settings).published


def test_a_home_of_its_own_on_the_same_lake_leaves_alone_what_others_read(settings, lake, tmp_path):
    land(lake, "a", posts=[post()])
    build(settings)
    then = dataclasses.replace(
        settings,
        home=tmp_path / "then",
        lake_folder=settings.lake,
        warehouse_url=f"duckdb:///{tmp_path / 'then' / 'warehouse.duckdb'}",
    )
    rebuild(then, as_of=T0 - WEEK)

    assert one(then, "SELECT count(*) AS n FROM core.posts") == {"n": 0}
    assert one(settings, "SELECT count(*) AS n FROM core.posts") == {"n": 1}


def test_an_empty_lake_empties_no_warehouse(settings, lake, tmp_path):
    """It is a slip in CREATOR_TIERS_LAKE, or a disk that is not mounted."""
    land(lake, "a", posts=[post()])
    build(settings)
    slipped = dataclasses.replace(settings, lake_folder=tmp_path / "nothing")

    for again in (rebuild, lambda given: build(dataclasses.replace(given, tier_scheme="alt_10k"))):
        with pytest.raises(WarehouseError, match=r"nothing is empty, and the warehouse is not \(loads: 1\)"):
            again(slipped)
    assert one(settings, "SELECT count(*) AS n FROM core.posts") == {"n": 1}


def test_nothing_new_writes_nothing(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    files = [settings.home / "warehouse.duckdb", settings.published]
    before = [(path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    report = build(settings)
    assert report == build_module.BuildReport()
    assert [(path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in files] == before


def test_no_stage_table_stays(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    sql = "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'stage'"
    assert one(settings, sql) == {"n": 0}


def test_only_changed_posts_are_worked_out_again(settings, lake):
    land(lake, "a", posts=[post(number) for number in range(1, 6)])
    build(settings)
    land(lake, "b", loaded_at=T0 + WEEK, observed_at=T0 + WEEK, posts=[post(3, likes=9)])
    report = build(settings)
    assert (report.loads, report.posts, report.rebuilt_because) == (1, 1, None)
    assert one(
        settings,
        "SELECT engagements_core_latest AS n FROM marts.post_engagement WHERE post_key = 'instagram:3'",
    ) == {"n": 14}


def test_a_later_follower_count_reaches_posts_already_there(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    assert one(settings, "SELECT tier FROM marts.creator_engagement") == {"tier": None}
    land(
        lake, "b", loaded_at=T0 + WEEK, followers=[{"observed_on": date(2026, 2, 20), "followers": 2_000_000}]
    )
    assert build(settings).posts == 1
    assert one(settings, "SELECT followers_flag, tier FROM marts.post_engagement") == {
        "followers_flag": "nearest",
        "tier": "mega",
    }
    assert one(settings, "SELECT tier FROM marts.creator_engagement") == {"tier": "mega"}


def test_a_follower_history_told_again_changes_no_post(settings, lake):
    history = [
        {"observed_on": date(2026, 1, 1) + timedelta(days=n), "followers": 6000 + n} for n in range(60)
    ]
    land(lake, "a", posts=[post()], followers=history)
    build(settings)
    land(lake, "b", loaded_at=T0 + WEEK, observed_at=T0 + WEEK, followers=history)
    assert build(settings).posts == 0


def test_a_roster_moves_posts_to_their_creator(settings, lake):
    land(lake, "a", posts=[post(), post(2, account_key="tiktok:ann")])
    build(settings)
    roster = [{"account_key": key, "creator": "Ann B"} for key in ("instagram:ann", "tiktok:ann")]
    land(lake, "b", loaded_at=T0 + WEEK, accounts=roster)
    assert build(settings).posts == 2
    assert one(
        settings, "SELECT count(DISTINCT creator_key) AS n, min(creator_key) AS k FROM marts.post_engagement"
    ) == {
        "n": 1,
        "k": "Ann B",
    }
    assert one(settings, "SELECT creator_key, name FROM core.creators") == {
        "creator_key": "Ann B",
        "name": "Ann B",
    }


def test_a_corrected_publish_time_moves_the_post_to_another_week(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    land(
        lake, "b", loaded_at=T0 + WEEK, observed_at=T0 + WEEK, posts=[post(published_at=PUBLISHED_AT + WEEK)]
    )
    build(settings)
    assert one(settings, "SELECT week_start, posts FROM marts.creator_engagement") == {
        "week_start": date(2026, 2, 9),
        "posts": 1,
    }


def test_rows_read_are_loaded_duplicate_rejected_or_ignored(settings, lake):
    land(lake, "a", posts=[post(1), post(2)], rejected=[{"rule": "bad_cell"}])
    land(
        lake,
        "b",
        loaded_at=T0 + WEEK,
        posts=[post(2), post(3)],
        rows_read=5,
        rows_duplicate=1,
        rows_ignored=2,
    )
    build(settings)
    with open_reader(settings) as reader:
        rows = reader.read(
            "SELECT load_key, rows_read, rows_loaded, rows_duplicate, rows_rejected, rows_ignored FROM ops.export_files"
            " ORDER BY load_key"
        ).to_pylist()
    assert [tuple(row.values()) for row in rows] == [("a", 3, 2, 0, 1, 0), ("b", 5, 1, 2, 0, 2)]


def test_a_second_path_is_told_and_changes_nothing_else(settings, lake):
    told = land(lake, "a", posts=[post()], rejected=[{"rule": "bad_cell"}])
    build(settings)
    before = published(settings)
    lake.commit(told.with_path("instagram/ann/z copy.csv"))
    report = build(settings)
    assert (report.loads, report.posts) == (0, 0)
    after = dict(published(settings))
    assert after["ops.export_files"][0]["other_paths"] == "instagram/ann/z copy.csv"
    after["ops.export_files"] = [{**after["ops.export_files"][0], "other_paths": None}]
    assert after == before


def test_a_failed_load_that_a_later_try_replaced_is_taken_in(settings, lake):
    land(lake, "a", status="failed", message="disk full")
    build(settings)
    land(lake, "a", loaded_at=T0 + WEEK, posts=[post()])
    assert build(settings).rebuilt_because is None
    assert one(settings, "SELECT status, message, rows_loaded FROM ops.export_files") == {
        "status": "loaded",
        "message": None,
        "rows_loaded": 1,
    }


def test_a_load_whose_rows_were_replaced_makes_a_rebuild(settings, lake):
    land(lake, "a", posts=[post(1), post(2)])
    build(settings)
    land(lake, "a", loaded_at=T0 + WEEK, posts=[post(1)])
    assert "load a" in build(settings).rebuilt_because
    assert one(settings, "SELECT count(*) AS n FROM core.posts") == {"n": 1}


@pytest.mark.parametrize("change", [{"zone": "Pacific/Auckland"}, {"tier_scheme": "micro_10k_100k"}])
def test_other_definitions_make_a_rebuild(settings, lake, change):
    land(
        lake,
        "a",
        posts=[post(published_at=datetime(2026, 2, 1, 22, tzinfo=UTC))],
        followers=[{"observed_on": date(2026, 2, 1), "followers": 6000}],
    )
    build(settings)
    before = one(settings, "SELECT week_start, tier FROM marts.post_engagement")
    other = dataclasses.replace(settings, **change)
    assert build(other).rebuilt_because == "the definitions have changed"
    assert one(other, "SELECT week_start, tier FROM marts.post_engagement") != before
    assert build(other).rebuilt_because is None


def test_an_unknown_tier_scheme_is_refused_before_anything_is_written(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    before = published(settings)
    with pytest.raises(WarehouseError, match=r"CREATOR_TIERS_SCHEME='mine'.*article"):
        build(dataclasses.replace(settings, tier_scheme="mine"))
    assert published(settings) == before
    assert not build(settings).published


def test_an_error_in_any_step_changes_nothing(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    before = published(settings)
    land(lake, "b", loaded_at=T0 + WEEK, posts=[post(2)])

    def fail(_done: int, _total: int, name: str) -> None:
        if name == STEPS[-1]:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        build(settings, fail)
    with open_warehouse(settings) as warehouse:
        assert warehouse.read("SELECT count(*) AS n FROM core.posts").to_pylist() == [{"n": 1}]
    assert published(settings) == before
    assert build(settings).loads == 1


def test_progress_is_told_step_by_step(settings, lake):
    land(lake, "a", posts=[post()])
    told = []
    build(settings, lambda done, total, name: told.append((done, total, name)))
    steps = [name for name in STEPS if name not in CONVERSION_STEPS]
    assert [name for _, _, name in told] == ["read the lake", *steps]
    assert [done for done, _, _ in told] == list(range(len(steps) + 1))


def test_a_publication_that_was_missed_is_made_good(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    settings.published.unlink()
    assert build(settings).published
    settings.published.write_bytes(b"torn")
    assert build(settings).published
    assert one(settings, "SELECT count(*) AS n FROM core.posts") == {"n": 1}


def test_a_rebuild_gives_the_same_and_keeps_what_reports_wrote(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    write_comparison(settings, Week.parse("2026-W10"), comparison("2026-W10"))
    before = published(settings)
    assert len(before["marts.tier_comparison"]) == 1
    assert rebuild(settings).rebuilt_because == "it was asked for"
    assert published(settings) == before


def test_a_rebuild_as_of_a_time_knows_what_was_known_then(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    write_comparison(settings, Week.parse("2026-W10"), comparison("2026-W10"))
    then = published(settings)
    land(lake, "b", loaded_at=T0 + WEEK, posts=[post(2)])
    build(settings)
    write_comparison(settings, Week.parse("2026-W11"), comparison("2026-W11"))
    now = published(settings)
    rebuild(settings, as_of=datetime(2026, 3, 9, tzinfo=UTC))
    assert published(settings) == then
    assert build(settings).loads == 1
    after = dict(published(settings))
    assert len(after.pop("marts.tier_comparison")) == 1
    assert after == {name: rows for name, rows in now.items() if name != "marts.tier_comparison"}


def test_a_column_described_since_is_added_and_reports_stay(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    write_comparison(settings, Week.parse("2026-W10"), comparison("2026-W10"))
    with duckdb.connect(str(settings.home / "warehouse.duckdb")) as connection:
        connection.execute("ALTER TABLE marts.tier_comparison DROP COLUMN winsorised")
        connection.execute("UPDATE ops.warehouse_state SET value = 'older' WHERE name = 'definitions'")
    build(settings)
    assert one(settings, "SELECT platform, winsorised FROM marts.tier_comparison") == {
        "platform": "instagram",
        "winsorised": None,
    }


def test_weeks_grow_with_the_loads(settings, lake):
    land(lake, "a", posts=[post()])
    build(settings)
    assert one(settings, "SELECT max(week_start) AS w FROM seeds.weeks")["w"] == date(2027, 12, 27)
    land(lake, "b", loaded_at=datetime(2027, 1, 4, tzinfo=UTC), posts=[post(2)])
    build(settings)
    assert one(settings, "SELECT max(week_start) AS w FROM seeds.weeks")["w"] == date(2028, 12, 25)


def test_a_warehouse_url_of_no_engine_is_refused(tmp_path):
    home = {"CREATOR_TIERS_HOME": str(tmp_path), "CREATOR_TIERS_WAREHOUSE": "mysql://x"}
    with pytest.raises(WarehouseError, match="CREATOR_TIERS_WAREHOUSE='mysql://x'"):
        build(load_settings(home))


def comparison(label: str) -> pa.Table:
    """A row of `marts.tier_comparison`."""
    week = Week.parse(label)
    row = {
        "week_start": week.monday,
        "platform": "instagram",
        "kind_group": "feed",
        "metric": "er_followers_settled",
        "tier_a": "micro",
        "tier_b": "mega",
        "estimate": 1.38,
        "creators_a": 3,
        "creators_b": 4,
        "posts_a": 5,
        "posts_b": 6,
        "verdict": "not_enough_evidence",
        "method": "by hand",
        "as_of": week.ends_at,
    }
    assert set(row) <= {column.name for column in table("marts.tier_comparison").columns}
    return pa.Table.from_pylist([row])


def test_a_load_read_again_with_other_rows_makes_a_rebuild(settings, lake):
    read = land(lake, "a", posts=[post(1)])
    build(settings)
    again = lake.dataset_path("post_observations", "a", 1)
    again.parent.mkdir()
    again.write_bytes(lake.dataset_path("post_observations", "a").read_bytes())
    lake.replace(dataclasses.replace(read, revision=1))

    assert "load a" in build(settings).rebuilt_because
    assert one(settings, "SELECT revision, rows_loaded FROM ops.export_files") == {
        "revision": 1,
        "rows_loaded": 1,
    }
    assert build(settings).published is False


def test_a_load_without_rows_that_the_lake_has_no_longer_goes(settings, lake):
    land(lake, "kept", posts=[post(1)])
    failed = land(lake, "failed", status="refused", rejected=[{"row_number": None}])
    build(settings)
    lake.remove(failed)

    assert build(settings).rebuilt_because is None
    assert one(settings, "SELECT load_key FROM ops.export_files") == {"load_key": "kept"}
    assert one(settings, "SELECT count(*) AS n FROM ops.rejected_rows") == {"n": 0}


def test_a_load_with_rows_that_the_lake_has_no_longer_makes_a_rebuild(settings, lake):
    land(lake, "kept", posts=[post(1)])
    gone = land(lake, "gone", posts=[post(2)])
    build(settings)
    lake.remove(gone)

    assert "gone" in build(settings).rebuilt_because
    assert one(settings, "SELECT count(*) AS n FROM core.posts") == {"n": 1}
