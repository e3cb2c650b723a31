"""The words by which a caption tells that it was paid for, per language: `seeds/disclosures.csv`."""

from __future__ import annotations

import csv
import re
from functools import cache

from creator_tiers.settings import RESOURCES


@cache
def disclosure_pattern() -> str:
    """A regular expression (RE2, on lower-case text): whole hashtags and whole phrases, none inside another word."""
    with (RESOURCES / "seeds" / "disclosures.csv").open(encoding="utf-8", newline="") as file:
        words = [row["disclosure"].strip().lower() for row in csv.DictReader(file)]
    spelled = "|".join(
        re.escape(word).replace("\\ ", "\\s+") for word in sorted(words, key=len, reverse=True)
    )
    return rf"(?:^|[^\pL\pN_#])(?:{spelled})(?:$|[^\pL\pN_])"
