"""Makes the secrets of the compose file, once: random, or what the environment names. Never prints one.

Two folders, a volume each: `servers` is read by PostgreSQL (another user, so its files are open to all who mount the
volume), `airflow` by nobody but Airflow's own user.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

ROOT = Path("/var/lib/creator-tiers-secrets")
LOGINS = {
    "postgres": "POSTGRES_PASSWORD",
    "airflow": "AIRFLOW_DB_PASSWORD",
    "creator_tiers_pipeline": "PIPELINE_DB_PASSWORD",
    "creator_tiers_state": "STATE_DB_PASSWORD",
    "creator_tiers_reader": "READER_DB_PASSWORD",
}
"""Login of PostgreSQL -> the variable that may name its password."""

AIRFLOW = {
    "admin_password": "AIRFLOW_ADMIN_PASSWORD",
    "fernet_key": "AIRFLOW_FERNET_KEY",
    "jwt_secret": "AIRFLOW_JWT_SECRET",
    "api_secret_key": "AIRFLOW_API_SECRET_KEY",
}
"""Secret of Airflow -> the variable that may name it."""

USED_BY_AIRFLOW = ("airflow", "creator_tiers_pipeline", "creator_tiers_state")


def main() -> None:
    """Make what is missing."""
    for login, variable in LOGINS.items():
        _keep(ROOT / "servers" / login, variable, 0o444)
    for name, variable in AIRFLOW.items():
        _keep(ROOT / "airflow" / name, variable, 0o400)
    passwords = [
        f"*:*:*:{login}:{_escaped((ROOT / 'servers' / login).read_text())}\n" for login in USED_BY_AIRFLOW
    ]
    _write(ROOT / "airflow" / "pgpass", "".join(passwords), 0o600)


def _keep(path: Path, variable: str, mode: int) -> None:
    if not path.exists():
        fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        _write(path, os.environ.get(variable) or fresh, mode)


def _write(path: Path, text: str, mode: int) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


if __name__ == "__main__":
    main()
