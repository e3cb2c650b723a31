"""What folder, name and sidecar say of a file, and what they do not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from creator_tiers.exports.inspecting import Inspection, inspect_files
from creator_tiers.exports.reading import Limits

pytestmark = pytest.mark.contract

VIDEOS = "Content,Video title,Views\nVIDEO000001,T,5\n"
ORDERS = "Name,Created at,Financial Status,Total,Currency\n#1,2026-01-01 10:00:00 +0000,paid,5.00,EUR\n"


def inspected(landing: Path, path: str, content: str, sidecar: str | None = None) -> Inspection:
    file = landing / path
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    if sidecar is not None:
        file.with_name(f"{file.name}.meta.yaml").write_text(sidecar, encoding="utf-8")
    [found] = inspect_files([(str(file), file)], Limits())
    return found


@pytest.mark.parametrize(
    ("path", "account"),
    [
        ("youtube/tea/Table data.csv", "tea"),
        ("youtube/tea/2026/march/Table data.csv", "tea"),
        ("clients/one/youtube/tea/Table data.csv", "tea"),
        ("youtube/youtube/Table data.csv", "youtube"),
        ("youtube/tiktok/Table data.csv", "tiktok"),
        ("youtube/orders/Table data.csv", "orders"),
    ],
)
def test_the_folder_names_the_account(tmp_path: Path, path: str, account: str) -> None:
    found = inspected(tmp_path / "landing", path, VIDEOS)

    assert (found.status, found.platform, found.account) == ("loaded", "youtube", account)


@pytest.mark.parametrize(
    ("path", "content", "belongs"),
    [
        ("orders/shop/Table data.csv", VIDEOS, "landing/youtube/<handle>/"),
        ("instagram/tea/orders.csv", ORDERS, "landing/orders/<shop>/"),
        ("web/tea.example/orders.csv", ORDERS, "landing/orders/<shop>/"),
    ],
)
def test_a_folder_of_something_else_names_no_account(
    tmp_path: Path, path: str, content: str, belongs: str
) -> None:
    found = inspected(tmp_path / "landing", path, content)

    assert found.account is None
    assert f"names no account: put it into {belongs}" in str(found.message)


def test_what_a_sidecar_names_holds_in_any_folder(tmp_path: Path) -> None:
    found = inspected(tmp_path / "landing", "inbox/orders.csv", ORDERS, "account: Tea shop\n")

    assert (found.status, found.account, found.message) == ("loaded", "tea shop", None)


@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        ("observed_at: 2026-02-30\n", "day is out of range"),
        ("observed_at: 2026-05-09 25:00:00\n", "hour must be in"),
        ("observed_at: 2026-05-09T18:00:00+99:00\n", "offset must be"),
        ("observed_at: 0001-01-01T00:00:00+05:00\n", "is no date; write it like"),
        ("observed_at: next week\n", "is no date; write it like"),
        ("observed_at:\n", "is no date; write it like"),
        ("period_start: soon\n", "period_start='soon' is no date"),
        ("account: [tea]\n", "account=['tea'] is no name"),
        ("platform: {a: b}\n", "is no name"),
        ("- observed_at\n", "must hold `key: value` lines"),
        ("observed_at: [\n", "cannot be read"),
        pytest.param("[" * 5000, "cannot be read", id="too deep"),
    ],
)
def test_a_sidecar_that_cannot_be_used_refuses_its_file(tmp_path: Path, sidecar: str, message: str) -> None:
    found = inspected(tmp_path / "landing", "youtube/tea/Table data.csv", VIDEOS, sidecar)

    assert (found.status, found.rejected_by_rule) == ("refused", {"bad_sidecar": 0})
    assert message in str(found.message)
    assert "Table data.csv.meta.yaml" in str(found.message)


def test_a_sidecar_may_begin_with_a_mark_of_order(tmp_path: Path) -> None:
    sidecar = "\ufeffobserved_at: 2026-05-09\n"
    found = inspected(tmp_path / "landing", "youtube/tea/Table data.csv", VIDEOS, sidecar)

    assert found.observed_at == datetime(2026, 5, 9, 23, 59, 59, tzinfo=UTC)
    assert found.message is None


def test_a_key_that_means_nothing_is_told(tmp_path: Path) -> None:
    found = inspected(tmp_path / "landing", "youtube/tea/Table data.csv", VIDEOS, "observed: 2026-05-09\n")

    assert (found.status, found.observed_from) == ("loaded", "modified_at")
    assert "the sidecar says 'observed', which means nothing here; its keys are observed_at" in str(
        found.message
    )
