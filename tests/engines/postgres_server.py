"""A PostgreSQL server of the tests' own, from the binaries of this machine, gone when the tests are.

Import it as `tests.engines.postgres_server`: by another name there would be another server.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import psycopg
import pytest

MUST_RUN = "CREATOR_TIERS_ENGINES_MUST_RUN"
"""Set where no engine may be skipped: in continuous integration."""

USER = "tester"
_COUNT = itertools.count()

# The server ends when its standard input does: however the tests end, nothing stays behind.
_WATCH = """
folder=$1; shift
"$@" & server=$!
read _
kill -INT $server
wait $server
rm -rf "$folder"
"""


def missing(what: str) -> None:
    """Skip, saying what is missing; fail where nothing may be skipped."""
    if os.environ.get(MUST_RUN):
        pytest.fail(what)
    pytest.skip(what)


def new_database() -> str:
    """The URL of a new, empty database."""
    host = str(_server())
    name = f"warehouse_{os.getpid()}_{next(_COUNT)}"
    with psycopg.connect(host=host, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url(name)


def url(database: str, user: str = USER) -> str:
    """The URL of a database of the server, by its socket."""
    return f"postgresql+psycopg://{user}@/{database}?host={_server()}"


def binaries() -> Path | None:
    """The folder of the server's programs."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@cache
def _server() -> Path:
    """Start the server; the folder of its socket."""
    programs = binaries()
    if programs is None:
        missing("PostgreSQL's server is not on this machine; on Debian: apt-get install postgresql")
        raise AssertionError
    folder = Path(tempfile.mkdtemp(prefix="creator-tiers-postgresql-"))
    as_user: dict[str, str] = {}
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = {"user": "postgres", "group": "postgres"}
    # A language as the database's order of texts: what forgets its COLLATE "C" is found out.
    options = ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--encoding=UTF8"]
    subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "--no-sync", *options],
        check=True, capture_output=True, cwd="/", extra_groups=[] if as_user else None, **as_user,
    )  # fmt: skip
    fast = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "timezone=America/New_York"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["sh", "-c", _WATCH, "watch", folder, programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "",
             *itertools.chain.from_iterable(("-c", one) for one in fast)],
            stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", start_new_session=True,
            extra_groups=[] if as_user else None, **as_user,
        )  # fmt: skip
    _KEPT.append(server)
    for _ in range(600):
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            assert server.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        else:
            return folder
    raise AssertionError((folder / "log").read_text())


_KEPT: list[subprocess.Popen[bytes]] = []
