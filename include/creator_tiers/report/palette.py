"""The colours, light and dark, shared by the page and the charts.

Verdicts differ by word and symbol; their hues (after Okabe and Ito, safe for colour-blind readers) only help.
Every text colour has a contrast of at least 4.5 on each surface of its scheme (WCAG 2.2 AA); a test computes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "same", "unsure"]
TONES: tuple[Tone, ...] = ("good", "bad", "same", "unsure")


@dataclass(frozen=True, slots=True)
class Scheme:
    """The colours of one scheme, as `#rrggbb`: surfaces, inks, and an ink and a tint for each tone."""

    page: str
    card: str
    line: str
    ink: str
    muted: str
    good: str
    good_tint: str
    bad: str
    bad_tint: str
    same: str
    same_tint: str
    unsure: str
    unsure_tint: str

    def ink_of(self, tone: Tone) -> str:
        """The text colour of a tone."""
        return str(getattr(self, tone))

    def tint_of(self, tone: Tone) -> str:
        """The surface colour of a tone."""
        return str(getattr(self, f"{tone}_tint"))


LIGHT = Scheme(
    page="#f2f4f7",
    card="#ffffff",
    line="#d5dbe3",
    ink="#16202b",
    muted="#4c5967",
    good="#00568f",
    good_tint="#e3f0fa",
    bad="#8f3b00",
    bad_tint="#fdeee2",
    same="#00594a",
    same_tint="#e2f3ef",
    unsure="#414c59",
    unsure_tint="#e9edf2",
)
DARK = Scheme(
    page="#0e1319",
    card="#171f28",
    line="#364352",
    ink="#e9eef4",
    muted="#adb9c6",
    good="#8ecbff",
    good_tint="#13304a",
    bad="#ffb98a",
    bad_tint="#43260f",
    same="#86d8c6",
    same_tint="#0f3a33",
    unsure="#c5ced9",
    unsure_tint="#2a3541",
)


def luminance(colour: str) -> float:
    """Relative luminance of a `#rrggbb` colour, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
