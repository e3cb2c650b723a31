"""Forest plots: one a platform, drawn for a phone, the same bytes for the same rows.

A row is a pair of tiers: its ratio on a log axis against the line at 1 and the margin of no material
difference, its verdict as symbol and word under its name, its creators at the right. The thick bar is the 95%
interval, the thin one the interval that carries the verdict. Colour adds nothing that shape and word do not say.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from PIL import Image

from creator_tiers.comparison.verdicts import MARGIN
from creator_tiers.hygiene import one_line
from creator_tiers.report.palette import LIGHT
from creator_tiers.report.pen import HINTING, Pen
from creator_tiers.report.platforms import Group, Pair, Platform
from creator_tiers.report.wording import ratio_text

WIDTH = 560
"""CSS pixels at which the page shows a chart; the PNG has twice as many."""

_INCHES = 4.4
_DPI = 2 * WIDTH / _INCHES
_POINT = _DPI / 72
_ROW = 0.41
_TOP, _BOTTOM = 0.08, 0.62
_LEFT, _RIGHT = 0.36, 0.835
_COLOURS = 64
_COMPRESSION = 4
"""Of zlib: 6 takes twice as long for a file that is 5 % smaller, 9 sixteen times as long for another 7 %."""

_LONGEST_NAME = 26
_WIDEST = (1 / 16, 16.0)
_TICKS = {
    2.3: (0.5, 0.63, 0.8, 1, 1.25, 1.6, 2),
    6.0: (0.25, 0.5, 1, 2, 4),
    math.inf: (0.0625, 0.25, 1, 4, 16),
}
"""Where the axis is labelled, by the ratio that it stays below."""
_EDGE = 0.015
"""Of the width, left of the names and right of the numbers."""

_UPPER, _LOWER = 0.19, -0.19
"""The two lines of text of a row, from its middle, as shares of its height."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the plot: a group's heading and measure (`pair` None), or a pair."""

    text: str = ""
    measure: str = ""
    pair: Pair | None = None


class _Plot:
    """A plot's pen, and where its ratios and rows are.

    Args:
        width: CSS pixels.
        rows: how many rows it has; the lowest one's middle is at 0.5.
        limits: the ratios at both ends of the axis.
    """

    def __init__(self, width: int, rows: int, limits: tuple[float, float]) -> None:
        self.width, self.rows, self.limits = 2 * width, rows, limits
        self.pen = Pen(self.width, int((_TOP + _BOTTOM + _ROW * rows) * _DPI), _DPI, LIGHT.card)
        self.left, self.right = 2 * _LEFT * WIDTH, self.width - 2 * (1 - _RIGHT) * WIDTH
        self.names, self.numbers = _EDGE * self.width, (1 - _EDGE) * self.width

    def across(self, ratio: float) -> float:
        """The pixels at which a ratio is."""
        low, high = map(math.log, self.limits)
        return self.left + (self.right - self.left) * (math.log(ratio) - low) / (high - low)

    def up(self, row: float) -> float:
        """The pixels at which a row is."""
        return (_BOTTOM + _ROW * row) * _DPI

    def name(self, row: float, said: str, size: float, colour: str, *, is_bold: bool = False) -> None:
        """A text at the left."""
        self.pen.text((self.names, self.up(row)), said, size, colour, is_bold=is_bold)

    def number(self, row: float, said: str, size: float, colour: str, *, is_bold: bool = False) -> None:
        """A text at the right."""
        self.pen.text((self.numbers, self.up(row)), said, size, colour, align="right", is_bold=is_bold)


def forest_plot(platform: Platform, width: int = WIDTH) -> bytes:
    """The PNG of a platform's forest plot, twice as many pixels wide as it is shown. Drawn once for several copies.

    Args:
        platform: its rows.
        width: CSS pixels at which it is shown, not below `WIDTH`: more of them widen the axis, not the letters.

    Raises:
        ValueError: the platform has no row to draw (its `chart` is None).
    """
    return _drawn(platform, width)


@lru_cache(maxsize=32)
def _drawn(platform: Platform, width: int) -> bytes:
    lines = [line for group in platform.groups for line in _lines(group)]
    drawn = [line.pair for line in lines if line.pair is not None and line.pair.is_drawable]
    if not drawn:
        raise ValueError(f"{platform.name}: no row to draw")
    plot = _Plot(width, len(lines), _limits(drawn))
    with mpl.rc_context(HINTING):
        _frame(plot)
        for index, line in enumerate(lines):
            _draw(plot, line, len(lines) - index - 0.5)
    return _png(plot.pen.pixels())


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A small PNG without metadata: a palette is a quarter of the size and no eye sees it here.

    The palette has the most frequent colours as they are; the others, edges of letters, become the nearest of them. A
    chart is mostly stretches of one colour, so colours are counted a stretch at a time.

    Args:
        pixels: rows x columns x (red, green, blue, opacity); opaque.
    """
    flat = np.ascontiguousarray(pixels).view(np.uint32).ravel()
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(starts, append=flat.size)
    colours, index = np.unique(flat[starts], return_inverse=True)
    kept = np.argsort(-np.bincount(index, lengths), kind="stable")[:_COLOURS]
    parts = colours.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.int64)
    far = ((parts[:, None] - parts[None, kept]) ** 2).sum(axis=2)
    place = np.repeat(far.argmin(axis=1).astype(np.uint8)[index], lengths)
    picture = Image.fromarray(place.reshape(pixels.shape[:2]), "P")
    picture.putpalette(parts[kept].astype(np.uint8).tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=_COMPRESSION)
    return buffer.getvalue()


def _lines(group: Group) -> list[_Line]:
    """A heading, micro/mega always, then the pairs that have an interval."""
    kept = [pair for pair in group.pairs if pair.is_drawable or pair.is_key_pair]
    if not any(pair.is_drawable for pair in kept):
        return []
    return [_Line(one_line(group.name, 40), group.measure), *(_Line(pair=pair) for pair in kept)]


def _limits(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Axis limits: symmetric about 1 on the log scale, wide enough for the bars, at most `_WIDEST`."""
    ends = [
        abs(math.log(value))
        for pair in pairs
        for value in (pair.estimate, pair.ci_low, pair.ci_high, pair.verdict_low, pair.verdict_high)
        if value is not None and value > 0 and math.isfinite(value)
    ]
    reach = min(max([*ends, math.log(1.6)]) * 1.06, math.log(_WIDEST[1]))
    return math.exp(-reach), math.exp(reach)


def _frame(plot: _Plot) -> None:
    """The margin, the line at 1, and the axis below the rows."""
    pen, low, high = plot.pen, plot.up(0), plot.up(plot.rows)
    one = plot.across(1)
    margin = [plot.across(min(max(ratio, plot.limits[0]), plot.limits[1])) for ratio in MARGIN]
    pen.box(margin[0], low, margin[1], high, LIGHT.unsure_tint)
    pen.line((one, one), (low, high), 1, LIGHT.ink)
    pen.line((plot.left, plot.right), (low, low), 0.8, LIGHT.muted, is_cut=False)
    ticks = next(ticks for reach, ticks in _TICKS.items() if plot.limits[1] < reach)
    for tick in ticks:
        if plot.limits[0] <= tick <= plot.limits[1]:
            x = plot.across(tick)
            pen.line((x, x), (low, low - 3 * _POINT), 0.8, LIGHT.muted)
            pen.text((x, low - 6.5 * _POINT), f"{tick:g}", 9, LIGHT.ink, align="center", is_below=True)
    middle, below = (plot.left + plot.right) / 2, low - 24 * _POINT
    apart = 0.015 * (plot.right - plot.left)
    pen.text((middle - apart, below), "◂ larger tier higher", 9, LIGHT.muted, align="right", is_below=True)
    pen.text((middle + apart, below), "smaller tier higher ▸", 9, LIGHT.muted, is_below=True)


def _draw(plot: _Plot, line: _Line, y: float) -> None:
    pair = line.pair
    if pair is None:
        plot.pen.box(plot.left, plot.up(y - 0.5), plot.right, plot.up(y + 0.5), LIGHT.card)
        plot.name(y + _UPPER, line.text, 10, LIGHT.ink, is_bold=True)
        plot.name(y + _LOWER, line.measure, 8.5, LIGHT.muted)
        plot.number(y + _UPPER, "creators", 8.5, LIGHT.muted)
        plot.number(y + _LOWER, "ratio", 8.5, LIGHT.muted)
        return
    shown, is_key = pair.outcome, pair.is_key_pair
    ink = LIGHT.ink_of(shown.tone)
    name = one_line(f"{pair.tier_a} / {pair.tier_b}", _LONGEST_NAME)
    plot.name(y + _UPPER, name, 10, LIGHT.ink, is_bold=is_key)
    plot.name(y + _LOWER, one_line(f"{shown.symbol} {shown.word}", _LONGEST_NAME), 8.5, ink)
    plot.number(y + _UPPER, f"{pair.creators_a:,} / {pair.creators_b:,}", 9.5, LIGHT.ink, is_bold=is_key)
    if not pair.is_drawable:
        at = (plot.across(1), plot.up(y))
        plot.pen.text(at, " no ratio yet ", 9, LIGHT.muted, align="center", paper=LIGHT.card)
        return
    plot.number(y + _LOWER, ratio_text(pair.estimate), 8.5, LIGHT.muted)
    _bar(plot, pair.verdict_low, pair.verdict_high, y, 1.1, ink)
    _bar(plot, pair.ci_low, pair.ci_high, y, 4.2 if is_key else 3.2, ink)
    is_hollow = pair.verdict in ("not_enough_evidence", "not_testable")
    estimate = min(max(pair.estimate or 1.0, plot.limits[0]), plot.limits[1])
    plot.pen.marker(
        "s" if is_key else "o",
        (plot.across(estimate), plot.up(y)),
        9 if is_key else 7,
        ink,
        edge=1.6,
        fill=LIGHT.card if is_hollow else ink,
        within=(plot.left, plot.right),
    )


def _bar(plot: _Plot, low: float | None, high: float | None, y: float, width: float, ink: str) -> None:
    """An interval, cut at the axis limits; a cut end carries an arrow head."""
    if low is None or high is None or not (0 <= low <= high):
        return
    least, most = plot.limits
    left, right = plot.across(max(low, least)), plot.across(min(high, most))
    height = plot.up(y)
    plot.pen.line((left, right), (height, height), width, ink)
    if low < least:
        plot.pen.marker("<", (left, height), 6, ink)
    if high > most:
        plot.pen.marker(">", (right, height), 6, ink)
