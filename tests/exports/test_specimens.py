"""What `inspect` says of real files: every figure that was counted from them by hand."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from creator_tiers.exports.inspecting import Inspection, find, inspect_files
from creator_tiers.exports.reading import Limits
from tests.specimens import LISTS, ORDERS, OTHERS, POSTS, REASON, specimens

pytestmark = [pytest.mark.specimens, pytest.mark.skipif(specimens() is None, reason=REASON)]


@pytest.fixture(scope="module")
def inspected() -> dict[str, Inspection]:
    root = specimens()
    assert root is not None
    return {one.path: one for one in inspect_files(find([str(root)]), Limits())}


def the_one(inspected: dict[str, Inspection], pattern: str) -> Inspection:
    found = [one for path, one in inspected.items() if Path(path).match(pattern)]
    assert len(found) == 1, f"{pattern}: {[one.path for one in found]}"
    return found[0]


def fates(one: Inspection) -> tuple[int, int, int, int, int]:
    return one.rows_read, one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored


@pytest.mark.parametrize(("pattern", "source_format", "rows", "totals"), [*POSTS, *LISTS])
def test_every_figure_of_a_file_of_rows(
    inspected: dict[str, Inspection],
    pattern: str,
    source_format: str,
    rows: tuple[int, int, int, int, int],
    totals: dict[str, int | None],
) -> None:
    one = the_one(inspected, pattern)

    assert one.format == source_format
    assert fates(one) == rows
    assert {name: one.totals[name] for name in totals} == totals


@pytest.mark.parametrize(("pattern", "source_format", "status", "rows"), OTHERS)
def test_files_of_no_posts_are_named_and_told_why(
    inspected: dict[str, Inspection], pattern: str, source_format: str, status: str, rows: int
) -> None:
    one = the_one(inspected, pattern)

    assert (one.format, one.status, one.rows_read, one.rows_accepted) == (source_format, status, rows, 0)
    assert one.message


def test_no_file_is_answered_without_a_format_or_a_reason(inspected: dict[str, Inspection]) -> None:
    for one in inspected.values():
        assert one.rows_read == one.rows_accepted + one.rows_duplicate + one.rows_rejected + one.rows_ignored
        assert sum(one.rejected_by_rule.values()) == one.rows_rejected
        assert one.format != "unknown" or (one.status == "refused" and one.message)


def test_cleaned_headers_give_exactly_the_same_facts(inspected: dict[str, Inspection]) -> None:
    original = the_one(inspected, "youtube/kenjee/Aggregated*.csv")
    cleaned = the_one(inspected, "variants/youtube/kenjee_headers_cleaned.csv")

    assert fates(cleaned) == fates(original)
    assert cleaned.totals == original.totals


def test_foreign_roster_is_refused_not_guessed(inspected: dict[str, Inspection]) -> None:
    roster = the_one(inspected, "variants/influencer_roster.csv")

    assert (roster.format, roster.status) == ("unknown", "refused")
    assert roster.rows_rejected == roster.rows_read > 1000


def test_two_content_files_together_have_sixteen_videos(
    inspected: dict[str, Inspection], tmp_path: Path
) -> None:
    files = [the_one(inspected, f"tiktok/haileytupy2.0/Content{n}.csv").path for n in ("", " 2")]
    joined = tmp_path / "Content.csv"
    shutil.copy(files[0], joined)
    with joined.open("ab") as target:
        target.write(b"\n" + b"\n".join(Path(files[1]).read_bytes().splitlines()[1:]) + b"\n")

    [one] = inspect_files([(str(joined), joined)], Limits())

    assert one.totals["posts"] == 16
    assert one.rows_read == 25


@pytest.mark.parametrize(("path", "followers"), [("tiktok/haileytupy2.0/FollowerHistory.csv", 5013)])
def test_history_ends_with_the_newest_count(
    inspected: dict[str, Inspection], path: str, followers: int
) -> None:
    assert the_one(inspected, path).totals["followers"] == followers


@pytest.mark.parametrize(("pattern", "rows", "totals"), ORDERS)
def test_every_figure_of_a_shops_orders(
    inspected: dict[str, Inspection],
    pattern: str,
    rows: tuple[int, int, int, int, int],
    totals: dict[str, int | str],
) -> None:
    one = the_one(inspected, pattern)

    assert (one.format, one.status, fates(one)) == ("shopify_orders", "loaded", rows)
    for name, value in totals.items():
        assert one.totals[name] == (Decimal(value) if isinstance(value, str) else value)
    assert sum(one.totals["codes"].values()) == one.totals["orders_with_code"]
