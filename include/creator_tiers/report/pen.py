"""A pen on pixels: matplotlib's renderer without its figures and axes, which take as long as all that is drawn.

Places are pixels from the lower left corner; sizes and widths are points, as in print.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Bbox, IdentityTransform

Shape = Literal["s", "o", "<", ">"]
"""Square, circle, arrow head to the left and to the right."""

Align = Literal["left", "center", "right"]

_FONT = "DejaVu Sans"
_ASCENT, _DESCENT = 1556 / 2048, 492 / 2048
"""Of the font, which comes with matplotlib, as shares of its size."""

_POINTS = 72
HINTING: Any = {"text.hinting": "none"}
"""Of matplotlib's settings: letters keep their form and place on any grid of pixels."""


class Pen:
    """Draws on an opaque picture, within `matplotlib.rc_context(HINTING)`.

    Args:
        width: in pixels.
        height: the same.
        dots: pixels an inch.
        paper: the colour of the ground.
    """

    def __init__(self, width: int, height: int, dots: float, paper: str) -> None:
        self._renderer: Any = RendererAgg(width, height, dots)  # type: ignore[no-untyped-call]
        self._points = dots / _POINTS
        self.box(0, 0, width, height, paper)

    def pixels(self) -> npt.NDArray[np.uint8]:
        """What was drawn: rows x columns x (red, green, blue, opacity)."""
        return np.asarray(self._renderer.buffer_rgba())

    def box(self, left: float, low: float, right: float, high: float, colour: str) -> None:
        """A rectangle, filled."""
        corners = [(left, low), (right, low), (right, high), (left, high), (left, low)]
        ink = self._ink(colour, 0)
        self._renderer.draw_path(ink, Path(corners), IdentityTransform(), to_rgba(colour))

    def line(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        width: float,
        colour: str,
        *,
        is_cut: bool = True,
    ) -> None:
        """A straight line. One that is cut ends where it is told to; another goes on by half its width."""
        ink = self._ink(colour, width)
        ink.set_capstyle("butt" if is_cut else "projecting")
        self._renderer.draw_path(ink, Path(list(zip(x, y, strict=True))), IdentityTransform())

    def marker(
        self,
        shape: Shape,
        at: tuple[float, float],
        size: float,
        colour: str,
        *,
        edge: float = 1,
        fill: str | None = None,
        within: tuple[float, float] | None = None,
    ) -> None:
        """A shape, its middle at a place.

        Args:
            shape: the shape.
            at: the place.
            size: how wide it is, without its edge.
            colour: of the edge.
            edge: how wide that is.
            fill: the colour inside; the same when None.
            within: from where to where, across, it is seen; everywhere when None.
        """
        style = _style(shape)
        across = size * self._points
        ink = self._ink(colour, edge)
        ink.set_snap(across >= style.get_snap_threshold())
        if within is not None:
            ink.set_clip_rectangle(Bbox.from_extents(within[0], 0, within[1], self._renderer.height))
        ink.set_joinstyle(style.get_joinstyle())
        ink.set_capstyle(style.get_capstyle())
        form = style.get_transform().scale(across)
        inside = to_rgba(fill or colour)
        self._renderer.draw_markers(ink, style.get_path(), form, Path([at]), IdentityTransform(), inside)

    def text(
        self,
        at: tuple[float, float],
        said: str,
        size: float,
        colour: str,
        *,
        align: Align = "left",
        is_bold: bool = False,
        is_below: bool = False,
        paper: str | None = None,
    ) -> None:
        """A line of text, beside a place or about it; the middle of its height there, or its top.

        Args:
            at: the place.
            said: the text.
            size: of the letters.
            colour: of the letters.
            align: which part of the text is at the place.
            is_bold: whether the letters are bold.
            is_below: whether its top is at the place instead of its middle.
            paper: the colour of a box behind it, a point wider all around; None for no box.
        """
        font = _font(size, is_bold)
        x, y = at
        across = 0.0
        if align != "left" or paper is not None:
            across = self._renderer.get_text_width_height_descent(said, font, ismath=False)[0]
        x -= {"left": 0.0, "center": across / 2, "right": across}[align]
        ascent, descent = _ASCENT * size * self._points, _DESCENT * size * self._points
        y -= ascent if is_below else (ascent - descent) / 2
        if paper is not None:
            pad = self._points
            self.box(x - pad, y - descent - pad, x + across + pad, y + ascent + pad, paper)
        self._renderer.draw_text(
            self._ink(colour, 1), x, self._renderer.height - y, said, font, 0, ismath=False
        )

    def _ink(self, colour: str, width: float) -> Any:
        ink = self._renderer.new_gc()
        ink.set_foreground(to_rgba(colour), isRGBA=True)
        ink.set_linewidth(width)
        return ink


@cache
def _font(size: float, is_bold: bool) -> FontProperties:
    return FontProperties(family=_FONT, size=size, weight="bold" if is_bold else "normal")


@cache
def _style(shape: Shape) -> Any:
    return MarkerStyle(shape)
