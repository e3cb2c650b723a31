"""The benchmark's table: a line a piece of work."""

from __future__ import annotations

from dataclasses import dataclass

from bench.measuring import Measured

HEAD = (
    "| kind | size | work | seconds | processor | peak MB | ratio | of | asked for | kept |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table.

    Attributes:
        kind: the kind of work, as `--only` names it.
        size: how much of it.
        work: the piece of work.
        measured: what it used; None when it could not be done.
        ratio: ours or a peer's to what it is measured beside; None for what others are measured by.
        of: what the ratio is of, or what stands here instead of a number.
        most: the ratio that is asked for; None where nothing is.
        asked: the same in words, where it is no ratio.
        is_kept: whether what is asked for was reached, where `most` does not tell.
    """

    kind: str
    size: str
    work: str
    measured: Measured | None
    ratio: float | None = None
    of: str = ""
    most: float | None = None
    asked: str = ""
    is_kept: bool | None = None

    def __str__(self) -> str:
        used = ("", "", "")
        if self.measured is not None:
            one = self.measured
            used = (f"{one.seconds:.1f}", f"{one.processor:.1f}", f"{one.memory:,.0f}")
        asked, is_kept = self.asked, self.is_kept
        if self.most is not None:
            asked = asked or f"at most {self.most:g}"
            is_kept = self.ratio is not None and round(self.ratio, 2) <= self.most
        kept = "" if is_kept is None else "yes" if is_kept else "**no**"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return f"| {' | '.join((self.kind, self.size, self.work, *used, ratio, self.of, asked, kept))} |"
