"""A store that is down, refuses or is not there is told with its URL and the remedy, and without a credential."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from creator_tiers import airflow_connections
from creator_tiers.errors import ContractError, TransientError
from creator_tiers.ingestion import ingest, plan
from creator_tiers.settings import Settings, load_settings
from creator_tiers.stores import Store, StoreDownError, StoreRefusedError, open_store, opening
from creator_tiers.stores.opening import connection_options
from tests.ingestion.landings import drop, videos
from tests.stores import server
from tests.stores.conftest import environment_of, settings_of

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 1)


def each_call(store: Store, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "file").write_bytes(b"x")
    return {
        "entries": lambda: store.entries("a"),
        "siblings": lambda: store.siblings("a"),
        "entry": lambda: store.entry("a"),
        "read": lambda: store.read("a"),
        "read_many": lambda: store.read_many(["a"]),
        "write": lambda: store.write("a", b"x"),
        "write_many": lambda: store.write_many({"a": b"x"}),
        "write_if": lambda: store.write_if("a", b"x", None),
        "upload": lambda: store.upload(tmp_path / "file", "a"),
        "download": lambda: store.download({"a": tmp_path / "a"}),
        "delete": lambda: store.delete(["a"]),
    }


CALLS = (
    "entries",
    "siblings",
    "entry",
    "read",
    "read_many",
    "write",
    "write_many",
    "write_if",
    "upload",
    "download",
)


@pytest.mark.parametrize("call", [*CALLS, "delete"])
def test_down(call: str, access: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # noqa: ARG001
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.free_port()}")
    store = open_store("s3://some-bucket/x", load_settings({}))

    with pytest.raises(StoreDownError, match=r"^s3://some-bucket/x cannot be reached .*try again") as told:
        each_call(store, tmp_path)[call]()
    assert isinstance(told.value, TransientError)
    assert told.value.__cause__ is None
    assert server.SECRET not in str(told.value)


@pytest.mark.parametrize("call", [one for one in CALLS if one not in ("entry", "siblings")])
def test_no_bucket(call: str, access: str, tmp_path: Path) -> None:  # noqa: ARG001
    store = open_store("s3://not-there/x", load_settings({}))
    if call in ("entries", "read", "read_many", "download"):
        pytest.skip("a reader is told that nothing is there; whoever writes first is told of the bucket")

    with pytest.raises(StoreRefusedError, match=r"s3://not-there/x: there is no such bucket"):
        each_call(store, tmp_path)[call]()


def test_refused_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with server.running(INITIAL_NO_AUTH_ACTION_COUNT="1") as endpoint:
        server.make_bucket(endpoint)
        for name, value in server.environment(endpoint).items():
            monkeypatch.setenv(name, value)
        store = open_store(f"s3://{server.BUCKET}/x", load_settings({}))
        for name, call in each_call(store, tmp_path).items():
            with pytest.raises(
                StoreRefusedError, match=f"s3://{server.BUCKET}/x refuses access .*AWS_"
            ) as told:
                call()
            assert server.SECRET not in str(told.value), name
            assert "PLANTEDKEYID" not in str(told.value), name
        with pytest.raises(ContractError, match="refuses access"):
            plan(settings_of(f"s3://{server.BUCKET}/x", tmp_path))


def test_no_credentials(access: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    for name in server.ACCESS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(StoreRefusedError, match=r"no credentials .*set AWS_ACCESS_KEY_ID"):
        open_store("s3://some-bucket/x", load_settings({})).write("a", b"")


def test_store_that_goes_down_in_the_middle_stops_the_batch(
    remote: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(remote, "youtube/a/a.csv", videos(1))
    drop(remote, "youtube/b/b.csv", videos(2))
    [batch] = plan(remote)

    def down(*_: Any) -> Any:
        raise StoreDownError("down")

    with monkeypatch.context() as patch:
        patch.setattr("creator_tiers.stores.objects.ObjectStore.download", down)
        with pytest.raises(StoreDownError, match=r"^down$"):
            ingest(remote, batch)
    assert len(plan(remote)[0]["paths"]) == 2


def test_store_that_ignores_conditions_is_refused(remote: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(store: Any, name: str, content: bytes, _: str | None) -> bool:
        store.write(name, content)
        return True

    monkeypatch.setattr("creator_tiers.stores.objects.ObjectStore.write_if", write)

    with pytest.raises(StoreRefusedError, match="does not keep to conditional writes"):
        plan(remote)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # fsspec's, of what it half made
@pytest.mark.parametrize("protocol", ["nosuch", "ftp"])
def test_a_store_that_cannot_be_opened(protocol: str) -> None:
    with pytest.raises(StoreRefusedError, match=f"no store {protocol}:// can be opened"):
        open_store(f"{protocol}://x/y", load_settings({}))


def connection(**changes: Any) -> Any:
    told = {"conn_id": "c", "conn_type": "aws", "login": "k", "password": "s", "extra_dejson": {}} | changes
    return SimpleNamespace(**told)


def test_connection_becomes_options() -> None:
    extra = {"endpoint_url": "http://x", "region_name": "eu-central-1", "aws_session_token": "t"}
    assert connection_options(connection(extra_dejson=extra)) == {
        "key": "k",
        "secret": "s",
        "token": "t",
        "endpoint_url": "http://x",
        "client_kwargs": {"region_name": "eu-central-1"},
    }
    bare = connection(login=None, password=None, extra_dejson={"profile_name": "p", "verify": False})
    assert connection_options(bare) == {"profile": "p", "client_kwargs": {"verify": False}}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"conn_type": "postgres"}, "of the type 'postgres'"),
        ({"extra_dejson": {"role_arn": "a"}}, "role_arn"),
    ],
)
def test_connection_that_cannot_be_used(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(StoreRefusedError, match=why):
        connection_options(connection(**changes))


def test_connection_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "find_connection", lambda _: None)
    settings = load_settings({"CREATOR_TIERS_STORE_CONNECTION": "mine"})
    open_store("s3://x/y", settings)
    monkeypatch.setattr(opening, "in_task", lambda: True)
    with pytest.raises(StoreRefusedError, match="no Airflow connection mine"):
        open_store("s3://x/y", settings)
    open_store("s3://x/y", load_settings({}))
    assert not airflow_connections.in_task()


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"CREATOR_TIERS_LAKE": "s3://key:hidden@bucket/x"}, "must not hold credentials"),
        ({"CREATOR_TIERS_LAKE": "s3://bucket"}, "names no place"),
        ({"CREATOR_TIERS_LAKE": "s3://bucket/../x"}, "names no place"),
        ({"CREATOR_TIERS_LAKE": "s3://bucket/a//b"}, "names no place"),
        ({"CREATOR_TIERS_LANDING": "s3://b/a", "CREATOR_TIERS_LAKE": "s3://b/a/lake"}, "lie in one another"),
        ({"CREATOR_TIERS_LANDING": "/x/y", "CREATOR_TIERS_LAKE": "/x/y"}, "lie in one another"),
    ],
)
def test_places_that_cannot_be_used(environment: dict[str, str], why: str) -> None:
    from creator_tiers.settings import ConfigurationError

    with pytest.raises(ConfigurationError, match=why) as told:
        load_settings(environment)
    assert "hidden" not in str(told.value)


def test_places(tmp_path: Path) -> None:
    from creator_tiers.settings import ConfigurationError

    folders = load_settings(
        {"CREATOR_TIERS_LANDING": str(tmp_path / "a"), "CREATOR_TIERS_LAKE": f"file://{tmp_path}/b"}
    )
    assert (folders.landing, folders.lake) == (tmp_path / "a", tmp_path / "b")
    far = load_settings(environment_of("s3://bucket/x", tmp_path))
    assert (far.landing_place, far.lake_url) == ("s3://bucket/x/landing", "s3://bucket/x/lake")
    for place in ("landing", "lake"):
        with pytest.raises(ConfigurationError, match="no folder on this machine: s3://bucket/x"):
            getattr(far, place)
