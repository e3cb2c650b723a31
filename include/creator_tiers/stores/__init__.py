"""Where bytes are kept under names: a folder, or a prefix of an object store. Nothing here knows what they mean."""

from creator_tiers.stores.local import LocalStore
from creator_tiers.stores.opening import open_store
from creator_tiers.stores.store import Entry, Store, StoreDownError, StoreRefusedError

__all__ = ["Entry", "LocalStore", "Store", "StoreDownError", "StoreRefusedError", "open_store"]
