"""A way into the lake that the settings name, and the check that this machine may write to it."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from creator_tiers.keys import hash_key
from creator_tiers.lake.store import Lake
from creator_tiers.settings import Settings
from creator_tiers.stores import Store, StoreRefusedError, open_store

NAME = "lake.json"
"""What a lake in an object store says of itself."""


def open_lake(settings: Settings, *, for_writing: bool = False) -> Lake:
    """The lake in use.

    Args:
        settings: where everything is.
        for_writing: whether loads will be made: then a lake in an object store must have been begun with the hash key
            of this machine, and its store must keep to conditional writes.

    Raises:
        StoreRefusedError: the store cannot be used, or the lake was begun with another hash key.
        StoreDownError: the store does not answer.
    """
    if settings.lake_url is None:
        return Lake(settings.lake)
    store = open_store(settings.lake_url, settings)
    if for_writing:
        _check(store, hash_key(settings))
    return Lake(copies(settings), store)


def copies(settings: Settings) -> Path:
    """The folder on this machine for copies of a lake in an object store; it may be deleted when nothing runs."""
    key = hashlib.sha256(str(settings.lake_url).encode()).hexdigest()[:12]
    return settings.home / "cache" / f"lake-{key}"


def _check(store: Store, key: bytes) -> None:
    """Begin a lake, or compare with what was begun."""
    proof = hmac.new(key, b"creator tiers lake", hashlib.sha256).hexdigest()
    begun = json.dumps({"hash_key_proof": proof}).encode()
    found = store.read(NAME)
    if found is None:
        if store.write_if(NAME, begun, None) and store.write_if(NAME, begun, None):
            store.delete([NAME])
            raise StoreRefusedError(
                f"{store.where} does not keep to conditional writes (If-None-Match): two runs at once might lose "
                "rows; use a store that does, such as Amazon S3 or a recent MinIO"
            )
        found = store.read(NAME) or begun
    if json.loads(found).get("hash_key_proof") != proof:
        raise StoreRefusedError(
            f"the lake {store.where} was begun with another hash key: set CREATOR_TIERS_HASH_KEY to that of the first "
            "machine (hash.key in its home), or customers and forgotten accounts would not be known again"
        )
