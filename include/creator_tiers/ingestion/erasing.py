"""Loads of the lake made again without the accounts that must be forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from creator_tiers.exports.sql import literal
from creator_tiers.ingestion.forgotten import MASK, WHOLLY, Forgotten, with_note
from creator_tiers.ingestion.keeping import REJECTED
from creator_tiers.lake.manifests import Manifest
from creator_tiers.lake.store import ERASED, Lake

FORGOTTEN_MEANWHILE = "an account was forgotten meanwhile: these files must be read again"


def erase_from(
    lake: Lake, key: bytes, connection: duckdb.DuckDBPyConnection, load_keys: Collection[str]
) -> None:
    """Erase what is forgotten by now from loads that were just made or changed by somebody who did not know it yet.

    Either this sees the list of forgotten accounts as it is after an erasure began, or the erasure, which lists the
    loads after that, sees these loads: none slips through between the two.

    Raises:
        TransientError: another machine makes one of them again at the same time.
    """
    erasure = Erasure(lake, Forgotten(lake.store, key), connection)
    for load_key in sorted(load_keys):
        manifest = lake.manifest(load_key)
        if manifest is not None and lake.is_whole(manifest):
            erasure.erase(manifest)


class Erasure:
    """Rewrites one load after another."""

    def __init__(self, lake: Lake, forgotten: Forgotten, connection: duckdb.DuckDBPyConnection) -> None:
        self.lake = lake
        self.forgotten = forgotten
        self.connection = connection
        self.loads = 0
        self.rows: Counter[str] = Counter()
        self.refused = 0

    def erase(self, old: Manifest) -> None:
        """Make a load again without the accounts; a load that does not name one stays as it is."""
        self.lake.remove_superseded(old)
        new = self._masked(old)
        own = bool(old.account_handle) and self.forgotten.has(f"{old.platform}:{old.account_handle}")
        written: dict[str, Path] = {}
        if own:
            for dataset in old.datasets:
                rows = pq.read_metadata(self.lake.file(old, dataset)).num_rows
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
        new = replace(new, revision=old.revision + 1, token=self.lake.new_token())
        for dataset in new.datasets:
            source = written.get(dataset) or self.lake.file(old, dataset)
            self.lake.put(new, dataset, partial(_link_or_move, source))
        self.lake.replace(new, old)
        self.loads += 1

    def _without(self, old: Manifest, new: Manifest, dataset: str, written: dict[str, Path]) -> Manifest:
        """The manifest after the accounts' rows of a dataset are left out of a file beside the old one."""
        path = self.lake.file(old, dataset)
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
        target = path.with_suffix(ERASED)
        self.connection.execute("SET VARIABLE erased = $values", {"values": values})
        query = query.replace("$values", "getvariable('erased')")
        self.connection.execute(
            f"COPY ({query}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
        )
        return target

    def _masked(self, old: Manifest) -> Manifest:
        """The manifest without the handles in its paths and in what validation observed."""
        shown = [
            {**row, "observed": MASK} if self.forgotten.tells(str(row.get("observed", ""))) else row
            for row in old.validation
        ]
        paths = tuple(sorted({self.forgotten.masked(path) for path in old.paths}))
        return replace(old, paths=paths, validation=tuple(shown))


def _link_or_move(source: Path, target: Path) -> None:
    """A rewritten file is moved, one that stays the same is linked: its old name goes with the old revision."""
    if source.suffix == ERASED:
        source.replace(target)
    else:
        target.hardlink_to(source)
