"""Airflow's home on this machine: its configuration, its secrets, its environment."""

from __future__ import annotations

import configparser
import json
import os
import secrets
import shutil
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from creator_tiers.settings import RESOURCES, Settings

MARKER = "CREATOR_TIERS_RUNNER"
"""Environment variable that every process started by a runner carries: the runner's id."""

ON_REQUEST = "CREATOR_TIERS_ON_REQUEST"
"""Environment variable: `1` while nothing may start by the clock."""

USER = "admin"

_LOCAL_SETTINGS = Path(__file__).parent / "local_settings.py"


@dataclass(frozen=True, slots=True)
class AirflowHome:
    """The folder of the local Airflow.

    Attributes:
        settings: the project's settings; the folder is `airflow/` in their home.
    """

    settings: Settings

    @property
    def root(self) -> Path:
        """AIRFLOW_HOME."""
        return self.settings.home / "airflow"

    @property
    def logs(self) -> Path:
        """Where services and tasks log."""
        return self.root / "logs"

    @property
    def database(self) -> Path:
        """Airflow's metadata."""
        return self.root / "airflow.db"

    @property
    def lock(self) -> Path:
        """Held by the one runner of this home; says how to reach it."""
        return self.root / "runner.lock"

    @property
    def stamp(self) -> Path:
        """Names the Airflow version that the metadata was last migrated to."""
        return self.root / "migrated"

    @property
    def password(self) -> str:
        """The password of the user `admin`."""
        return str(json.loads(self._passwords.read_text())[USER])

    @property
    def _passwords(self) -> Path:
        return self.root / "passwords.json"

    @property
    def _config(self) -> Path:
        return self.root / "airflow.cfg"

    def is_migrated(self) -> bool:
        """Whether the metadata suits the installed Airflow."""
        return (
            self.database.exists()
            and self.stamp.exists()
            and self.stamp.read_text().strip() == version("apache-airflow-core")
        )

    def write(self) -> None:
        """Create the folder and write its files, keeping the secrets that are there."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        config = self._sections()
        lines = ["# Written by creator_tiers.airflow_local at each start; do not edit."]
        for section, options in config.items():
            lines += ["", f"[{section}]", *(f"{name} = {value}" for name, value in options.items())]
        _write_private(self._config, "\n".join(lines) + "\n")
        if not self._passwords.exists():
            _write_private(self._passwords, json.dumps({USER: secrets.token_urlsafe(12)}))
        (self.root / "config").mkdir(exist_ok=True)
        shutil.copyfile(_LOCAL_SETTINGS, self.root / "config" / "airflow_local_settings.py")

    def environment(
        self, environment: Mapping[str, str], *, port: int, runner: str, on_request: bool
    ) -> dict[str, str]:
        """The environment of Airflow's processes.

        Settings of another Airflow (`AIRFLOW_HOME`, `AIRFLOW__...`) are left out, connections (`AIRFLOW_CONN_...`)
        kept; a proxy is never asked for addresses on this machine.

        Args:
            environment: what the user's shell gives.
            port: the port of the API server.
            runner: the id that marks the processes.
            on_request: whether nothing may start by the clock.
        """
        env = {
            name: value
            for name, value in environment.items()
            if not name.startswith("AIRFLOW__") and name != "AIRFLOW_CONFIG"
        }
        local = ",".join(filter(None, [env.get("no_proxy") or env.get("NO_PROXY"), "127.0.0.1,localhost"]))
        url = f"http://127.0.0.1:{port}"
        env |= {
            "AIRFLOW_HOME": str(self.root),
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "CREATOR_TIERS_HOME": str(self.settings.home),
            "GX_ANALYTICS_ENABLED": "false",
            "MPLBACKEND": "Agg",
            "NO_PROXY": local,
            "no_proxy": local,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)]),
            "PYTHONUNBUFFERED": "1",
            MARKER: runner,
            ON_REQUEST: "1" if on_request else "0",
        }
        return env

    def _sections(self) -> dict[str, dict[str, str]]:
        old = configparser.ConfigParser(interpolation=None)
        old.read(self._config)

        def kept(section: str, option: str, fresh: str) -> str:
            return old.get(section, option, fallback=fresh)

        repository = RESOURCES.parent
        return {
            "core": {
                "dags_folder": str(repository / "dags"),
                "plugins_folder": str(repository / "plugins"),
                "executor": "LocalExecutor",
                "parallelism": "4",
                "load_examples": "False",
                "dags_are_paused_at_creation": "False",
                "fernet_key": kept("core", "fernet_key", urlsafe_b64encode(secrets.token_bytes(32)).decode()),
                "simple_auth_manager_users": f"{USER}:admin",
                "simple_auth_manager_passwords_file": str(self._passwords),
            },
            "database": {
                "sql_alchemy_conn": f"sqlite:///{self.database}",
                "sql_alchemy_connect_args": "airflow_local_settings.SQLITE",
                "sql_alchemy_connect_args_async": "airflow_local_settings.SQLITE",
            },
            "api": {
                "host": "127.0.0.1",
                "workers": "1",
                "secret_key": kept("api", "secret_key", secrets.token_urlsafe(32)),
            },
            "api_auth": {"jwt_secret": kept("api_auth", "jwt_secret", secrets.token_urlsafe(64))},
            "scheduler": {"scheduler_idle_sleep_time": "0.2", "enable_health_check": "False"},
            "dag_processor": {"refresh_interval": "30", "min_file_process_interval": "30"},
            "logging": {"base_log_folder": str(self.logs), "colored_console_log": "False"},
            "usage_data_collection": {"enabled": "False"},
        }


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text(text)
    fresh.replace(path)
