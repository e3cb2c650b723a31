"""A backup put back into an empty home, and the warehouse built from it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from creator_tiers.errors import ContractError
from creator_tiers.keys import NAME as HASH_KEY
from creator_tiers.lake import open_lake
from creator_tiers.operations.backup import FORMAT, LIST, Done, digest, names
from creator_tiers.operations.state import copy_state, state_rows
from creator_tiers.settings import Settings
from creator_tiers.warehouse import open_warehouse
from creator_tiers.warehouse.build import rebuild
from creator_tiers.warehouse.state import kept_tables, mark_written, publish_if_stale


def restore(settings: Settings, folder: Path) -> Done:
    """Put a backup back and build the warehouse.

    Everything is looked at before anything is written. The lake's notes come last: a restore that was stopped has lost
    nothing, and must be begun again with an empty home.

    Raises:
        ContractError: the folder is no whole backup, or the home is not empty; nothing was written.
        WarehouseError: the warehouse cannot be built; the lake is there, and `creator-tiers rebuild` builds it.
    """
    done = Done()
    with done.timed("checksums"):
        listed = _checked(folder)
    _refuse_what_is_in_use(settings, folder)
    done.loads, done.files = listed["loads"], len(listed["files"])
    done.size = sum((folder / name).stat().st_size for name in listed["files"])
    with done.timed("home"):
        _put_home(settings, folder / "home")
    with done.timed("state"):
        copy_state(f"sqlite:///{folder / 'state.sqlite'}", settings.state_url)
    with done.timed("lake"):
        _put_lake(settings, folder / "lake")
    with done.timed("warehouse"):
        rebuild(settings)
        _put_tables(settings, folder / "tables")
    return done


def _checked(folder: Path) -> dict[str, Any]:
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContractError(f"{folder} is no whole backup: {LIST} cannot be read ({error})") from error
    if listed.get("format") != FORMAT:
        raise ContractError(
            f"{folder} is a backup of format {listed.get('format')}, this program knows {FORMAT}"
        )
    wrong = [name for name in listed["files"] if not (folder / name).is_file()]
    wrong += [name for name in names(folder) if listed["files"].get(name) != digest(folder / name)]
    if wrong:
        raise ContractError(f"{folder} is damaged: {', '.join(wrong[:5])} is not what was written")
    return dict(listed)


def _refuse_what_is_in_use(settings: Settings, folder: Path) -> None:
    lake = open_lake(settings)
    if lake.manifests():
        raise ContractError(f"the lake {lake.store.where} is not empty; restore into an empty home")
    if state_rows(settings.state_url):
        raise ContractError(
            "the state store knows of deliveries already; restore into an empty one (CREATOR_TIERS_STATE)"
        )
    own, kept = settings.home / HASH_KEY, folder / "home" / HASH_KEY
    if own.is_file() and kept.is_file() and own.read_bytes() != kept.read_bytes():
        raise ContractError(
            f"{own} is another key than the backup's; remove it, or restore into another home"
        )


def _put_home(settings: Settings, source: Path) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_dir():
            shutil.copytree(path, settings.home / path.name, dirs_exist_ok=True)
        else:
            shutil.copy2(path, settings.home / path.name)


def _put_lake(settings: Settings, source: Path) -> None:
    store = open_lake(settings).store
    for name in sorted(names(source), key=_order):
        store.upload(source / name, name)


def _order(name: str) -> tuple[int, str]:
    """Rows, then what makes them count, then what is noted about files; what must be forgotten before all."""
    first = name.partition("/")[0]
    return {"forgotten": 0, "manifests": 2, "seen": 3, "plans": 3}.get(first, 1), name


def _put_tables(settings: Settings, source: Path) -> None:
    with open_warehouse(settings) as warehouse:
        with warehouse.transaction():
            for one in kept_tables():
                path = source / f"{one.full_name}.parquet"
                if path.is_file():
                    rows = pq.read_table(path)
                    known = [column.name for column in one.columns if column.name in rows.column_names]
                    warehouse.load_rows(one, rows.select(known))
            mark_written(warehouse, settings)
        publish_if_stale(warehouse, settings)
