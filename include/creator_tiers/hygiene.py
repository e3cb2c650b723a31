"""Foreign text made harmless: for a terminal, for a header line, for a spreadsheet cell.

HTML is escaped by the template engine and JSON by its writer; this module is for what those leave alone.
"""

from __future__ import annotations

import re
import unicodedata

_SPREADSHEET_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_SPACES = re.compile(r"\s+")
_HARMLESS_FORMAT = frozenset({"\u200d", "\u00ad"})  # emoji joiner, soft hyphen


def one_line(text: object, limit: int = 300) -> str:
    """A foreign text on one line, without controls, escapes or direction marks.

    Line ends and tabs become a space; other unseen characters (terminal escapes, direction overrides,
    lone surrogates) become U+FFFD, so that something odd stays visible as odd.

    Args:
        text: anything; its `str()` is used.
        limit: the greatest length in characters; longer text ends in `…`.
    """
    flat = _SPACES.sub(" ", str(text)).strip()
    seen = flat if flat.isprintable() else "".join(map(_seen, flat))
    return seen if len(seen) <= limit else seen[: limit - 1] + "…"


def _seen(char: str) -> str:
    is_unseen = unicodedata.category(char) in _UNSEEN_CATEGORIES and char not in _HARMLESS_FORMAT
    return "\ufffd" if is_unseen else char


def spreadsheet_cell(value: object) -> object:
    """A CSV cell that no spreadsheet takes for a formula: a leading `'` before `= + - @` and controls.

    Numbers and None pass unchanged; only text can carry a formula.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_SPREADSHEET_FORMULA):
        return "'" + value
    return value
