"""An object store of the tests' own: moto's server in a process, on a free port."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

BUCKET = "creator-tiers-tests"
SECRET = "planted-secret-9f2c"
ACCESS = {"AWS_ACCESS_KEY_ID": "PLANTEDKEYID", "AWS_SECRET_ACCESS_KEY": SECRET}


@contextmanager
def running(**environment: str) -> Iterator[str]:
    """The endpoint of a server that runs meanwhile."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(endpoint, process)
        yield endpoint
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def make_bucket(endpoint: str, bucket: str = BUCKET) -> None:
    assert _answers(endpoint, "PUT", f"/{bucket}")


def environment(endpoint: str) -> dict[str, str]:
    """What a process must have in its environment to use the server."""
    return {**ACCESS, "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1"}


def _wait(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while True:
        if _answers(endpoint, "GET", "/moto-api/"):
            return
        assert process.poll() is None, "moto's server ended"
        assert time.monotonic() < until, "moto's server does not answer"
        time.sleep(0.1)


def _answers(endpoint: str, method: str, path: str) -> bool:
    connection = http.client.HTTPConnection(endpoint.partition("://")[2], timeout=10)
    try:
        connection.request(method, path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
