"""Files from landing to the lake: found, batched, read, validated, kept; read again from the quarantine; forgotten."""

from creator_tiers.ingestion.forgetting import forget
from creator_tiers.ingestion.loading import ingest
from creator_tiers.ingestion.planning import plan, waiting
from creator_tiers.ingestion.replaying import replay

__all__ = ["forget", "ingest", "plan", "replay", "waiting"]
