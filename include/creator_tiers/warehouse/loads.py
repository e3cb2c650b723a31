"""Which loads of the lake a warehouse has yet to take in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from creator_tiers.warehouse.engine import Reader
from creator_tiers.warehouse.staging import load_rows

if TYPE_CHECKING:
    from creator_tiers.lake import Manifest

_FACTS = (
    "path, other_paths, status, message, rows_read, rows_accepted, rows_rejected, rows_ignored, loaded_at, "
    "revision"
)


@dataclass(frozen=True, slots=True)
class Loads:
    """The lake's loads that differ from what the warehouse has.

    Attributes:
        fresh: not taken in yet, or taken in without any row (a failed try) and made again since.
        told_again: taken in; the manifest has since got another path.
        replaced: taken in, and made again since with other rows: only a rebuild tells what they now mean.
        gone: keys of loads that were taken in and that the lake has no longer, none of whose rows counts.
        gone_with_rows: the same where rows count: only a rebuild takes them out.
    """

    fresh: list[Manifest] = field(default_factory=list)
    told_again: list[Manifest] = field(default_factory=list)
    replaced: list[Manifest] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    gone_with_rows: list[str] = field(default_factory=list)


def sort_loads(warehouse: Reader, manifests: Iterable[Manifest]) -> Loads:
    """Compare the lake's manifests with `ops.export_files`."""
    every = list(manifests)
    known = {
        row.pop("load_key"): row
        for row in warehouse.read(f"SELECT load_key, {_FACTS} FROM ops.export_files").to_pylist()
    }
    told = {
        row["load_key"]: {name: row[name] for name in _FACTS.split(", ")}
        for row in load_rows(every).to_pylist()
    }
    found = Loads()
    for one in every:
        before, now = known.get(one.load_key), told[one.load_key]
        if before is None or (now["loaded_at"] != before["loaded_at"] and not before["rows_accepted"]):
            found.fresh.append(one)
        elif _rows(now) != _rows(before):
            found.replaced.append(one)
        elif now != before:
            found.told_again.append(one)
    lost = sorted(known.keys() - told.keys()) if told else []
    found.gone.extend(key for key in lost if not known[key]["rows_accepted"])
    found.gone_with_rows.extend(key for key in lost if known[key]["rows_accepted"])
    return found


def unknown_loads(warehouse: Reader, manifests: Iterable[Manifest]) -> Loads:
    """The loads that a warehouse with other definitions does not know; its tables may lack the columns to tell more."""
    known = set(warehouse.read("SELECT load_key FROM ops.export_files").column("load_key").to_pylist())
    return Loads(fresh=[one for one in manifests if one.load_key not in known])


def _rows(facts: dict[str, Any]) -> tuple[object, ...]:
    """What tells which rows a load has; a load without any has the same ones in every revision."""
    accepted = facts["rows_accepted"]
    return (facts["loaded_at"], accepted, (facts["revision"] or 0) if accepted else 0)
