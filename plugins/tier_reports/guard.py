"""Who may read the page: whoever may read the DAG that publishes the reports, by Airflow's own authorisation.

Airflow does not authenticate what a plugin mounts, so the page must. Anybody without a valid session gets 401, a user
without the right 403, and trouble while finding out is a refusal too.
"""

from __future__ import annotations

import logging
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, HTTPException, status

DAG_ID = "publish_tier_report"

log = logging.getLogger(__name__)


def may_read_reports(user: Annotated[BaseUser, Depends(get_user)]) -> None:
    """Let a user pass who may read the DAG.

    Raises:
        HTTPException: 403 for everybody else; 401 was raised before for those who are nobody.
    """
    try:
        is_allowed = get_auth_manager().is_authorized_dag(
            method="GET", details=DagDetails(id=DAG_ID), user=user
        )
    except Exception:
        log.exception("Whether a user may read %s could not be found out", DAG_ID)
        is_allowed = False
    if is_allowed is not True:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "You may not read these reports")
