"""A Spark cluster of the tests' own: a standalone master and two workers, gone when the tests are."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from tests.engines.postgres_server import missing

WORKERS = 2

_JAVA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"
"""Java that starts fast and ends soon."""

SMALL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.executor.memory": "512m",
    "spark.cores.max": str(WORKERS),
    "spark.sql.shuffle.partitions": "2",
}
"""Settings for few rows: on few of them Spark spends its time on plans."""

PLAIN = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""For hundreds of queries over a few rows each: plans are carried out as they are, not compiled first."""

# The cluster ends when the standard input does: however the tests end, nothing stays behind.
_WATCH = """
folder=$1; class=$2; master=$3; deploy=org.apache.spark.deploy
"$class" $deploy.master.Master --host 127.0.0.1 --port "$master" --webui-port 0 & all=$!
for one in 1 2; do
    "$class" $deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores 2 --memory 2g \\
        --work-dir "$folder/work$one" "spark://127.0.0.1:$master" & all="$all $!"
done
read _
kill -TERM $all
wait $all
rm -rf "$folder"
"""


def new_place(home: Path, **more: str) -> str:
    """The URL of a warehouse in this folder, on the cluster."""
    return f"{_cluster()}?{urlencode({'home': str(home), 'wait': '1', **SMALL, **more})}"


def local_place(home: Path, **more: str) -> str:
    """The URL of a warehouse in this folder, with Spark inside the process that uses it."""
    require()
    return f"spark+local://2?{urlencode({'home': str(home), 'wait': '1', **SMALL, **more})}"


def require() -> None:
    """Skip where Spark cannot run, saying what is missing."""
    if importlib.util.find_spec("pyspark") is None:
        missing("Spark is not installed; pip install -r requirements-spark.txt")
    if shutil.which("java") is None:
        missing("there is no Java on this machine; on Debian: apt-get install openjdk-17-jre-headless")


@cache
def _cluster() -> str:
    """Start master and workers; the master's URL."""
    require()
    import pyspark

    spark = Path(pyspark.__path__[0])
    folder = Path(tempfile.mkdtemp(prefix="creator-tiers-spark-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "192m",
        "SPARK_DAEMON_JAVA_OPTS": _JAVA,
    }
    with (folder / "log").open("wb") as log:
        watch = subprocess.Popen(
            ["sh", "-c", _WATCH, "watch", folder, spark / "bin" / "spark-class", str(port)],
            stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
    _KEPT.append(watch)
    for _ in range(1200):
        told = (folder / "log").read_text(errors="replace")
        if told.count("Registering worker") >= WORKERS:
            return f"spark://127.0.0.1:{port}"
        assert watch.poll() is None, told
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text(errors="replace"))


_KEPT: list[subprocess.Popen[bytes]] = []
