"""Files from landing to the lake: found, batched, read, validated, kept."""

from creator_tiers.ingestion.loading import ingest
from creator_tiers.ingestion.planning import plan

__all__ = ["ingest", "plan"]
