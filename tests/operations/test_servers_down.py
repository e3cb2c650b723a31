"""The object store or the mail server goes away in the middle: told where, tried again, none lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from creator_tiers import publishing
from creator_tiers.errors import TransientError
from creator_tiers.ingestion import loading
from creator_tiers.ingestion.validating import Validated
from creator_tiers.orchestration import RETRY_POLICY
from creator_tiers.settings import Settings, load_settings
from creator_tiers.stores import StoreDownError
from creator_tiers.weeks import Week
from tests.ingestion.landings import contents, drop, ingest_all, manifests, videos
from tests.operations.line import Line
from tests.report.mailbox import Mailbox, running
from tests.stores import server
from tests.stores.conftest import environment_of, settings_of

pytestmark = pytest.mark.kill

WEEK = Week.parse("2026-W45")
FILES = 6


@pytest.fixture(scope="module")
def store_port() -> Iterator[int]:
    with server.running() as endpoint:
        server.make_bucket(endpoint)
        yield int(endpoint.rpartition(":")[2])


def is_tried_again(error: Exception) -> bool:
    return RETRY_POLICY.evaluate(error, try_number=1, max_tries=2).action.value == "retry"


def use(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment(f"http://127.0.0.1:{port}").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 1)
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))


def fill(settings: Settings) -> None:
    for number in range(FILES):
        drop(settings, f"youtube/a{number}/Table data.csv", videos(number, number + 1))


@pytest.mark.parametrize("most", [1, 3, 9])
def test_the_store_goes_down_in_the_middle_of_an_ingestion(
    most: int, store_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(store_port, monkeypatch)
    monkeypatch.setattr("s3fs.core.S3FileSystem.cachable", False)
    where = f"s3://{server.BUCKET}/cut{most}"
    whole = load_settings(environment_of(f"s3://{server.BUCKET}/whole{most}", tmp_path / "whole"))
    settings = settings_of(where, tmp_path / "home")
    for one in (settings, whole):
        fill(one)
    line = Line(store_port, b"PUT ", most)
    use(line.port, monkeypatch)
    try:
        with pytest.raises(StoreDownError) as told:
            ingest_all(settings)
        assert line.is_cut
        assert f"{where}/la" in str(told.value)
        with pytest.raises(
            StoreDownError, match=f"cannot be reached at http://127.0.0.1:{line.port} "
        ) as again:
            ingest_all(settings)
        assert is_tried_again(told.value)
        assert is_tried_again(again.value)
        assert server.SECRET not in f"{told.value}{again.value}"
        line.mend()
        ingest_all(settings)
        ingest_all(settings)
    finally:
        line.cut()
    use(store_port, monkeypatch)
    ingest_all(whole)
    assert counted(settings) == counted(whole)
    assert len(manifests(settings)) == FILES


def counted(settings: Settings) -> dict[str, object]:
    """What the lake holds; the server gives each object a time of its own."""
    return {
        one["paths"][0]: (
            one["fates"],
            one["status"],
            sorted(row["post_key"] for row in one["post_observations"]),
        )
        for one in contents(settings).values()
    }


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A draft that has passed the gates."""
    from creator_tiers.samples import write_samples

    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("checked"))})
    write_samples(settings.landing, creators=3, weeks=8, until=WEEK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))
        ingest_all(settings)
    publishing.build_warehouse(settings)
    publishing.compare(settings, WEEK)
    publishing.render(settings, WEEK)
    publishing.check_gates(settings, WEEK)
    return settings


def test_the_mail_server_is_down_while_a_report_is_published(
    checked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(
        {
            "CREATOR_TIERS_HOME": str(checked.home),
            "CREATOR_TIERS_RECIPIENTS": "ann@brand.example,bob@brand.example",
        }
    )
    with running() as mailbox:
        line = Line(mailbox.port)
        line.cut()
        plain = {"disable_ssl": True, "disable_tls": True, "timeout": 5}
        told = {"conn_type": "smtp", "host": "127.0.0.1", "port": line.port, "extra": plain}
        monkeypatch.setenv("AIRFLOW_CONN_CREATOR_TIERS_SMTP", json.dumps(told))
        for _ in range(2):
            with pytest.raises(TransientError, match="Connection refused") as error:
                publishing.deliver(settings, WEEK)
            assert "ann@brand.example" in str(error.value)
            assert f"127.0.0.1:{line.port}" in str(error.value)
            assert is_tried_again(error.value)
        assert (settings.reports / WEEK.label / "report.html").exists(), (
            "the report is published all the same"
        )
        line.mend()
        assert publishing.deliver(settings, WEEK)["sent"] == 2
        assert publishing.deliver(settings, WEEK)["sent"] == 0
        line.cut()
        assert mailbox.recipients == ["ann@brand.example", "bob@brand.example"]


@pytest.mark.parametrize("word", [b"mail FROM", b"DATA\r\n"])
def test_the_line_breaks_before_a_mail_is_handed_over(word: bytes, checked: Settings, tmp_path: Path) -> None:
    from creator_tiers.report import smtp_sender

    settings = replace(
        checked, recipients=("ann@brand.example",), state_url=f"sqlite:///{tmp_path / 'state.sqlite'}"
    )
    with running() as mailbox:
        line = Line(mailbox.port, word, 1)
        through = Mailbox()
        through.port = line.port
        send = smtp_sender(through.connect, "reports@brand.example")
        try:
            with pytest.raises(TransientError) as error:
                publishing.deliver(settings, WEEK, send)
            assert is_tried_again(error.value)
            line.mend()
            assert publishing.deliver(settings, WEEK, send)["sent"] == 1
            assert publishing.deliver(settings, WEEK, send)["sent"] == 0
            assert mailbox.recipients == ["ann@brand.example"]
        finally:
            line.cut()
