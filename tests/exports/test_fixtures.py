"""Every format and quirk: small made-up files under `tests/fixtures/exports/<format>/`, and what is true of them.

`expected.yaml` has an entry a file (a zip's members, a workbook's sheets, one by one): where it lies in landing
(`at`), under which name, its `sidecar`, and then what must come out of it. A quirk more is a file and an entry more.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from creator_tiers.exports.containers import members
from creator_tiers.exports.context import read_context
from creator_tiers.exports.export import Outcome, read_export
from creator_tiers.exports.reading import Limits
from creator_tiers.exports.registry import FORMATS, UNKNOWN
from creator_tiers.exports.totals import totals
from creator_tiers.exports.workbench import workbench

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "exports"
MODIFIED_AT = datetime(2026, 5, 9, 12, tzinfo=UTC)
LOADED_AT = datetime(2026, 5, 10, tzinfo=UTC)
POST_TOTALS = ["posts", "views", "likes", "comments", "shares", "saves", "reach"]
ORDER_TOTALS = ["orders", "subtotal", "total", "refunded", "orders_with_code", "codes"]
TOTALS = [
    POST_TOTALS,
    ORDER_TOTALS,
    ["accounts", "followers"],
    ["events", "amount"],
    ["campaigns"],
    ["placements", "fee"],
    ["days"],
    ["days", "sessions"],
]
EXPECTED = {
    f"{folder.name}/{name}": entry
    for folder in sorted(FIXTURES.iterdir())
    for name, entry in yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8")).items()
}

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def bench() -> Iterator[duckdb.DuckDBPyConnection]:
    with workbench() as connection:
        yield connection


def split(case: str) -> tuple[str, str | None]:
    """A fixture's file, and the member or sheet of it."""
    found = re.match(r"(.*?\.(?:zip|xlsx))/(.*)", case)
    return (found[1], found[2]) if found else (case, None)


def lay(case: str, entry: dict[str, Any], landing: Path) -> tuple[Path, str | None]:
    """Copy a fixture to where it lies in landing; its file and the member that is meant."""
    named, inner = split(case)
    path = FIXTURES / named
    file = landing / entry["at"] / entry.get("named", path.name)
    file.parent.mkdir(parents=True)
    shutil.copy(path, file)
    os.utime(file, (MODIFIED_AT.timestamp(),) * 2)
    if "sidecar" in entry:
        sidecar = {key: str(value) for key, value in entry["sidecar"].items()}
        file.with_name(f"{file.name}.meta.yaml").write_text(yaml.safe_dump(sidecar), encoding="utf-8")
    return file, inner


def read(
    bench: duckdb.DuckDBPyConnection, file: Path, inner: str | None, landing: Path, scratch: Path
) -> Outcome:
    for member in members(file, scratch):
        if member.inner == inner:
            path = file.relative_to(landing).as_posix() + (f"/{inner}" if inner else "")
            return read_export(
                bench, member, read_context(file, path), LOADED_AT, Limits(), scratch, must_have_account=True
            )
    raise AssertionError(f"{file.name} has no member {inner}")


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("case", EXPECTED)
def test_file_is_read_as_expected(case: str, bench: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    entry = EXPECTED[case]
    landing, scratch = tmp_path / "landing", tmp_path / "scratch"
    scratch.mkdir()
    outcome = read(bench, *lay(case, entry, landing), landing, scratch)

    told = dataclasses.asdict(outcome) | {"format": outcome.source_format}
    told["observed_at"] = outcome.observed_at and outcome.observed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    fates = ["rows_read", "rows_accepted", "rows_duplicate", "rows_rejected", "rows_ignored"]
    assert {name: told[name] for name in entry["is"]} == entry["is"], outcome.message
    assert [told[name] for name in fates] == entry["rows"], (outcome.rejected_by_rule, outcome.message)
    assert outcome.rejected_by_rule == entry.get("rejected", outcome.rejected_by_rule)
    assert sum(outcome.rejected_by_rule.values()) == outcome.rows_rejected
    assert entry.get("message", "") in (outcome.message or "")
    if "totals" in entry:
        sums = totals(bench, outcome.source_format, has_rows=bool(outcome.datasets))
        assert sums == (sums | entry["totals"] if entry["totals"] else {})
        assert not sums or list(sums) in TOTALS
    for dataset, rows in entry.get("values", {}).items():
        for number, wanted in rows.items():
            columns = ", ".join(wanted)
            query = f"SELECT {columns} FROM out_{dataset} WHERE row_number = ?"
            found = bench.execute(query, [number]).fetchone()
            assert found is not None, f"row {number} is not in {dataset}"
            assert dict(zip(wanted, map(plain, found), strict=True)) == wanted
    for number, wanted_refusal in entry.get("refused", {}).items():
        query = "SELECT rule, column_name, value FROM refused WHERE row_number = ?"
        assert bench.execute(query, [number]).fetchall() == [tuple(wanted_refusal)]
    for number, raw in entry.get("raw", {}).items():
        assert bench.execute("SELECT raw FROM refused WHERE row_number = ?", [number]).fetchall() == [(raw,)]


@pytest.mark.parametrize("case", [case for case in EXPECTED if not case.startswith("unknown/")])
def test_kept_tables_and_views_give_the_same(
    case: str, bench: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing, scratch = tmp_path / "landing", tmp_path / "scratch"
    scratch.mkdir()
    file, inner = lay(case, EXPECTED[case], landing)

    def everything() -> tuple[Outcome, dict[str, list[Any]]]:
        outcome = read(bench, file, inner, landing, scratch)
        names = [f"out_{dataset}" for dataset in outcome.datasets]
        names += ["refused"] if outcome.rows_rejected and outcome.refusal is None else []
        tables = {name: bench.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in names}
        return dataclasses.replace(outcome, refusal=None), tables

    small = everything()
    monkeypatch.setattr("creator_tiers.exports.reading.SMALL_BYTES", 0)

    assert everything() == small


ONE_OF_EACH = {
    (Path(case).parent, Path(case).suffix): case
    for case in reversed(EXPECTED)
    if split(case)[1] is None and not case.startswith("unknown/")
}


@pytest.mark.parametrize("case", ONE_OF_EACH.values())
def test_zipped_file_is_read_as_the_bare_one(
    case: str, bench: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    landing, scratch = tmp_path / "landing", tmp_path / "scratch"
    scratch.mkdir()
    file, _ = lay(case, EXPECTED[case], landing)
    bare = read(bench, file, None, landing, scratch)
    zipped = file.with_name(f"{file.name}.zip")
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(file, file.name)
    os.utime(zipped, (MODIFIED_AT.timestamp(),) * 2)
    if (sidecar := file.with_name(f"{file.name}.meta.yaml")).exists():
        sidecar.rename(zipped.with_name(f"{zipped.name}.meta.yaml"))

    outcome = read(bench, zipped, file.name, landing, scratch)

    assert outcome.path == f"{bare.path}.zip/{file.name}"
    assert dataclasses.replace(outcome, path=bare.path, refusal=bare.refusal) == bare


def test_exactly_these_formats_are_known_and_each_has_a_fixture() -> None:
    names = [known.name for known in FORMATS]

    assert len(names) == len(set(names))
    assert set(names) == {
        "awin_transactions",
        "campaigns",
        "cj_commissions",
        "creator_list",
        "exchange_rates",
        "facebook_meta_posts",
        "ga4_report",
        "impact_actions",
        "instagram_graph_api",
        "instagram_meta_posts",
        "instagram_meta_stories",
        "meta_page_metrics",
        "placements",
        "shopify_orders",
        "tiktok_display_api",
        "tiktok_follower_history",
        "tiktok_other",
        "tiktok_overview",
        "tiktok_studio_content",
        "youtube_chart",
        "youtube_data_api",
        "youtube_other_table",
        "youtube_studio_table",
        "youtube_totals",
    }
    recognised = {entry["is"]["format"] for entry in EXPECTED.values()}
    assert recognised == {*names, UNKNOWN}
    assert {folder.name for folder in FIXTURES.iterdir()} == {*names, UNKNOWN}


def test_every_fixture_is_expected_to_be_something() -> None:
    named = {split(case)[0] for case in EXPECTED}
    there = {
        file.relative_to(FIXTURES).as_posix()
        for file in FIXTURES.rglob("*")
        if file.is_file() and file.name != "expected.yaml"
    }

    assert named == there
