"""Exit code 0 when a service is well: `healthy.py api-server | scheduler | dag_processor | triggerer | worker`.

Airflow's API server tells the heartbeats of the others; a Celery worker is asked itself. Cheap on purpose: importing
Airflow each half minute in each container would keep a core busy.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from urllib.parse import urlsplit
from urllib.request import urlopen


def main(name: str) -> bool:
    """Whether the service is well."""
    if name == "worker":
        from celery import Celery

        queue = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
        return bool(queue.control.ping([f"celery@{socket.gethostname()}"], timeout=10))
    host = "localhost" if name == "api-server" else "airflow-api-server"
    path = urlsplit(os.environ.get("AIRFLOW__API__BASE_URL", "")).path.rstrip("/")
    with urlopen(f"http://{host}:8080{path}/api/v2/monitor/health", timeout=10) as answer:
        told = json.load(answer)
    part = "metadatabase" if name == "api-server" else name
    return bool(told[part]["status"] == "healthy")


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1]))
