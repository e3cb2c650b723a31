"""The same exports in another shape: rows permuted, files split, delivered twice, late and in another order.

The tables must not notice, but for the columns that say where a row came from.
"""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from creator_tiers.ingestion import ingest, plan
from creator_tiers.samples import write_samples
from creator_tiers.settings import Settings, load_settings
from creator_tiers.tables import tables
from creator_tiers.warehouse import open_reader
from creator_tiers.warehouse.build import build

pytestmark = pytest.mark.property

ORIGINS = {"file_id", "row_number", "load_key", "loaded_at", "first_loaded_at", "last_loaded_at", "path"}
SIDECAR = ".meta.yaml"

Contents = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, creators=2, weeks=5)
    return folder


@pytest.fixture(scope="module")
def as_they_came(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    settings = _home(tmp_path_factory.mktemp("once"))
    shutil.copytree(samples, settings.landing)
    _run(settings)
    found = _contents(settings)
    assert min(len(found[name]) for name in ("core.posts", "core.post_metrics", "core.orders")) > 20
    return found


@pytest.mark.parametrize("seed", range(2))
def test_another_shape_of_the_same_exports_makes_the_same_tables(
    samples: Path, as_they_came: Contents, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - made-up data
    settings = _home(tmp_path)
    shaped = tmp_path / "shaped"
    changed = sum(
        _shape(path, samples, shaped, rng) for path in sorted(samples.rglob("*")) if _is_export(path)
    )
    assert changed > 20
    files = sorted(path for path in shaped.rglob("*") if _is_export(path))
    rng.shuffle(files)
    third = len(files) // 3
    for part in (files[:third], files[third : 2 * third], files[2 * third :]):
        for path in part:
            _deliver(path, settings.landing / path.relative_to(shaped))
        _run(settings)
    assert "\n".join(_differences(_contents(settings), as_they_came)) == ""


def _shape(path: Path, samples: Path, shaped: Path, rng: random.Random) -> int:
    """Write an export in another shape: 1 when it could be shaped, 0 when it is copied as it is."""
    target = shaped / path.relative_to(samples)
    parts = _split(path, rng) if path.suffix == ".csv" else None
    if parts is None:
        _deliver(path, target)
        return 0
    for number, part in enumerate(parts):
        one = target.with_name(f"{target.stem} ({number}){target.suffix}")
        _deliver(path, one)
        one.write_bytes(part)
        _same_time(path, one)
    if rng.random() < 0.3:
        _deliver(path, target.with_name(f"{target.stem} again{target.suffix}"))
    return 1


def _split(path: Path, rng: random.Random) -> list[bytes] | None:
    """The rows of a plain CSV file, permuted, in one or two files; None for a file of another kind.

    Rows that belong together (the line items of an order) stay together and in their order.
    """
    data = path.read_bytes()
    if data.startswith(b"\xff\xfe"):
        return None
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except csv.Error:  # quotes that are not escaped, as TikTok writes them
        return None
    is_plain = len({len(row) for row in rows}) == 1 and len(rows) > 4 and len(rows[0]) > 2
    if not is_plain:
        return None
    header, *body = rows
    if header[0] == "Date":  # days without a year: their order says which year
        return None
    together: dict[str, list[list[str]]] = {}
    for number, row in enumerate(body):
        together.setdefault(row[0] if header[0] == "Name" else str(number), []).append(row)
    groups = list(together.values())
    rng.shuffle(groups)
    cut = rng.choice([len(groups), len(groups) // 2])
    return [
        _csv([header, *(row for group in part for row in group)])
        for part in (groups[:cut], groups[cut:])
        if part
    ]


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _deliver(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)
    sidecar = path.with_name(path.name + SIDECAR)
    if sidecar.exists():
        shutil.copy2(sidecar, target.with_name(target.name + SIDECAR))


def _same_time(path: Path, other: Path) -> None:
    os.utime(other, (path.stat().st_atime, path.stat().st_mtime))


def _is_export(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(SIDECAR)


def _home(folder: Path) -> Settings:
    return load_settings({"CREATOR_TIERS_HOME": str(folder / "home"), "CREATOR_TIERS_HASH_KEY": "for tests"})


def _run(settings: Settings) -> None:
    for batch in plan(settings):
        ingest(settings, batch)
    build(settings)


def _contents(settings: Settings) -> Contents:
    shown = [
        one
        for name, one in tables().items()
        if name.startswith(("core.", "marts.")) and one.write and "file_id" not in one.key
    ]
    with open_reader(settings) as reader:
        return {
            one.full_name: sorted(
                reader.read(
                    f"SELECT {', '.join(c.name for c in one.columns if c.name not in ORIGINS)} FROM {one.full_name}"
                ).to_pylist(),
                key=repr,
            )
            for one in shown
        }


def _differences(found: Contents, expected: Contents) -> list[str]:
    return [
        f"{name}: {len(found[name])} rows instead of {len(rows)}, {_first(found[name], rows)}"
        for name, rows in expected.items()
        if found[name] != rows
    ]


def _first(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> str:
    extra = [row for row in found if row not in expected]
    missing = [row for row in expected if row not in found]
    return f"e.g. {extra[:1]} and not {missing[:1]}"
