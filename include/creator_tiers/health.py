"""One look at everything that the pipeline stands on: what is well and what is not. Nothing is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import ContractError, TransientError
from creator_tiers.hygiene import one_line
from creator_tiers.settings import Settings

if TYPE_CHECKING:
    from creator_tiers.lake import Manifest

PATIENCE = timedelta(hours=3)
"""How long a file may wait for `ingest_exports`, which runs every hour, and a load for `build_marts`."""

IN_DOUBT = timedelta(minutes=15)
"""How long a mail server may take for one mail before nobody knows what became of it."""

LEAST_FREE = 1_000_000_000
"""Bytes that must be free in the home."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found.

    Attributes:
        name: `landing`, `lake`, `warehouse`, `state`, `deliveries`, `report`, `freshness` or `disk`.
        is_well: whether nobody needs to do anything.
        message: a sentence for people.
        facts: the same for programs: counts, times (UTC), sizes in bytes.
    """

    name: str
    is_well: bool
    message: str
    facts: dict[str, Any] = field(default_factory=dict)


def look(settings: Settings, now: datetime | None = None) -> list[Check]:
    """Every check, in the order in which the data goes; a look that fails is a finding of its own.

    Args:
        settings: where everything is.
        now: the instant, with a time zone; this one when None.
    """
    instant = now or datetime.now(UTC)
    return [found for name, check in CHECKS for found in _guarded(name, check, settings, instant)]


def _guarded(name: str, check: _Look, settings: Settings, now: datetime) -> Iterator[Check]:
    try:
        yield check(settings, now)
    except (ContractError, TransientError) as error:
        yield Check(name, False, str(error))
    except Exception as error:  # whatever stands in the way of a look is what the look found
        yield Check(name, False, f"{type(error).__name__}: {error}")


def _landing(settings: Settings, now: datetime) -> Check:
    from creator_tiers.ingestion import waiting
    from creator_tiers.ingestion.landing import open_landing

    if settings.landing_url is None and not settings.landing.is_dir():
        return Check("landing", True, f"{settings.landing} is not there yet: nothing was ever dropped")
    files = waiting(settings)
    if closed := open_landing(settings).closed():
        return Check(
            "landing",
            False,
            f"{settings.landing_place}: folders that cannot be opened: {', '.join(map(one_line, closed))}",
            {"waiting": len(files), "closed": closed},
        )
    if not files:
        return Check("landing", True, f"{settings.landing_place}: every file has been read", {"waiting": 0})
    oldest = min(files, key=lambda one: one.arrived_at)
    age, path = now - oldest.arrived_at, one_line(oldest.path)
    return Check(
        "landing",
        age <= PATIENCE,
        f"{len(files):,} files wait for ingest_exports, the oldest for {_hours(age)}: {path}",
        {"waiting": len(files), "oldest": path, "oldest_arrived_at": oldest.arrived_at},
    )


def _lake(settings: Settings, now: datetime) -> Check:  # noqa: ARG001 - every look has this shape
    loads = _loads(settings)
    if not loads:
        return Check("lake", True, "empty: no file was ever read", {"loads": 0})
    newest = max(one.loaded_at for one in loads)
    message = f"{len(loads):,} loads, the newest of {_minute(newest)}"
    return Check("lake", True, message, {"loads": len(loads), "newest_loaded_at": newest})


def _warehouse(settings: Settings, now: datetime) -> Check:
    from creator_tiers.warehouse import NothingPublishedError, open_reader
    from creator_tiers.warehouse.loads import sort_loads, unknown_loads
    from creator_tiers.warehouse.state import definitions, published_state

    loads = _loads(settings)
    try:
        with open_reader(settings) as reader:
            engine, state = reader.engine, published_state(reader)
            is_current = state.get("definitions") == definitions(settings)
            found = sort_loads(reader, loads) if is_current else unknown_loads(reader, loads)
    except NothingPublishedError:
        return _unbuilt(loads, now)
    waiting = len(found.fresh) + len(found.replaced) + len(found.gone_with_rows)
    written = state.get("written_at", "an unknown time")
    facts = {
        "engine": engine, "revision": int(state.get("revision", "0")), "written_at": state.get("written_at"),
        "definitions": state.get("definitions", "")[:12], "is_current": is_current, "loads_waiting": waiting,
    }  # fmt: skip
    message = f"{engine} answers, revision {facts['revision']} written at {written}"
    if not is_current:
        message += "; built with other definitions, the next build starts again from the lake"
    if waiting:
        message += f"; {waiting:,} loads, new, replayed or erased ones, wait for build_marts"
    is_late = any(now - one.loaded_at > PATIENCE for one in found.fresh)
    return Check("warehouse", not is_late, message, facts)


def _unbuilt(loads: list[Manifest], now: datetime) -> Check:
    is_late = any(now - one.loaded_at > PATIENCE for one in loads)
    message = (
        f"no tables, and {len(loads):,} loads in the lake: build_marts has not ended, or the tables are gone"
    )
    if not loads:
        message = "nothing has been built yet: drop exports into the landing zone"
    return Check("warehouse", not is_late, message, {"loads_waiting": len(loads)})


def _state(settings: Settings, now: datetime) -> Check:  # noqa: ARG001
    from creator_tiers.operations.state import state_rows

    if _is_new(settings):
        return Check("state", True, "nothing is kept yet: no mail was ever sent", {"rows": 0})
    count = state_rows(settings.state_url)
    return Check("state", True, f"answers, {count:,} rows", {"rows": count})


def _deliveries(settings: Settings, now: datetime) -> Check:
    from creator_tiers.publishing.deliveries import list_deliveries
    from creator_tiers.report.outbox import HANDING_OVER

    rows = [] if _is_new(settings) else list_deliveries(settings)
    doubtful = [one for one in rows if one.state == HANDING_OVER and now - one.changed_at > IN_DOUBT]
    facts = {"mails": len(rows), "in_doubt": len(doubtful)}
    if not doubtful:
        return Check("deliveries", True, f"{len(rows):,} mails, none in doubt", facts)
    reports = ", ".join(sorted({one.report_id for one in doubtful}))
    remedy = "`creator-tiers deliveries --in-doubt`, then `deliveries resolve`"
    return Check("deliveries", False, f"{len(doubtful):,} mails in doubt ({reports}): {remedy}", facts)


def _report(settings: Settings, now: datetime) -> Check:  # noqa: ARG001
    weeks = sorted(path.parent.name for path in settings.reports.glob("[0-9]*-W*/report.json"))
    if not weeks:
        return Check("report", True, "none has been published yet", {"week": None})
    path = settings.reports / weeks[-1] / "report.json"
    published = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    model = json.loads(path.read_text(encoding="utf-8"))
    facts = {"week": weeks[-1], "published_at": published, "report_id": model.get("report_id")}
    return Check("report", True, f"the last is of {weeks[-1]}, published at {_minute(published)}", facts)


def _freshness(settings: Settings, now: datetime) -> Check:
    from creator_tiers.freshness import missing_exports, missing_reports

    missing = [*missing_exports(settings, now), *missing_reports(settings, now)]
    message = "; ".join(missing) or "nothing that is expected is missing"
    return Check("freshness", not missing, message, {"missing": missing})


def _disk(settings: Settings, now: datetime) -> Check:  # noqa: ARG001
    place = next(one for one in (settings.home, *settings.home.parents) if one.exists())
    used = shutil.disk_usage(place)
    message = f"{used.free / 1e9:.1f} of {used.total / 1e9:.1f} GB are free at {place}"
    return Check("disk", used.free >= LEAST_FREE, message, {"free": used.free, "total": used.total})


_Look = Callable[[Settings, datetime], Check]

CHECKS: tuple[tuple[str, _Look], ...] = (
    ("landing", _landing),
    ("lake", _lake),
    ("warehouse", _warehouse),
    ("state", _state),
    ("deliveries", _deliveries),
    ("report", _report),
    ("freshness", _freshness),
    ("disk", _disk),
)


def _loads(settings: Settings) -> list[Manifest]:
    from creator_tiers.lake import open_lake

    return open_lake(settings).manifests()


def _is_new(settings: Settings) -> bool:
    """Whether the state store is a file that nobody has written yet: a look must not make it."""
    from creator_tiers.state_store import state_file

    file = state_file(settings.state_url)
    return file is not None and not file.exists()


def _hours(age: timedelta) -> str:
    return f"{age / timedelta(hours=1):.1f} h"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
