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
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory
from PIL import Image

from creator_tiers.comparison.verdicts import MARGIN
from creator_tiers.hygiene import one_line
from creator_tiers.report.palette import LIGHT
from creator_tiers.report.platforms import Group, Pair, Platform
from creator_tiers.report.wording import ratio_text

WIDTH = 560
"""CSS pixels at which the page shows a chart; the PNG has twice as many."""

_INCHES = 4.4
_DPI = 2 * WIDTH / _INCHES
_ROW = 0.41
_TOP, _BOTTOM = 0.08, 0.62
_LEFT, _RIGHT = 0.36, 0.835
_COLOURS = 64
_COMPRESSION = 6
"""Of zlib: 9 takes eight times as long for a file that is 7 % smaller."""

_LONGEST_NAME = 26
_WIDEST = (1 / 16, 16.0)
_TICKS = (0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16)
_FINE_TICKS = (0.5, 0.63, 0.8, 1, 1.25, 1.6, 2)
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.unicode_minus": False,
    "text.hinting": "none",
    "text.parse_math": False,
    "path.simplify": False,
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the plot: a group's heading and measure (`pair` None), or a pair."""

    text: str = ""
    measure: str = ""
    pair: Pair | None = None


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
    height = _TOP + _BOTTOM + _ROW * len(lines)
    with mpl.rc_context(_STYLE):
        inches = _INCHES * width / WIDTH
        left, right = _LEFT * WIDTH / width, 1 - (1 - _RIGHT) * WIDTH / width
        figure = Figure(figsize=(inches, height), dpi=_DPI, facecolor=LIGHT.card)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((left, _BOTTOM / height, right - left, _ROW * len(lines) / height))
        limits = _limits(drawn)
        _frame(axes, limits, len(lines))
        for index, line in enumerate(lines):
            _draw(axes, line, len(lines) - index - 0.5, limits)
        canvas.draw()  # type: ignore[no-untyped-call]
        drawn_on = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return _png(drawn_on)


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


def _frame(axes: Axes, limits: tuple[float, float], lines: int) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    axes.set_ylim(0, lines)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT.muted)
    axes.axvspan(*MARGIN, color=LIGHT.unsure_tint, lw=0, zorder=0)
    axes.axvline(1, color=LIGHT.ink, lw=1, zorder=1)
    candidates = _FINE_TICKS if limits[1] < 2.3 else _TICKS
    ticks = [tick for tick in candidates if limits[0] <= tick <= limits[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], size=9, color=LIGHT.ink)
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", color=LIGHT.muted, length=3)
    to_points: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "size": 9,
        "color": LIGHT.muted,
    }
    axes.annotate("◂ larger tier higher", (0.485, 0), (0, -24), ha="right", va="top", **to_points)
    axes.annotate("smaller tier higher ▸", (0.515, 0), (0, -24), ha="left", va="top", **to_points)


def _draw(axes: Axes, line: _Line, y: float, limits: tuple[float, float]) -> None:
    at_left = blended_transform_factory(axes.figure.transFigure, axes.transData)
    pair = line.pair
    if pair is None:
        axes.axhspan(y - 0.5, y + 0.5, color=LIGHT.card, lw=0, zorder=2)
        axes.text(0.015, y + 0.19, line.text, transform=at_left, va="center", size=10, weight="bold",
                  color=LIGHT.ink, zorder=4)  # fmt: skip
        axes.text(0.015, y - 0.19, line.measure, transform=at_left, va="center", size=8.5, color=LIGHT.muted,
                  zorder=4)  # fmt: skip
        for offset, label in ((0.19, "creators"), (-0.19, "ratio")):
            axes.text(0.985, y + offset, label, transform=at_left, ha="right", va="center", size=8.5,
                      color=LIGHT.muted, zorder=4)  # fmt: skip
        return
    shown, is_key = pair.outcome, pair.is_key_pair
    ink = LIGHT.ink_of(shown.tone)
    weight = "bold" if is_key else "normal"
    name = one_line(f"{pair.tier_a} / {pair.tier_b}", _LONGEST_NAME)
    axes.text(0.015, y + 0.19, name, transform=at_left, va="center", size=10, weight=weight, color=LIGHT.ink)
    axes.text(
        0.015,
        y - 0.19,
        one_line(f"{shown.symbol} {shown.word}", _LONGEST_NAME),
        transform=at_left,
        va="center",
        size=8.5,
        color=ink,
    )
    axes.text(
        0.985, y + 0.19, f"{pair.creators_a:,} / {pair.creators_b:,}", transform=at_left, ha="right",
        va="center", size=9.5, weight=weight, color=LIGHT.ink,
    )  # fmt: skip
    if not pair.is_drawable:
        axes.text(1, y, " no ratio yet ", ha="center", va="center", size=9, color=LIGHT.muted,
                  bbox={"facecolor": LIGHT.card, "edgecolor": "none", "pad": 1}, zorder=4)  # fmt: skip
        return
    _bar(axes, pair.verdict_low, pair.verdict_high, y, limits, 1.1, ink)
    _bar(axes, pair.ci_low, pair.ci_high, y, limits, 4.2 if is_key else 3.2, ink)
    hollow = pair.verdict in ("not_enough_evidence", "not_testable")
    axes.plot(
        [min(max(pair.estimate or 1.0, limits[0]), limits[1])], [y],
        marker="s" if is_key else "o", markersize=9 if is_key else 7, markeredgewidth=1.6,
        markeredgecolor=ink, markerfacecolor=LIGHT.card if hollow else ink, zorder=5,
    )  # fmt: skip
    axes.text(
        0.985, y - 0.19, ratio_text(pair.estimate), transform=at_left, ha="right", va="center", size=8.5,
        color=LIGHT.muted,
    )  # fmt: skip


def _bar(
    axes: Axes,
    low: float | None,
    high: float | None,
    y: float,
    limits: tuple[float, float],
    width: float,
    ink: str,
) -> None:
    """An interval, cut at the axis limits; a cut end carries an arrow head."""
    if low is None or high is None or not (0 <= low <= high):
        return
    left, right = max(low, limits[0]), min(high, limits[1])
    axes.plot([left, right], [y, y], color=ink, lw=width, solid_capstyle="butt", zorder=3)
    for end, is_cut, marker in ((left, low < limits[0], "<"), (right, high > limits[1], ">")):
        if is_cut:
            axes.plot([end], [y], marker=marker, markersize=6, color=ink, clip_on=False, zorder=3)
