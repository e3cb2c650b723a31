"""Month names of every language that the platforms' exports come in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from babel import Locale

LANGUAGES = (
    "en",
    "de",
    "es",
    "pt",
    "fr",
    "it",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "tr",
    "ru",
    "uk",
    "vi",
    "id",
)
"""CLDR languages; Chinese, Japanese and Korean write months as numbers."""


@cache
def month_numbers() -> Mapping[str, int]:
    """Month names, full and short, lower case and without full stops, to 1..12.

    A name that means two months in two languages is left out.
    """
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    found.setdefault(_plain(name), set()).add(number)
    extra = yaml.safe_load((Path(__file__).parent / "months.yaml").read_text(encoding="utf-8"))
    for names in extra.values():
        for number, aliases in names.items():
            for alias in aliases:
                found.setdefault(_plain(alias), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1 and name}


def _plain(name: str) -> str:
    return name.replace(".", "").strip().lower()
