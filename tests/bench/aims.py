"""What the project aims at, beside what was measured: a table of every aim, and a picture of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from attrs import frozen

PICTURE: Final = Path(__file__).with_name("aims.svg")
TITLE: Final = "Aims"
_NOTE: Final = """\
Every figure of this run that has an aim, and which share of the aim it takes: above 1 it is missed.

![Measured, as a share of the aim](aims.svg)

| figure | measured | aim | share |
|---|--:|--:|--:|"""

_LEFT: Final = 430
_WIDTH: Final = 960
_ROW: Final = 22
_DECADES: Final = (0.1, 10.0)
_STYLE: Final = """\
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.small { font-size: 11px; fill: #59636e; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
.met { fill: #2f81f7; } .missed { fill: #d4691a; }
.grid { stroke: #d1d9e0; } .aim { stroke: #1f2328; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .small { fill: #9198a1; stroke: #0d1117; }
  .missed { fill: #f0883e; }
  .grid { stroke: #3d444d; } .aim { stroke: #f0f6fc; }
}"""


@frozen
class Aim:
    """One aim: a figure and what it may be at most."""

    what: str
    measured: str
    """The figure, as it is read."""
    most: str
    """The same of what it may be at most."""
    share: float
    """The figure divided by what it may be at most; for a figure that should be large, the inverse."""
    why: str = ""
    """Where the time goes and what was tried; said where the aim is missed."""

    @property
    def is_met(self) -> bool:
        """Whether the figure is no larger than it may be."""
        return self.share <= 1


@frozen
class Section:
    """A part of the report, and the aims that it measured."""

    lines: Sequence[str]
    aims: Sequence[Aim] = ()


def table(aims: Sequence[Aim]) -> Iterator[str]:
    """The lines of the section."""
    yield from ("", f"## {TITLE}", "", _NOTE)
    for aim in aims:
        share = f"{aim.share:.2f}" if aim.is_met else f"**{aim.share:.2f}**"
        yield f"| {aim.what} | {aim.measured} | {aim.most} | {share} |"
    missed = [aim for aim in aims if not aim.is_met]
    if missed:
        yield from ("", "### Missed, and where the time goes", "")
    for aim in missed:
        yield f"- *{aim.what}*: {aim.measured}, {aim.share:.2f} of the aim. {aim.why}".rstrip()


def picture(aims: Sequence[Aim]) -> str:
    """An SVG with a bar for each aim, on a logarithmic scale; what ends left of the line is met."""
    bottom = 40 + _ROW * len(aims)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom + 12}" role="img">',
        "<title>What was measured, as a share of what is aimed at: bars that end left of the line are within</title>",
        f"<style>{_STYLE}</style>",
    ]
    for share, label in ((0.1, "a tenth"), (1 / 3, "a third"), (1, "the aim"), (3, "3 times"), (10, "10 times")):
        line = "aim" if share == 1 else "grid"
        parts.append(f'<line class="{line}" x1="{_x(share)}" x2="{_x(share)}" y1="26" y2="{bottom}"/>')
        parts.append(f'<text class="small" text-anchor="middle" x="{_x(share)}" y="18">{label}</text>')
    for row, aim in enumerate(aims):
        top = 32 + _ROW * row
        kind = "met" if aim.is_met else "missed"
        parts.append(
            f'<text text-anchor="end" x="{_LEFT - 10}" y="{top + 13}">{escape(aim.what.replace("`", ""))}</text>'
        )
        parts.append(
            f'<rect class="{kind}" x="{_LEFT}" y="{top + 3}" width="{_x(aim.share) - _LEFT:.1f}" height="13" rx="2"/>'
        )
        parts.append(f'<text class="small" x="{_x(aim.share) + 6:.1f}" y="{top + 13}">{escape(aim.measured)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(share: float) -> float:
    """Where a share stands, in the picture's units."""
    low, high = (math.log10(end) for end in _DECADES)
    place = min(max(math.log10(share) if share > 0 else low, low), high)
    return round(_LEFT + 4 + (place - low) / (high - low) * (_WIDTH - _LEFT - 90), 1)
