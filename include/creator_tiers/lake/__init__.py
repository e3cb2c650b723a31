"""The lake: what was received, append-only. Parquet files, and one manifest per load that says they count."""

from creator_tiers.lake.manifests import Manifest
from creator_tiers.lake.opening import open_lake
from creator_tiers.lake.store import Lake

__all__ = ["Lake", "Manifest", "open_lake"]
