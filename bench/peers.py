"""The virtualenv of the peers, apart from Airflow's: `.venv-bench`, from `requirements-bench.txt`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.measuring import ROOT

VENV = ROOT / ".venv-bench"
REQUIREMENTS = ROOT / "requirements-bench.txt"


def peers() -> Path | None:
    """The interpreter that has dlt and dbt-duckdb, installed when missing; None when that cannot be done."""
    python, stamp = VENV / "bin" / "python", VENV / ".packages"
    if stamp.exists() and stamp.read_bytes() == REQUIREMENTS.read_bytes():
        return python
    beside = Path(sys.executable).with_name("uv")
    uv = shutil.which("uv") or (str(beside) if beside.exists() else None)
    make = [[uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV]] if uv else []
    make = make or [[sys.executable, "-m", "venv", "--clear", VENV]]
    install = (
        [uv, "pip", "install", "--quiet", "--python", python]
        if uv
        else [python, "-m", "pip", "install", "-qq"]
    )
    try:
        for call in (*make, [*install, "-r", REQUIREMENTS]):
            subprocess.run([str(word) for word in call], check=True)  # noqa: S603 - our own environment
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The peers could not be installed: {error}", file=sys.stderr)
        return None
    stamp.write_bytes(REQUIREMENTS.read_bytes())
    return python
