"""Erase a creator's account from the lake: its rows, the raw text of its refused rows, the paths that name it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from creator_tiers.errors import ContractError
from creator_tiers.exports.context import PLATFORMS, clean_handle
from creator_tiers.exports.sql import literal
from creator_tiers.exports.workbench import workbench
from creator_tiers.ingestion.forgotten import MASK, WHOLLY, Forgotten, with_note
from creator_tiers.ingestion.landing import find_files
from creator_tiers.ingestion.loading import REJECTED
from creator_tiers.keys import hash_key
from creator_tiers.lake.manifests import Manifest, format_time
from creator_tiers.lake.store import Lake, replace_atomically, write_atomically
from creator_tiers.settings import Settings

Progress = Callable[[int, int, str], None]
"""Told before each load: loads done, loads in all, the load's key."""


def forget(settings: Settings, account: str, progress: Progress | None = None) -> dict[str, Any]:
    """Erase an account from the lake, for good: what is read later leaves it out.

    Done again after a crash, or for an account that was forgotten before, it finishes what is left.

    Args:
        settings: where everything is.
        account: `platform:handle`.
        progress: told before each load.

    Returns:
        `account_hash`; `loads` rewritten; `rows` erased by dataset; `refused_rows` blanked; `landing`: the files in the
        landing zone that lie in a folder of the account, which the user must delete. The warehouse is not touched:
        build it.

    Raises:
        ContractError: that is no account.
    """
    key = account_key(account)
    lake = Lake(settings.lake)
    with lake.replacing(), workbench() as connection:
        forgotten = Forgotten(lake.root, hash_key(settings))
        forgotten.add(key)
        erasure = _Erasure(lake, forgotten, key, connection)
        manifests = lake.manifests()
        for number, manifest in enumerate(manifests):
            if progress:
                progress(number, len(manifests), manifest.load_key)
            erasure.erase(manifest)
        erasure.mask_notes()
        done = {
            "forgotten_at": format_time(datetime.now(UTC)),
            "loads": erasure.loads,
            "rows": dict(erasure.rows),
            "refused_rows": erasure.refused,
        }
        forgotten.note(key, done)
    left = [one.path for one in find_files(settings.landing)] if settings.landing.is_dir() else []
    landing = [path for path in left if forgotten.masked(path) != path]
    return {"account_hash": forgotten.hash_of(key), **done, "landing": landing}


def account_key(text: str) -> str:
    """`platform:handle` as keys have it.

    Raises:
        ContractError: it is none.
    """
    platform, _, handle = text.partition(":")
    platform, handle = platform.strip().casefold(), clean_handle(handle)
    if platform not in PLATFORMS or not handle:
        raise ContractError(
            f"{text!r} is no account; write it like instagram:some.handle, with one of {', '.join(PLATFORMS)}"
        )
    return f"{platform}:{handle}"


class _Erasure:
    """Rewrites one load after another."""

    def __init__(
        self, lake: Lake, forgotten: Forgotten, key: str, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.lake = lake
        self.forgotten = forgotten
        self.platform, self.handle = key.split(":", 1)
        self.connection = connection
        self.loads = 0
        self.rows: Counter[str] = Counter()
        self.refused = 0

    def erase(self, old: Manifest) -> None:
        """Make a load again without the account; a load that does not name it stays as it is."""
        self.lake.remove_superseded(old)
        new = self._masked(old)
        own = (old.platform, old.account_handle) == (self.platform, self.handle)
        written: dict[str, Path] = {}
        if own:
            for dataset, path in zip(old.datasets, self.lake.dataset_files_of(old), strict=True):
                rows = pq.read_metadata(path).num_rows
                if dataset == REJECTED:
                    self.refused += rows
                else:
                    self.rows[dataset] += rows
            new = replace(
                new,
                account_handle=None,
                rows_accepted=0,
                rows_duplicate=0,
                rows_rejected=0,
                rows_ignored=old.rows_read,
                status="ignored",
                message=WHOLLY,
                datasets=(),
            )
        else:
            for dataset in old.datasets:
                new = self._without(old, new, dataset, written)
        if new == old:
            return
        new = replace(new, revision=old.revision + 1)
        for dataset in new.datasets:
            source = written.get(dataset, self.lake.dataset_path(dataset, old.load_key, old.revision))
            target = self.lake.dataset_path(dataset, new.load_key, new.revision)
            replace_atomically(target, partial(_link_or_move, source))
        self.lake.replace(new)
        self.loads += 1

    def _without(self, old: Manifest, new: Manifest, dataset: str, written: dict[str, Path]) -> Manifest:
        """The manifest after the account's rows of a dataset are left out of a file beside the old one."""
        path = self.lake.dataset_path(dataset, old.load_key, old.revision)
        source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
        if dataset == REJECTED:
            told = self.forgotten.told_in(self.connection, source, old.platform)
            columns = "* REPLACE (CASE WHEN is_told THEN NULL ELSE raw END AS raw, "
            columns += "CASE WHEN is_told THEN NULL ELSE value END AS value)"
            kept = f"(SELECT *, coalesce(list_contains($values, row_number), false) AS is_told FROM {source})"
            changed = self._rows_to_blank(source, told)
            if changed:
                self.refused += changed
                query = (
                    f"SELECT {columns.replace('* ', '* EXCLUDE (is_told) ')} FROM {kept} ORDER BY row_number"
                )
                written[dataset] = self._write(path, query, told)
                new = replace(new, message=with_note(new.message))
            return new
        found = self.forgotten.named(self.connection, source, dataset)
        if found is None:
            return new
        holder, values = found
        kept = f"NOT coalesce(list_contains($values, {holder}), false)"
        query = f"SELECT * FROM {source} WHERE {kept} ORDER BY row_number"
        written[dataset] = self._write(path, query, values)
        left = pq.read_metadata(written[dataset]).num_rows
        gone = pq.read_metadata(path).num_rows - left
        self.rows[dataset] += gone
        is_main = dataset == next(iter(old.datasets))
        accepted = new.rows_accepted - gone if is_main else new.rows_accepted
        return replace(
            new,
            rows_accepted=accepted,
            rows_ignored=new.rows_ignored + (gone if is_main else 0),
            status="ignored" if not accepted and not new.rows_rejected else new.status,
            message=with_note(new.message),
            datasets=new.datasets if left else tuple(name for name in new.datasets if name != dataset),
        )

    def _rows_to_blank(self, source: str, told: list[int]) -> int:
        [rows] = self.connection.execute(
            f"SELECT count(*) FROM {source} WHERE list_contains($values, row_number) "
            "AND (raw IS NOT NULL OR value IS NOT NULL)",
            {"values": told},
        ).fetchone() or (0,)
        return int(rows)

    def _write(self, path: Path, query: str, values: list[Any]) -> Path:
        target = path.with_suffix(".erased")
        self.connection.execute("SET VARIABLE erased = $values", {"values": values})
        query = query.replace("$values", "getvariable('erased')")
        self.connection.execute(
            f"COPY ({query}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        return target

    def _masked(self, old: Manifest) -> Manifest:
        """The manifest without the handle in its paths and in what validation observed."""
        shown = [
            {**row, "observed": MASK} if self.handle in str(row.get("observed", "")).lower() else row
            for row in old.validation
        ]
        paths = tuple(sorted({self.forgotten.masked(path) for path in old.paths}))
        return replace(old, paths=paths, validation=tuple(shown))

    def mask_notes(self) -> None:
        """Take the handle out of what remembers the paths of landing files."""
        for path in self.lake.root.glob("seen/*.json"):
            record = json.loads(path.read_text(encoding="utf-8"))
            masked = {**record, "path": self.forgotten.masked(record["path"])}
            if masked != record:
                write_atomically(path, json.dumps(masked))
        for path in self.lake.root.glob("plans/*.json"):
            record = json.loads(path.read_text(encoding="utf-8"))
            files = {state: self.forgotten.masked(one) for state, one in record["files"].items()}
            if files != record["files"]:
                write_atomically(path, json.dumps({**record, "files": files}))


def _link_or_move(source: Path, target: Path) -> None:
    """A rewritten file is moved, one that stays the same is linked: its old name goes with the old revision."""
    if source.suffix == ".erased":
        source.replace(target)
    else:
        target.hardlink_to(source)
