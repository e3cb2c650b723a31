"""The entry of the plugin `tier_reports`: a page in Airflow's menu and a tab on every DAG run.

Every process of Airflow loads this file, so nothing heavy is imported before somebody opens the page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/tier-reports"

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class LazyPage:
    """The page's application, made when it is first asked for. Without its guard there is no application."""

    @cached_property
    def _app(self) -> Asgi:
        from creator_tiers.settings import load_settings
        from tier_reports.app import create_app
        from tier_reports.guard import may_read_reports

        settings = load_settings()
        return create_app(settings.reports, may_read_reports, shows_fees="*" in settings.fee_recipients)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)


class TierReportsPlugin(AirflowPlugin):
    """The weekly reports inside Airflow. Links have no leading slash: Airflow may live under a sub-path."""

    name = "tier_reports"
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": LazyPage(), "url_prefix": PREFIX, "name": "Creator Tiers reports"}
    ]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Tier reports",
            "href": "tier-reports/",
            "destination": "nav",
            "url_route": "tier-reports",
        },
        {
            "name": "Tier report",
            "href": "tier-reports/?run={RUN_ID}",
            "destination": "dag_run",
            "url_route": "tier-report",
        },
    ]
