"""What an asset event says of the lake, and whether there is anything to say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from creator_tiers.lake import Manifest


def describe_lake(manifests: Sequence[Manifest], told: Mapping[str, Any]) -> dict[str, Any] | None:
    """The extras of the event that announces the lake; None when the last event said the same.

    Args:
        manifests: all loads.
        told: the extras of the last event; empty when there was none.

    Returns:
        `files` and `rows`: loads since the last event and their accepted rows, refused files included; `loads`: all
        of them; `until`: when the newest was loaded, ISO; `state`: a fingerprint of all manifests.
    """
    from creator_tiers.lake.manifests import format_time

    state = hashlib.sha256("\n".join(sorted(one.to_json() for one in manifests)).encode()).hexdigest()[:16]
    if not manifests or told.get("state") == state:
        return None
    until = str(told.get("until", ""))
    stamps = [str(format_time(one.loaded_at)) for one in manifests]
    new = [one for one, stamp in zip(manifests, stamps, strict=True) if stamp > until]
    return {
        "files": len(new),
        "rows": sum(one.rows_accepted for one in new),
        "loads": len(manifests),
        "until": max(stamps),
        "state": state,
    }
