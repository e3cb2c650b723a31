"""Erase a creator's account from the lake: its rows, the raw text of its refused rows, the paths that name it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from creator_tiers.errors import ContractError
from creator_tiers.exports.context import PLATFORMS, clean_handle
from creator_tiers.exports.workbench import workbench
from creator_tiers.ingestion.erasing import Erasure
from creator_tiers.ingestion.forgotten import Forgotten
from creator_tiers.ingestion.landing import open_landing
from creator_tiers.ingestion.planning import PLANS
from creator_tiers.ingestion.scratch import sweep
from creator_tiers.keys import hash_key
from creator_tiers.lake import Lake, open_lake
from creator_tiers.lake.manifests import format_time
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
        TransientError: another machine makes loads again at the same time; ask again.
    """
    key = account_key(account)
    lake = open_lake(settings, for_writing=True)
    with lake.replacing(), workbench() as connection:
        sweep(lake.root)
        forgotten = Forgotten(lake.store, hash_key(settings))
        forgotten.begin(key)
        erasure = Erasure(lake, forgotten, connection)
        manifests = lake.manifests()
        for number, manifest in enumerate(manifests):
            if progress:
                progress(number, len(manifests), manifest.load_key)
            erasure.erase(manifest)
        _mask_notes(lake, forgotten)
        lake.remove_leftovers()
        done = {
            "forgotten_at": format_time(datetime.now(UTC)),
            "loads": erasure.loads,
            "rows": dict(erasure.rows),
            "refused_rows": erasure.refused,
        }
        forgotten.note(key, done)
    left = [one.path for one in open_landing(settings).find()]
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


def _mask_notes(lake: Lake, forgotten: Forgotten) -> None:
    """Take the handles out of what remembers the paths of landing files."""
    masked: dict[str, bytes] = {}
    names = [one.name for folder in ("seen", PLANS) for one in lake.store.entries(folder)]
    for name, content in lake.store.read_many(names).items():
        record = json.loads(content)
        if "files" in record:
            new = {**record, "files": {key: forgotten.masked(path) for key, path in record["files"].items()}}
        else:
            new = {**record, "path": forgotten.masked(record["path"])}
        if new != record:
            masked[name] = json.dumps(new).encode("utf-8")
    lake.store.write_many(masked)
