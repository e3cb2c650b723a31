"""Accounts that must be forgotten: known by keyed hashes only, and left out of whatever is read."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

import duckdb

from creator_tiers.exports.context import PLATFORMS, clean_handle
from creator_tiers.exports.export import Outcome
from creator_tiers.exports.shelf import remove_rows
from creator_tiers.exports.sql import identifier
from creator_tiers.stores import Entry, Store
from creator_tiers.stores.store import change
from creator_tiers.tables import table

FOLDER = "forgotten"
LEFT_OUT = "rows of forgotten accounts are left out: they count as ignored"
WHOLLY = "the account of this file is forgotten: its rows count as ignored"
MASK = "forgotten"

_WORD = r"[^\s,;\"'@/|<>()]+"


class Forgotten:
    """The accounts that were forgotten: `forgotten/<keyed hash>.json` in the lake, each with what was erased, when."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._key = key
        entries = store.entries(FOLDER)
        self._state = _state(entries)
        self.hashes = frozenset(PurePosixPath(one.name).stem for one in entries)

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def hash_of(self, account_key: str) -> str:
        """The keyed hash by which an account is known here."""
        return hmac.new(self._key, b"account\0" + account_key.encode(), hashlib.sha256).hexdigest()

    def has(self, account_key: str | None) -> bool:
        """Whether an account (`platform:handle`) must be forgotten."""
        return account_key is not None and self.hash_of(account_key) in self.hashes

    def has_changed(self) -> bool:
        """Whether an account was asked to be forgotten since this was read, be it one that was forgotten before."""
        return _state(self._store.entries(FOLDER)) != self._state

    def tells(self, text: str) -> bool:
        """Whether a text holds the handle of a forgotten account as a word."""
        words = set(re.findall(_WORD, text.lower())) if self else set()
        return any(self.has(f"{platform}:{word}") for platform in PLATFORMS for word in words)

    def begin(self, account_key: str) -> None:
        """Remember to forget an account, and let those who are reading files know that it is being done."""
        self._write(account_key, lambda record: record | {"begun": secrets.token_hex(8)})
        self.hashes |= {self.hash_of(account_key)}

    def note(self, account_key: str, event: Mapping[str, Any]) -> None:
        """Write down what was done about an account; it is not named."""
        self._write(account_key, lambda record: record | {"events": [*record["events"], event]})

    def _write(self, account_key: str, add: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        found = self.hash_of(account_key)
        empty = {"account_hash": found, "events": []}

        def decide(content: bytes | None) -> bytes:
            return json.dumps(add(json.loads(content) if content else empty), indent=1).encode("utf-8")

        change(self._store, f"{FOLDER}/{found}.json", decide)

    def masked(self, path: str) -> str:
        """A path without the handle of a forgotten account that its folders name."""
        if not self:
            return path
        parts = path.split("/")
        for at, (platform, handle) in enumerate(pairwise(parts[:-1])):
            if platform.casefold() in PLATFORMS and self.has(f"{platform.casefold()}:{clean_handle(handle)}"):
                parts[at + 1] = MASK
        return "/".join(parts)

    def named(
        self, connection: duckdb.DuckDBPyConnection, source: str, dataset: str
    ) -> tuple[str, list[str]] | None:
        """The column that names accounts and its values that name forgotten ones; None where there are none.

        Args:
            connection: where the rows are.
            source: SQL of the rows.
            dataset: the dataset of the lake whose rows they are.
        """
        columns = {column.name for column in table(f"lake.{dataset}").columns}
        holder = next(
            (name for name in ("account_key", "placement_key", "reference") if name in columns), None
        )
        if holder is None:
            return None
        values = connection.execute(
            f"SELECT DISTINCT {holder} FROM {source} WHERE {holder} IS NOT NULL"
        ).fetchall()
        found = [value for [value] in values if any(map(self.has, _accounts(holder, value)))]
        return (holder, found) if found else None

    def told_in(self, connection: duckdb.DuckDBPyConnection, source: str, platform: str | None) -> list[int]:
        """The rows of refused ones whose raw text names a forgotten account, by row number."""
        words = connection.execute(
            f"SELECT DISTINCT unnest(regexp_extract_all(lower(concat_ws(' ', raw, value)), ?)) FROM {source}",
            [_WORD],
        ).fetchall()
        platforms = (platform,) if platform in PLATFORMS else PLATFORMS
        guilty = [word for [word] in words if any(self.has(f"{one}:{word}") for one in platforms)]
        if not guilty:
            return []
        rows = connection.execute(
            f"SELECT row_number FROM {source} WHERE row_number IS NOT NULL AND len(list_intersect("
            "regexp_extract_all(lower(concat_ws(' ', raw, value)), ?), ?)) > 0",
            [_WORD, guilty],
        ).fetchall()
        return [number for [number] in rows]

    def strip(self, connection: duckdb.DuckDBPyConnection, outcome: Outcome) -> None:
        """Take the rows of forgotten accounts out of a file in the workbench, and their names out of the outcome."""
        if not self:
            return
        outcome.path = self.masked(outcome.path)
        if outcome.account and outcome.platform and self.has(f"{outcome.platform}:{outcome.account}"):
            outcome.account = None
            outcome.rows_ignored, outcome.rows_accepted = outcome.rows_read, 0
            outcome.rows_duplicate = outcome.rows_rejected = 0
            outcome.rejected_by_rule, outcome.datasets, outcome.refusal = {}, (), None
            outcome.status, outcome.message = "ignored", WHOLLY
            return
        kept = []
        for position, dataset in enumerate(outcome.datasets):
            source = identifier(f"out_{dataset}")
            found = self.named(connection, source, dataset)
            if found:
                holder, values = found
                [before] = connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (0,)
                remove_rows(connection, f"out_{dataset}", f"list_contains(?, {holder})", [values])
                [after] = connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (0,)
                if position == 0:
                    outcome.rows_accepted -= before - after
                    outcome.rows_ignored += before - after
                outcome.message = with_note(outcome.message)
                if not after:
                    continue
            kept.append(dataset)
        outcome.datasets = tuple(kept)
        if not outcome.rows_accepted and not outcome.rows_rejected and outcome.refusal is None:
            outcome.status = "ignored"
        if outcome.rows_rejected and outcome.refusal is None:
            told = self.told_in(connection, "refused", outcome.platform)
            connection.execute(
                "UPDATE refused SET raw = NULL, value = NULL WHERE list_contains(?, row_number)", [told]
            )


def _state(entries: Iterable[Entry]) -> frozenset[tuple[str, str]]:
    return frozenset((one.name, one.tag) for one in entries)


def with_note(message: str | None) -> str:
    """A file's message, with the note that rows are left out, once."""
    return message if message and LEFT_OUT in message else "; ".join(filter(None, (message, LEFT_OUT)))


def _accounts(holder: str, value: str) -> Iterable[str]:
    """The accounts that a value may name."""
    if holder == "account_key":
        return [value]
    if holder == "placement_key":
        return [":".join(value.rsplit(":", 2)[-2:])]
    return [f"{platform}:{clean_handle(value)}" for platform in PLATFORMS]
