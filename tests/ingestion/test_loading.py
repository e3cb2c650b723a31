"""Files into the lake: once each, every row with a fate, one bad file alone."""

from __future__ import annotations

import json
import logging
import os
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from creator_tiers.errors import TransientError
from creator_tiers.exports import export
from creator_tiers.exports.fingerprint import fingerprint
from creator_tiers.ingestion import ingest, loading, plan
from creator_tiers.ingestion.validating import Validated
from creator_tiers.lake.manifests import load_key
from creator_tiers.settings import Settings
from tests.ingestion.landings import HEADER, contents, drop, ingest_all, manifests, rows, video, videos

pytestmark = pytest.mark.contract

CHANNEL = "youtube/channel"
RULES = "post_key, platform, account_key, views, observed_at"


@pytest.fixture(autouse=True)
def without_expectations(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations takes seconds to import; the tests that are about it ask for it."""
    if "validated" not in request.fixturenames:
        monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))


@pytest.fixture
def validated() -> None:
    """This test validates for real."""


@pytest.mark.usefixtures("validated")
def test_rows_reach_the_lake_typed_and_counted(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/Table data.csv", videos(1, 2) + video(3, "many") + "Showing top 500 results\n")

    [summary] = ingest_all(settings)

    one = manifests(settings)[f"{CHANNEL}/Table data.csv"]
    assert (one.rows_read, one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored) == (
        4,
        2,
        0,
        1,
        1,
    )
    assert (one.status, one.platform, one.account_handle) == ("partial", "youtube", "channel")
    assert (summary["files"], summary["rows_read"], summary["partial"]) == (1, 4, 1)
    assert {row["post_key"]: row["views"] for row in rows(settings)} == {
        "youtube:VIDEO000001": 10,
        "youtube:VIDEO000002": 10,
    }
    [refused] = rows(settings, "rejected_rows")
    assert (refused["row_number"], refused["rule"], refused["column_name"], refused["value"]) == (
        4,
        "bad_cell",
        "Views",
        "many",
    )
    assert refused["raw"] == video(3, "many").strip()
    assert one.validation
    assert {result["outcome"] for result in one.validation} == {"passed"}


def test_running_again_changes_nothing(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/Table data.csv", videos(1))
    ingest_all(settings)
    assert plan(settings) == []
    before = {path: path.stat().st_mtime_ns for path in settings.lake.rglob("*") if path.is_file()}

    assert plan(settings) == []
    assert ingest_all(settings) == []
    assert {path: path.stat().st_mtime_ns for path in settings.lake.rglob("*") if path.is_file()} == before


def test_touched_file_is_looked_at_and_not_loaded_again(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/Table data.csv", videos(1))
    ingest_all(settings)
    before = contents(settings)

    drop(settings, f"{CHANNEL}/Table data.csv", videos(1), datetime(2026, 6, 1, tzinfo=UTC))

    assert len(plan(settings)) == 1
    ingest_all(settings)
    assert contents(settings) == before


@pytest.mark.parametrize("at_once", [True, False])
def test_same_bytes_at_a_second_path_add_a_path(settings: Settings, at_once: bool) -> None:
    drop(settings, f"{CHANNEL}/b.csv", videos(1))
    if not at_once:
        ingest_all(settings)
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/older/c.csv", videos(1))
    ingest_all(settings)

    [one] = manifests(settings).values()
    assert one.paths == (f"{CHANNEL}/a.csv", f"{CHANNEL}/b.csv", f"{CHANNEL}/older/c.csv")
    assert len(rows(settings)) == 1


@pytest.mark.usefixtures("validated")
def test_same_bytes_of_another_account_are_another_file(settings: Settings) -> None:
    drop(settings, "youtube/one/Table data.csv", videos(1))
    drop(settings, "youtube/two/Table data.csv", videos(1))
    ingest_all(settings)

    assert {row["account_key"] for row in rows(settings)} == {"youtube:one", "youtube:two"}
    assert {one.status for one in manifests(settings).values()} == {"loaded"}


@pytest.mark.usefixtures("validated")
def test_same_bytes_with_their_own_time_stated_beside_a_copy_are_kept(settings: Settings) -> None:
    roster = "username,platform,followers\nsome.one,youtube,12K\n"
    for path, text in ((f"{CHANNEL}/a.csv", videos(1)), ("creators/a.csv", roster)):
        dropped = drop(settings, path, text)
        at = datetime.fromtimestamp(dropped.stat().st_mtime, UTC)
        drop(settings, path.replace("a.csv", "b.csv"), text)
        drop(settings, path.replace("a.csv", "b.csv.meta.yaml"), f"observed_at: {at.isoformat()}\n")
    ingest_all(settings)

    assert {one.status for one in manifests(settings).values()} == {"loaded"}
    assert {row["views"] for row in rows(settings)} == {10}
    assert {row["followers"] for row in rows(settings, "follower_observations")} == {12000}


def test_same_bytes_at_another_stated_time_are_a_new_observation(settings: Settings) -> None:
    roster = "username,followers\nsome.one,12K\n"
    for day in ("2026-05-01", "2026-05-08"):
        drop(settings, f"creators/instagram_{day}.csv", roster)
    ingest_all(settings)

    assert [str(row["observed_on"]) for row in rows(settings, "follower_observations")] == [
        "2026-05-01",
        "2026-05-08",
    ]


def test_new_sidecar_is_a_new_observation(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/Table data.csv", videos(1))
    ingest_all(settings)
    drop(settings, f"{CHANNEL}/Table data.csv.meta.yaml", "observed_at: 2026-05-01T10:00:00Z\n")
    ingest_all(settings)

    assert sorted(row["observed_at"] for row in rows(settings)) == [
        datetime(2026, 5, 1, 10),
        datetime(2026, 5, 9, 12),
    ]


def test_bad_sidecar_refuses_its_file_only(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/a.csv.meta.yaml", "observed_at: [yesterday]\n")
    drop(settings, f"{CHANNEL}/b.csv", videos(2))
    ingest_all(settings)

    found = manifests(settings)
    assert (found[f"{CHANNEL}/a.csv"].status, found[f"{CHANNEL}/b.csv"].status) == ("refused", "loaded")
    assert "a.csv.meta.yaml: observed_at" in str(found[f"{CHANNEL}/a.csv"].message)
    [refused] = rows(settings, "rejected_rows")
    assert (refused["rule"], refused["row_number"]) == ("bad_sidecar", None)

    drop(settings, f"{CHANNEL}/a.csv.meta.yaml", "observed_at: 2026-05-01\n")
    ingest_all(settings)
    assert {row["post_key"] for row in rows(settings)} == {"youtube:VIDEO000001", "youtube:VIDEO000002"}


def test_refused_file_has_one_row_in_quarantine(settings: Settings) -> None:
    drop(settings, "instagram/x/list.csv", "sku,price\n" + "1,2\n" * 50)
    ingest_all(settings)

    one = manifests(settings)["instagram/x/list.csv"]
    assert (one.status, one.rows_read, one.rows_rejected, one.source_format) == ("refused", 50, 50, "unknown")
    [refused] = rows(settings, "rejected_rows")
    assert refused["rule"] == "unknown_format"
    assert "'sku', 'price'" in refused["value"]


@pytest.mark.parametrize(
    ("bad", "good", "status"), [(20, 19, "refused"), (20, 20, "partial"), (19, 0, "partial")]
)
def test_stop_threshold(settings: Settings, bad: int, good: int, status: str) -> None:
    text = HEADER + "".join(video(n) for n in range(good))
    text += "".join(f"no id {n},T,,1,1\n" for n in range(bad))
    drop(settings, f"{CHANNEL}/Table data.csv", text)
    ingest_all(settings)

    one = manifests(settings)[f"{CHANNEL}/Table data.csv"]
    assert one.status == status
    assert one.rows_read == bad + good == one.rows_accepted + one.rows_rejected
    assert len(rows(settings)) == (0 if status == "refused" else good)


def test_file_of_no_account_is_refused_with_the_remedy(settings: Settings) -> None:
    drop(settings, "youtube/Table data.csv", videos(1))
    ingest_all(settings)

    one = manifests(settings)["youtube/Table data.csv"]
    assert one.status == "refused"
    assert "landing/youtube/<handle>/" in str(one.message)


def test_folder_of_another_platform_refuses(settings: Settings) -> None:
    drop(settings, "instagram/channel/Table data.csv", videos(1))
    ingest_all(settings)

    [refused] = rows(settings, "rejected_rows")
    assert refused["rule"] == "platform_mismatch"


def test_what_is_no_export_has_no_row(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(videos(9))
    inside = drop(settings, f"{CHANNEL}/real.csv", videos(1))
    for name in (".hidden.csv", "~$book.xlsx", "half.csv.part", "x.tmp", ".DS_Store", "y.csv.meta.yaml"):
        drop(settings, f"{CHANNEL}/{name}", "x")
    folder = inside.parent
    (folder / "folder.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    (folder / "dangling.csv").symlink_to(folder / "nowhere.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "out.csv").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path)
    (folder / "in.csv").symlink_to(inside)

    ingest_all(settings)

    [one] = manifests(settings).values()
    assert one.paths == (f"{CHANNEL}/in.csv", f"{CHANNEL}/real.csv")
    for name in ("pipe.csv", "dangling.csv", "loop.csv", "out.csv"):
        assert f"{CHANNEL}/{name} is skipped" in caplog.text


def test_odd_names_are_kept(settings: Settings) -> None:
    names = [
        "new\nline.csv",
        "quo\"te's.csv",
        "emoji 😀.csv",
        os.fsdecode(b"caf\xe9.csv"),
        "semi;colon, and %s {x}.csv",
    ]
    for number, name in enumerate(names):
        drop(settings, f"{CHANNEL}/{name}", videos(number))
    ingest_all(settings)

    assert len(rows(settings)) == len(names)
    assert {one.status for one in manifests(settings).values()} == {"loaded"}
    json.dumps(sorted(manifests(settings)), ensure_ascii=False).encode()
    assert plan(settings) == []


def test_growing_file_waits_and_its_neighbour_does_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/b.csv", videos(2))
    real = loading.read_export

    def read(*arguments: Any, **named: Any) -> Any:
        if arguments[2].path.endswith("a.csv"):
            with growing.open("a") as file:
                file.write(video(3))
        return real(*arguments, **named)

    monkeypatch.setattr(loading, "read_export", read)
    with pytest.raises(TransientError, match=r"a\.csv is still being written"):
        ingest_all(settings)
    assert set(manifests(settings)) == {f"{CHANNEL}/b.csv"}

    monkeypatch.setattr(loading, "read_export", real)
    ingest_all(settings)
    assert {row["post_key"][-1] for row in rows(settings)} == {"1", "2", "3"}


def test_rewritten_file_of_the_same_size_waits_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    real = loading.read_export

    def read(*arguments: Any, **named: Any) -> Any:
        outcome = real(*arguments, **named)
        drop(settings, f"{CHANNEL}/a.csv", videos(2), datetime(2026, 5, 9, 13, tzinfo=UTC))
        return outcome

    monkeypatch.setattr(loading, "read_export", read)
    with pytest.raises(TransientError, match="still being written"):
        ingest_all(settings)


@pytest.mark.parametrize(
    "error", [RuntimeError("a fault of ours"), OSError(5, "Input/output error"), MemoryError()]
)
def test_our_fault_is_told_and_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/b.csv", videos(2))
    real = export.recognise

    def recognise(path: Path, encoding: str) -> Any:
        if path.name == "a.csv":
            raise error
        return real(path, encoding)

    monkeypatch.setattr(export, "recognise", recognise)
    with pytest.raises(TransientError, match=r"a\.csv"):
        ingest_all(settings)
    assert {path: one.status for path, one in manifests(settings).items()} == {
        f"{CHANNEL}/a.csv": "failed",
        f"{CHANNEL}/b.csv": "loaded",
    }

    monkeypatch.setattr(export, "recognise", real)
    ingest_all(settings)
    assert {one.status for one in manifests(settings).values()} == {"loaded"}


def test_a_failed_file_that_is_moved_fails_no_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/b.csv", videos(2))

    def recognise(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(export, "recognise", recognise)
    with pytest.raises(TransientError):
        ingest_all(settings)
    assert {one.status for one in manifests(settings).values()} == {"failed"}

    drop(settings, "youtube/moved/a.csv", file.read_text())
    file.unlink()
    plan(settings)

    assert set(manifests(settings)) == {f"{CHANNEL}/b.csv"}


def test_unreadable_file_is_told_and_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/b.csv", videos(2))
    real = Path.open

    def locked(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(TransientError, match=r"a\.csv cannot be opened"):
        ingest_all(settings)
    found = manifests(settings)
    assert (found[f"{CHANNEL}/a.csv"].status, found[f"{CHANNEL}/b.csv"].status) == ("failed", "loaded")
    assert "Permission denied" in str(found[f"{CHANNEL}/a.csv"].message)

    monkeypatch.setattr(Path, "open", real)
    ingest_all(settings)
    assert {one.status for one in manifests(settings).values()} == {"loaded"}


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_zipped_and_bare_are_one_file(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/Table data.csv", videos(1))
    drop(
        settings,
        f"{CHANNEL}/a.zip",
        zipped({"Table data.csv": videos(1).encode(), "Totals.csv": b"Date,Views\n2026-01-01,1\n"}),
    )
    ingest_all(settings)

    found = manifests(settings)
    assert found[f"{CHANNEL}/Table data.csv"].paths == (
        f"{CHANNEL}/Table data.csv",
        f"{CHANNEL}/a.zip/Table data.csv",
    )
    assert found[f"{CHANNEL}/a.zip/Totals.csv"].status == "ignored"
    assert len(found) == 2


def damaged(data: bytes) -> bytes:
    middle = data.index(b"Table data.csv") + 40
    return data[:middle] + bytes(255 - byte for byte in data[middle : middle + 8]) + data[middle + 8 :]


@pytest.mark.parametrize(
    ("archive", "rule"),
    [
        (zipped({"../../evil.csv": b"x"}), "archive_limit"),
        (zipped({"/etc/evil.csv": b"x"}), "archive_limit"),
        (zipped({"inner.zip": zipped({"a.csv": b"x"})}), "archive_limit"),
        (zipped({"bomb.csv": b"0" * (64 << 20)}), "archive_limit"),
        (zipped({f"{n}.csv": b"" for n in range(1001)}, zipfile.ZIP_STORED), "archive_limit"),
        (b"PK\x03\x04 no archive at all", "bad_structure"),
        (zipped({"Table data.csv": videos(*range(200)).encode()})[:-30], "bad_structure"),
        (damaged(zipped({"Table data.csv": videos(*range(200)).encode()})), "bad_structure"),
    ],
    ids=["climbs", "absolute", "nested", "bomb", "crowd", "fake", "cut", "damaged"],
)
def test_hostile_archives_are_refused_as_a_whole(
    settings: Settings, archive: bytes, rule: str, tmp_path: Path
) -> None:
    drop(settings, f"{CHANNEL}/a.zip", archive)
    ingest_all(settings)

    [one] = manifests(settings).values()
    assert (one.path, one.status) == (f"{CHANNEL}/a.zip", "refused")
    assert rows(settings, "rejected_rows")[0]["rule"] == rule
    assert not list(tmp_path.rglob("evil.csv"))


def test_broken_contract_refuses_the_file_and_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    drop(settings, f"{CHANNEL}/b.csv", videos(2))

    file_id = fingerprint(settings.landing / CHANNEL / "a.csv").file_id
    guilty = load_key(file_id, ["youtube", "channel", None])
    validated = Validated([], {guilty: "kind in [...]"})
    monkeypatch.setattr(loading, "validate_rows", lambda *_: validated)
    ingest_all(settings)

    one = manifests(settings)[f"{CHANNEL}/a.csv"]
    assert (one.status, one.rows_read, one.rows_rejected, one.datasets) == (
        "refused",
        1,
        1,
        ("rejected_rows",),
    )
    assert "kind in [...]" in str(one.message)
    assert [row["post_key"] for row in rows(settings)] == ["youtube:VIDEO000002"]
    assert [row["rule"] for row in rows(settings, "rejected_rows")] == ["broken_contract"]


def test_a_name_as_long_as_names_may_be(settings: Settings) -> None:
    longest = f"{CHANNEL}/{'x' * 251}.csv"
    drop(settings, longest, videos(1))
    drop(settings, f"{CHANNEL}/a.csv", videos(2))
    ingest_all(settings)

    assert {path: one.status for path, one in manifests(settings).items()} == {
        f"{CHANNEL}/a.csv": "loaded",
        longest: "loaded",
    }
    assert plan(settings) == []


def test_vanished_file_is_no_failure(settings: Settings) -> None:
    file = drop(settings, f"{CHANNEL}/a.csv", videos(1))
    [batch] = plan(settings)
    file.unlink()

    assert ingest(settings, batch)["files"] == 0
    assert manifests(settings) == {}


def test_nothing_is_left_beside_the_lake(settings: Settings) -> None:
    drop(settings, f"{CHANNEL}/a.csv", videos(1))
    ingest_all(settings)

    assert [path.name for path in settings.lake.rglob(".*")] in ([], [".lock"])


def test_lines_about_a_file_carry_its_path_and_id(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = get_contextvars()
    seen: list[dict[str, Any]] = []

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - what stands around it counts
            seen.append(get_contextvars())

    files = [
        drop(settings, f"{CHANNEL}/{name}/Table data.csv", videos(*ids))
        for name, ids in (("a", (1,)), ("b", (2,)))
    ]
    watch = Watch()
    loading.log.addHandler(watch)
    try:
        ingest_all(settings)
    finally:
        loading.log.removeHandler(watch)

    told = {fields["file"].split("/")[-2]: fields["file_id"] for fields in seen if "file" in fields}
    assert told == {name: fingerprint(file).file_id for name, file in zip(("a", "b"), files, strict=True)}
    assert get_contextvars() == before
