"""The plugin's modules lie where Airflow looks for them, not in the package."""

from __future__ import annotations

import sys

from creator_tiers.settings import RESOURCES

sys.path.append(str(RESOURCES.parent / "plugins"))
