"""The Airflow connection's word on TLS holds: nothing goes in the clear that should not, nor to whom is not trusted."""

from __future__ import annotations

import dataclasses
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from creator_tiers.report import airflow_sender, deliver
from creator_tiers.settings import Settings
from tests.report.conftest import Rendered
from tests.report.mailbox import Mailbox, running

pytestmark = pytest.mark.contract

TO = "ann@brand.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, with its key, that vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextmanager
def server(kind: str, certificate: Path) -> Iterator[Mailbox]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    options = {
        "plain": {},
        "starttls": {"tls_context": context, "require_starttls": True},
        "tls": {"ssl_context": context, "server_hostname": "127.0.0.1"},
    }[kind]
    with running(**options) as mailbox:
        yield mailbox


@pytest.fixture
def one(settings: Settings) -> Settings:
    return dataclasses.replace(settings, recipients=(TO,), sender="reports@brand.example")


def connect(monkeypatch: pytest.MonkeyPatch, home: Path, mailbox: Mailbox, **extra: object) -> None:
    """Configure Airflow's connection, as a user would."""
    monkeypatch.setenv("AIRFLOW_HOME", str(home / "airflow"))
    more = {"retry_limit": 1, "timeout": 10, **extra}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": mailbox.port, "extra": more}
    monkeypatch.setenv("AIRFLOW_CONN_CREATOR_TIERS_SMTP", json.dumps(connection))


STARTTLS = {"disable_ssl": True, "disable_tls": False}
TLS = {"disable_ssl": False, "disable_tls": True}


@pytest.mark.parametrize(("kind", "extra"), [("starttls", STARTTLS), ("tls", TLS)])
def test_a_trusted_server_gets_the_mail_over_tls(
    kind: str,
    extra: dict[str, bool],
    nothing: Rendered,
    one: Settings,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server(kind, certificate) as mailbox:
        connect(monkeypatch, one.home, mailbox, **extra)
        report = deliver(*nothing, one, airflow_sender(one.smtp_connection, one.sender))
        assert report.sent_now == (TO,), report.summary
        assert mailbox.recipients == [TO]
        assert mailbox.was_encrypted == [True]


@pytest.mark.parametrize(("kind", "extra"), [("starttls", STARTTLS), ("tls", TLS)])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    kind: str,
    extra: dict[str, bool],
    nothing: Rendered,
    one: Settings,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server(kind, certificate) as mailbox:
        connect(monkeypatch, one.home, mailbox, **extra)
        report = deliver(*nothing, one, airflow_sender(one.smtp_connection, one.sender))
        assert "CERTIFICATE_VERIFY_FAILED" in str(report.failed[0].error).upper()
        assert mailbox.recipients == []


def test_a_server_that_cannot_encrypt_gets_nothing_when_encryption_is_asked_for(
    nothing: Rendered, one: Settings, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server("plain", certificate) as mailbox:
        connect(monkeypatch, one.home, mailbox, **STARTTLS)
        report = deliver(*nothing, one, airflow_sender(one.smtp_connection, one.sender))
        assert "STARTTLS" in str(report.failed[0].error)
        assert mailbox.recipients == []
