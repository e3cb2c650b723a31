"""The weekly report: model, charts, page, text, files, gates, message, delivery.

The way through: `build_model(inputs)` -> `render(model, folder)` -> `check_gates(model, files)` ->
`deliver(model, files, settings, sender)`. Nothing here opens the warehouse or needs Airflow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from creator_tiers.report.gates import GatePolicy, GateResult, check_gates
from creator_tiers.report.inputs import ReportInputs
from creator_tiers.report.model import ReportModel, build_model
from creator_tiers.report.render import ReportFiles, render
from creator_tiers.report.smtp import Sender, airflow_sender, smtp_sender

if TYPE_CHECKING:
    from creator_tiers.report.delivery import DeliveryReport, deliver
    from creator_tiers.report.outbox import Outbox, OutboxRow

__all__ = [
    "DeliveryReport",
    "GatePolicy",
    "GateResult",
    "Outbox",
    "OutboxRow",
    "ReportFiles",
    "ReportInputs",
    "ReportModel",
    "Sender",
    "airflow_sender",
    "build_model",
    "check_gates",
    "deliver",
    "headline",
    "render",
    "smtp_sender",
]

_LATER = {"DeliveryReport": "delivery", "deliver": "delivery", "Outbox": "outbox", "OutboxRow": "outbox"}
"""Names whose modules are imported when they are asked for: only who delivers needs SQLAlchemy."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def headline(model: ReportModel) -> str:
    """The report's first sentence: estimate, interval, creators, verdict."""
    return model.headline.sentence
