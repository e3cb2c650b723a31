"""The small benchmark of continuous integration: ratios of processor time at small sizes, held against records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from bench.exports import write_meta_export
from bench.history import LOAD_ROWS, write_day, write_history
from bench.kinds.ingestion import FILE
from bench.kinds.marts import must_agree
from bench.measuring import ROOT, Measured, measure, must_equal
from bench.table import Line

RECORDED = Path(__file__).parent / "recorded.yaml"
TOLERANCE = 1.5
"""Times the recorded ratio from which a ratio is worse."""
TRIES = 3
"""What is worse is tried again, so many times in all: other work on a machine makes a try worse, never better."""
ROWS = 300_000
CREATORS = 10_000


def worse_than_recorded(folder: Path) -> list[str]:
    """Measure and print each ratio; those that are worse than recorded."""
    recorded: dict[str, float] = yaml.safe_load(RECORDED.read_text(encoding="utf-8"))
    if set(recorded) != set(WORKS):
        return [f"{RECORDED.name} should name {', '.join(WORKS)}"]
    best: dict[tuple[str, str], Measured] = {}
    worse = dict(recorded)
    for number in range(TRIES):
        worse = {
            name: most
            for name, most in worse.items()
            if _ratio(name, best, folder / f"{name}-{number}") > TOLERANCE * most
        }
        if not worse:
            break
    return [
        f"{name}: recorded {most}, found more than {TOLERANCE} times that" for name, most in worse.items()
    ]


def _ratio(name: str, best: dict[tuple[str, str], Measured], home: Path) -> float:
    """The ratio of a work, each side the best of all tries so far."""
    for side, one in zip(("ours", "beside"), WORKS[name](home), strict=True):
        key = name, side
        best[key] = min(best.get(key, one), one, key=lambda tried: tried.processor)
    ours, beside = best[name, "ours"], best[name, "beside"]
    ratio = ours.processor / beside.processor
    print(
        Line("quick", f"beside {beside.processor:.1f} s", name, ours, ratio, "see bench/quick.py"), flush=True
    )
    return ratio


def _ingest(home: Path) -> Iterable[Measured]:
    """A file of 300,000 rows into the lake, beside DuckDB's `read_csv`."""
    file = home / "landing" / FILE
    write_meta_export(file, ROWS)
    floor, lake = measure("floor", home, file), measure("lake", home, file)
    must_equal("lake", lake.figures, floor.figures)
    return lake, floor


def _build(home: Path) -> Iterable[Measured]:
    """Every table of 100,000 observations, beside the script by hand."""
    write_history(home / "lake", LOAD_ROWS)
    built, script = measure("marts", home), measure("script", home)
    must_agree("the script", script)
    return built, script


def _day(home: Path) -> Iterable[Measured]:
    """A day's 10,000 rows to the marts of 100,000 observations, beside the script that makes the marts whole."""
    _, script = _build(home)
    write_day(home / "landing")
    return measure("day", home), script


def _comparison(home: Path) -> Iterable[Measured]:
    """Every table of a week of 10,000 creators, beside 50 of scipy's bootstraps."""
    return measure("weekly", home, str(CREATORS)), measure("scipy_bootstrap", home, "50")


def _dags(home: Path) -> Iterable[Measured]:
    """All DAG files, beside the import of Airflow's SDK."""
    return measure("dag", home, ROOT / "dags"), measure("bare_airflow", home)


WORKS: dict[str, Callable[[Path], Iterable[Measured]]] = {
    "ingest": _ingest,
    "build": _build,
    "day": _day,
    "comparison": _comparison,
    "dags": _dags,
}
"""What is measured: each gives ours and what it is measured beside."""
