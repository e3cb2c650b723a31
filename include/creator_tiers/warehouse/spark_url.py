"""The URL of a Spark warehouse: which cluster, which folder.

    spark://host:7077?home=/shared/warehouse             a standalone cluster; `spark://a:7077,b:7077` with two masters
    spark+local://2?home=/path/warehouse                 two threads of this process, no cluster; `*` for every core
    ...&spark.executor.memory=4g&wait=60                 Spark's own settings, and the options below

| option | default | says |
|---|---|---|
| `home` | `$CREATOR_TIERS_HOME/spark` | the folder of the tables, at this path on every machine, as the lake is |
| `wait` | 30 | seconds to wait for another writer, or for the cluster's first executor |
| `keep` | 24 | hours that replaced files stay, for readers at work |
| `spark.*` | | a Spark setting, such as `spark.sql.shuffle.partitions=64` |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from creator_tiers.warehouse.errors import WarehouseError

CLUSTER, LOCAL = "spark", "spark+local"

PINNED: Mapping[str, str] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.session.collation.default": "UTF8_BINARY",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.caseSensitive": "false",
}
"""What the numbers depend on: the same on every session, whatever the cluster's defaults are.

Errors instead of NULLs, UTC, times without a zone, dates by the proleptic Gregorian calendar, texts compared by bytes.
"""


@dataclass(frozen=True, slots=True)
class SparkPlace:
    """A Spark warehouse.

    Attributes:
        master: as Spark names it: `spark://host:7077`, `local[2]`.
        home: the folder of the tables.
        wait: how long to wait for another writer or for an executor.
        keep: how long unnamed files stay.
        conf: settings for Spark.
    """

    master: str
    home: Path
    wait: timedelta = timedelta(seconds=30)
    keep: timedelta = timedelta(hours=24)
    conf: Mapping[str, str] = field(default_factory=dict)


def is_spark(url: str) -> bool:
    """Whether the URL names a Spark warehouse."""
    return url.partition("://")[0] in (CLUSTER, LOCAL)


def parse_url(url: str, default_home: Path) -> SparkPlace:
    """The place that a URL names; this module's head has its form.

    Raises:
        WarehouseError: it has a part that cannot be used; the message says which.
    """
    parts = urlsplit(url)
    if not parts.netloc or parts.path not in ("", "/"):
        raise _unusable(url, "between :// and ? stands the master alone, the folder is ?home=/path")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    conf = {name: options.pop(name) for name in list(options) if name.startswith("spark.")}
    home = Path(options.pop("home", "") or default_home)
    wait, keep = _number(url, options, "wait", 30), _number(url, options, "keep", 24)
    if options:
        raise _unusable(
            url, f"it has no option {', '.join(sorted(options))}; Spark's settings begin with `spark.`"
        )
    fixed = sorted(set(conf) & set(PINNED))
    if fixed:
        raise _unusable(url, f"{', '.join(fixed)} must stay as it is: the numbers depend on it")
    if not home.is_absolute():
        raise _unusable(
            url, f"home={home} is no absolute path, and the cluster's machines have other folders"
        )
    master = f"spark://{parts.netloc}"
    if parts.scheme == LOCAL:
        if parts.netloc != "*" and not (parts.netloc.isdigit() and int(parts.netloc)):
            raise _unusable(url, "after spark+local:// stands the number of threads, or *")
        master = f"local[{parts.netloc}]"
    return SparkPlace(master, home, timedelta(seconds=wait), timedelta(hours=keep), conf)


def _number(url: str, options: dict[str, str], name: str, default: float) -> float:
    text = options.pop(name, "") or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e6:
        raise _unusable(url, f"{name}={text!r} is no number from 0")
    return value


def _unusable(url: str, why: str) -> WarehouseError:
    shown = url.partition("?")[0]  # a setting may be a secret
    return WarehouseError(
        f"CREATOR_TIERS_WAREHOUSE={shown!r} cannot be used: {why}; write it like spark://host:7077?home=/shared/warehouse"
    )
