"""`python -m creator_tiers.cli`."""

from __future__ import annotations

from creator_tiers.cli import main

main()
