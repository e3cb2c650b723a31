"""Nobody's name, e-mail, address, phone number or note leaves the export file."""

from __future__ import annotations

import hashlib
import hmac
import logging
from pathlib import Path

import duckdb
import pytest

from creator_tiers.exports.inspecting import inspect_files
from creator_tiers.exports.reading import Limits
from creator_tiers.keys import hash_key
from creator_tiers.settings import load_settings
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build
from creator_tiers.warehouse.state import lasting_tables

from .worlds import Order, drop, home, lists, orders_csv, without_validation

pytestmark = pytest.mark.contract

SECRETS = ("secret", "555 010", "4477", "example.com")


def test_personal_data_is_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    without_validation(monkeypatch)
    caplog.set_level(logging.DEBUG)
    settings = home(tmp_path / "home")
    good = orders_csv([Order(1, 3, ("ANN",), lines=2), Order(2, 4, customer="bob")])
    broken = good.replace(",USD,50.00,", ",USD,secret person,", 1).replace("#2,", ",", 1)
    shifted = "\n".join(
        line.split(",", 1)[-1] if number else line for number, line in enumerate(good.splitlines())
    )
    headless = "\n".join(good.splitlines()[1:])
    drop(
        settings,
        {
            **lists(),
            "orders/shop/good.csv": good,
            "orders/shop/broken.csv": broken,
            "orders/shop/shifted.csv": shifted,
            "orders/shop/headless.csv": headless,
        },
    )
    build(settings)

    said = [(path.name, path.read_bytes().decode("latin-1").lower()) for path in _files(settings.home)]
    said += [
        (path.name, repr(duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall()).lower())
        for path in (settings.home / "lake").rglob("*.parquet")
    ]
    with open_reader(settings) as reader:
        said += [
            (one.full_name, repr(reader.read(f"SELECT * FROM {one.full_name}").to_pylist()).lower())
            for one in lasting_tables()
        ]
        refused = reader.read(
            "SELECT rule, raw, value FROM ops.rejected_rows WHERE row_number IS NOT NULL"
        ).to_pylist()
    said.append(("the log", caplog.text.lower()))
    inspected = inspect_files(
        [(str(path), path) for path in (settings.landing / "orders").rglob("*.csv")], Limits()
    )
    said.append(("inspect", repr(list(inspected)).lower()))
    for where, text in said:
        for secret in SECRETS:
            assert secret not in text, f"{secret!r} in {where}"
    assert refused, "the broken rows are in the quarantine"
    assert hash_key(settings).decode() not in caplog.text
    assert "a key for tests" not in repr(settings)


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and "landing" not in path.parts]


def test_a_customer_is_a_keyed_hash_of_the_trimmed_lower_case_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_validation(monkeypatch)
    settings = home(tmp_path / "home")
    text = orders_csv([Order(1, 3), Order(2, 4)]).replace(
        "Ann.Secret@Example.com", "  ANN.secret@example.com ", 1
    )
    drop(settings, {"orders/shop/a.csv": text})
    build(settings)

    with open_reader(settings) as reader:
        found = reader.read("SELECT DISTINCT customer_hash FROM core.order_versions").to_pydict()[
            "customer_hash"
        ]
        new = reader.read("SELECT is_new_customer FROM core.orders ORDER BY order_key").to_pydict()[
            "is_new_customer"
        ]
    assert found == [hmac.new(b"a key for tests", b"ann.secret@example.com", hashlib.sha256).hexdigest()]
    assert new == [True, False]


@pytest.mark.unit
def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path / "home")})
    key = hash_key(settings)

    assert len(key) == 64
    assert hash_key(settings) == key
    assert (settings.home / "hash.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["hash.key"]
    assert hash_key(load_settings({"CREATOR_TIERS_HOME": str(tmp_path / "other")})) != key
