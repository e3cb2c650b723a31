"""The published reports on disk: which there are, what they say, which of their files may be read."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_WEEK = re.compile(r"\d{4}-W\d{2}")
_SERVED = re.compile(
    r"report\.(?:html|txt|json)|[a-z0-9_]+\.csv|charts/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.png"
)
"""What may be read of a week's folder. Not the mail: it names its recipients."""

SHARED = "shared"
"""The folder, inside a week's, of the copy without fees."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """A published report.

    Attributes:
        week: such as `2026-W46`.
        folder: where its files are.
        model: `report.json`.
        gates, deliveries: what became of them; empty when nothing was kept.
        csvs: names of its tables.
    """

    week: str
    folder: Path
    model: dict[str, Any]
    gates: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    csvs: tuple[str, ...] = ()

    @property
    def headline(self) -> dict[str, Any]:
        """The headline of the model; empty when it has none."""
        found = self.model.get("headline")
        return found if isinstance(found, dict) else {}


class Archive:
    """The reports below a folder. Everything is read anew at each call: reports come and are made again.

    Args:
        folder: `reports/` in the home.
        shows_fees: whether readers may see fees; else the copy without them is shown wherever there is one.
    """

    def __init__(self, folder: Path, *, shows_fees: bool = False) -> None:
        self._folder = folder
        self._shows_fees = shows_fees

    def reports(self) -> list[Report]:
        """All published reports, the newest first; one that cannot be read is left out, with a warning."""
        try:
            weeks = sorted((path.name for path in self._folder.iterdir() if path.is_dir()), reverse=True)
        except OSError:
            return []
        found = [self.report(week) for week in weeks if _WEEK.fullmatch(week)]
        return [report for report in found if report is not None]

    def report(self, week: str) -> Report | None:
        """The report of a week; None when there is none."""
        folder = self._folder / week
        if not _WEEK.fullmatch(week) or not folder.is_dir():
            return None
        copy = self._copy(folder)
        model = _json(copy / "report.json")
        if model is None:
            return None
        return Report(
            week=week,
            folder=folder,
            model=model,
            gates=_list(_json(folder / "gates.json"), "gates"),
            deliveries=[_masked(one) for one in _list(_json(folder / "deliveries.json"), "deliveries")],
            csvs=tuple(sorted(path.name for path in copy.glob("*.csv") if _SERVED.fullmatch(path.name))),
        )

    def file(self, week: str, name: str) -> Path | None:
        """A file of a week that may be read; None for anything else."""
        if not _WEEK.fullmatch(week) or not _SERVED.fullmatch(name):
            return None
        root = self._copy(self._folder.resolve() / week)
        path = (root / name).resolve()
        return path if path.is_file() and path.is_relative_to(root) else None

    def _copy(self, folder: Path) -> Path:
        """The copy of a report that may be read."""
        shared = folder / SHARED
        return folder if self._shows_fees or not shared.is_dir() else shared


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return None
    return content if isinstance(content, dict) else None


def _list(content: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    found = (content or {}).get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _masked(delivery: dict[str, Any]) -> dict[str, Any]:
    """A delivery without the recipient's name: whoever may read the DAG need not know who gets the mail."""
    name, _, domain = str(delivery.get("recipient", "")).rpartition("@")
    return {**delivery, "recipient": f"{name[:1]}…@{domain}", "message_id": None}
