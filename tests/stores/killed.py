"""Plan and ingest in a process that kills itself at a call of a method of the store, for `test_store_kill.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from creator_tiers.ingestion import ingest, loading, plan
from creator_tiers.ingestion.validating import Validated
from creator_tiers.settings import load_settings
from creator_tiers.stores.objects import ObjectStore
from tests.ingestion.killed import deadly
from tests.stores.conftest import environment_of

if __name__ == "__main__":
    prefix, home, method, calls = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    loading.validate_rows = lambda *_: Validated([], {})
    if calls:
        setattr(ObjectStore, method, deadly(getattr(ObjectStore, method), calls))
    settings = load_settings(environment_of(prefix, Path(home)))
    for batch in plan(settings, batch_files=4):
        ingest(settings, batch)
