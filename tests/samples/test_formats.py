"""Each format's shape, read back by the csv module."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.samples import reading
from tests.samples.conftest import Written

pytestmark = pytest.mark.unit
BOM = b"\xef\xbb\xbf"
AS_OF = datetime(2026, 11, 9, tzinfo=UTC)


def meta_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("instagram/*_sample/*.csv")) if path.name[3] == "-"]


def upload_instant(permalink: str) -> datetime:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    value = 0
    for letter in permalink.rstrip("/").rpartition("/")[2]:
        value = value * 64 + alphabet.index(letter)
    return datetime.fromtimestamp(((value >> 23) + 1_314_220_021_721) / 1000, UTC)


def test_meta_files_have_meta_bytes(small: Written) -> None:
    files = meta_files(small.folder)
    assert len(files) > 30
    for path in files:
        body = path.read_bytes()
        assert body.startswith(BOM)
        assert b"\r" not in body
        assert body.endswith(b"\n")
        rows = reading.read(body)
        assert {len(row) for row in rows} == {len(rows[0])}
        assert path.name.count("_") == 2
        assert path.stem.rpartition("_")[2].isdigit()


def test_meta_header_is_quoted_where_a_name_has_a_blank(small: Written) -> None:
    body = next(iter(sorted(small.folder.glob("instagram/northwind_sample/May-04*")))).read_bytes()
    assert body.split(b"\n")[0].decode("utf-8-sig") == (
        '"Post ID","Account ID","Account username","Account name",Description,"Duration (sec)","Publish time",'
        'Permalink,"Post type","Data comment",Date,Views,Likes,Shares,Comments,Saves,Reach,Follows'
    )


def test_meta_columns_come_in_several_orders_and_in_portuguese(small: Written) -> None:
    headers = {tuple(reading.read(path.read_bytes())[0]) for path in meta_files(small.folder)}
    assert len(headers) == 4
    assert any(header[0] == "Identificação do post" for header in headers)


def test_meta_publish_time_is_pacific_by_the_majority_of_shortcodes(small: Written) -> None:
    near = total = 0
    for path in meta_files(small.folder):
        for row in reading.dicts(path.read_bytes()):
            if row.get("Permalink"):
                local = datetime.strptime(row["Publish time"], "%m/%d/%Y %H:%M").replace(
                    tzinfo=reading.PACIFIC
                )
                near += abs(upload_instant(row["Permalink"]) - local.astimezone(UTC)) < timedelta(minutes=2)
                total += 1
                assert len(row["Post ID"]) == 17
    assert 0.9 < near / total < 1.0


def test_meta_captions_are_ugly(default: Written) -> None:
    text = "".join(path.read_text(encoding="utf-8-sig") for path in meta_files(default.folder)[:20])
    for part in ('""just one more""', "\n\n", "🎉", "صباح", "בוקר", "#ad", "#adventure", "An error occurred"):
        assert part in text


def test_collab_posts_of_others_have_no_reach(default: Written) -> None:
    blank = owned = 0
    for path in default.folder.glob("instagram/southbank_sample/*.csv"):
        for row in reading.dicts(path.read_bytes()):
            if row["Post ID"]:
                assert (row["Reach"] == "") == (row["Follows"] == "")
                blank += row["Reach"] == ""
                owned += row["Reach"] != ""
    assert 0 < blank < owned / 10


def test_error_rows_have_no_id_and_a_dash(default: Written) -> None:
    rows = [row for path in meta_files(default.folder) for row in reading.dicts(path.read_bytes())]
    errors = [row for row in rows if not row.get("Post ID", row.get("Identificação do post"))]
    assert 3 <= len(errors) <= 20
    assert {row["Date"] for row in errors} == {"-"}


def test_exports_overlap_and_counts_sometimes_fall(small: Written) -> None:
    history: dict[str, list[reading.Seen]] = defaultdict(list)
    for seen in reading.posts(small.folder):
        if seen.platform == "instagram":
            history[seen.post].append(seen)
    steps = []
    for one in history.values():
        one.sort(key=lambda seen: seen.observed)
        steps += [
            later.views - earlier.views
            for earlier, later in pairwise(one)
            if earlier.views and later.observed > earlier.observed
        ]
    assert sum(step < 0 for step in steps) > 0.005 * len(steps)
    assert sum(step > 0 for step in steps) > 0.3 * len(steps)


def test_files_of_one_day_agree_on_a_post(default: Written) -> None:
    seen_of: dict[tuple[str, datetime], set[tuple[int, int, int]]] = defaultdict(set)
    times: dict[tuple[str, datetime], int] = defaultdict(int)
    for seen in reading.posts(default.folder):
        seen_of[seen.post, seen.observed].add((seen.likes, seen.comments, seen.views))
        times[seen.post, seen.observed] += 1
    assert max(times.values()) > 1
    assert max(map(len, seen_of.values())) == 1


def test_stories_have_no_permalink(small: Written) -> None:
    stories = [path for path in meta_files(small.folder) if "Sticker taps" in path.read_text("utf-8-sig")]
    assert len(stories) == 4
    rows = [row for path in stories for row in reading.dicts(path.read_bytes())]
    assert {row["Post type"] for row in rows} == {"IG story"}
    assert {row["Permalink"] for row in rows} == {""}
    assert any(row["Link clicks"] == "" for row in rows)


def test_api_dumps_hide_likes_and_lack_young_insights(small: Written) -> None:
    files = sorted(small.folder.glob("instagram/*/instagram_posts_*.csv"))
    assert len(files) == 6
    rows = [row for path in files for row in reading.dicts(path.read_bytes())]
    assert all(row["timestamp"].endswith("+0000") for row in rows)
    assert any(row["like_count"] == "-1" for row in rows)
    assert all(int(row["followers"]) > 5_000 for row in rows)
    assert files[0].read_bytes().startswith(b'"id","caption"')


def test_tiktok_files_have_tiktok_bytes(small: Written) -> None:
    files = sorted(small.folder.glob("tiktok/*/Content*.csv"))
    assert len(files) > 40
    for path in files:
        body = path.read_bytes()
        assert body.startswith(BOM + b'"Time","Video title","Video link","Post time"')
        assert body.endswith(b'"')
        assert path.with_name(path.name + ".meta.yaml").exists()
        assert {len(row) for row in reading.read(body)} == {8}


def test_tiktok_dates_have_no_year_and_the_id_has_the_instant(small: Written) -> None:
    for path in sorted(small.folder.glob("tiktok/*/Content.csv")):
        observed = reading.observed_at(small.folder, str(path.relative_to(small.folder)))
        for row in reading.dicts(path.read_bytes()):
            assert row["Time"] == f"{observed:%B} {observed.day}"
            if row["Video link"]:
                published = datetime.fromtimestamp(int(row["Video link"].rpartition("/")[2]) >> 32, UTC)
                assert row["Post time"] == f"{published:%B} {published.day}"
                assert published < observed


def test_tiktok_has_deleted_videos_unknown_cells_and_raw_quotes(default: Written) -> None:
    text = "".join(path.read_text("utf-8-sig") for path in default.folder.glob("tiktok/*/Content*.csv"))
    assert '"","","' in text
    assert '"undefined"' in text
    assert 'POV "just one more" episode' in text


def test_a_follower_history_is_a_year_long(small: Written) -> None:
    files = sorted(small.folder.glob("tiktok/*/FollowerHistory.csv"))
    assert len(files) == 5
    for path in files:
        header, *rows = reading.read(path.read_bytes())
        assert header == ["Date", "Followers", "Difference in followers from previous day"]
        assert len(rows) == 365
        assert rows[0][1] == "undefined"
        assert int(rows[-1][1]) - int(rows[-2][1]) == int(rows[-1][2])
        assert path.with_name("Overview.csv").exists()


def test_youtube_tables_have_a_total_and_english_dates(small: Written) -> None:
    files = sorted(small.folder.glob("youtube/*/Table data*.csv"))
    headers = set()
    for path in files:
        header, total, *rows = reading.read(path.read_bytes())
        headers.add(tuple(header))
        assert total[0].replace("\u00ad", "") == "Total"
        assert rows
        assert {"Likes", "Comments added"} <= {name.replace("\u00ad", "") for name in header}
        for row in rows:
            if len(row) > 1 and row[2]:
                datetime.strptime(row[2], "%b %d, %Y").replace(tzinfo=UTC)
    assert len(headers) == 3
    assert any("\u00ad" in name for header in headers for name in header)


def test_youtube_oddities(default: Written) -> None:
    bodies = [path.read_bytes() for path in default.folder.glob("youtube/*/Table data*.csv")]
    assert any(b"\n -" in body for body in bodies)
    assert not any(b"\n-" in body for body in bodies)
    assert sum(body.endswith(b"Showing top 500 results\n") for body in bodies) >= 2
    assert any(b'"Draft, not public",,' in body for body in bodies)
    assert sum(b"\r\n" in body for body in bodies) == 1
    assert sum(body.startswith(b"Video,") for body in bodies) == 1


def test_creator_lists_are_never_older_than_two_weeks(small: Written) -> None:
    for platform in ("instagram", "tiktok", "youtube"):
        names = [path.stem for path in sorted((small.folder / "creators").glob(f"{platform}_*"))]
        days = [date.fromisoformat(name[-10:]) for name in names]
        assert days[0] == date(2026, 5, 11)
        assert {(b - a).days for a, b in pairwise(days)} == {14}
        assert AS_OF.date() - days[-1] <= timedelta(days=14)


def test_creator_lists_write_counts_as_tools_do(default: Written) -> None:
    texts = {
        platform: "".join(
            path.read_bytes().decode() for path in (default.folder / "creators").glob(f"{platform}_*")
        )
        for platform in ("instagram", "tiktok", "youtube")
    }
    assert ",N/A," in texts["instagram"]
    assert "\r\n" in texts["instagram"]
    assert "M," in texts["instagram"]
    assert "K," in texts["youtube"]
    assert "\n@" in texts["youtube"]
    assert any(f'"{n}' in texts["tiktok"] for n in range(1, 10))


def test_followers_drift_but_accounts_keep_their_tier_except_two_a_platform(default: Written) -> None:
    moved, still = [], 0
    for account, counts in reading.followers(default.folder).items():
        tiers = {reading.tier_of(count) for _, count in counts}
        if len(tiers) > 1:
            assert tiers == {"mid", "macro"}
            moved.append(account)
        still += len({count for _, count in counts}) == 1
    assert len(moved) == 2
    assert still < 0.1 * sum(default.summary.accounts.values())


def test_stray_files_are_there(small: Written) -> None:
    assert (small.folder / "instagram/northwind_sample/meeting notes.csv").exists()
    metrics = (small.folder / "instagram/northwind_sample/Reach.csv").read_bytes()
    assert metrics.startswith(b"\xff\xfe")
    assert metrics.decode("utf-16").startswith("sep=,\r\n")


def test_every_export_says_when_it_was_made_and_none_later_than_the_last_week(default: Written) -> None:
    latest = max(
        reading.observed_at(default.folder, beside)
        for name, _, beside in reading.bodies(default.folder)
        if "meeting notes" not in name and "Reach" not in name
    )
    assert AS_OF - timedelta(days=1) < latest < AS_OF


def test_every_handle_is_marked_as_an_example(default: Written) -> None:
    assert all(account.endswith("_example") for account in reading.followers(default.folder))
    assert len(reading.followers(default.folder)) == sum(default.summary.accounts.values())
