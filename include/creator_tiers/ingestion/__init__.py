"""Files from landing to the lake: found, batched, read, validated, kept; and read again from the quarantine."""

from creator_tiers.ingestion.loading import ingest
from creator_tiers.ingestion.planning import plan
from creator_tiers.ingestion.replaying import replay

__all__ = ["ingest", "plan", "replay"]
