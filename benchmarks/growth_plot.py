"""Draws what `scale.py` measured at several sizes as one SVG: panels of lines over papers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import starmap
from typing import NamedTuple

from markupsafe import Markup

__all__ = ["draw"]

Figures = Mapping[int, Mapping[str, float | None]]

_WIDTH, _HEIGHT = 430, 250  # of a panel
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 120, 40, 34
_ACROSS = 2
_LINE = 15  # between two labels
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.grid { stroke: #8b949e; stroke-opacity: .35; fill: none }
.line { fill: none; stroke-width: 2 }
.s0 { stroke: #2563eb } .s1 { stroke: #d97706 } .s2 { stroke: #059669 } .s3 { stroke: #db2777 }
.t0 { fill: #2563eb } .t1 { fill: #d97706 } .t2 { fill: #059669 } .t3 { fill: #db2777 }
@media (prefers-color-scheme: dark) { text { fill: #9198a1 } .title { fill: #f0f6fc } }
"""
_RANGES = ("no dates", "a year", "a month", "a day")


class _Panel(NamedTuple):
    """Figures that share a scale, by what they are called in the plot."""

    title: str
    names: Mapping[str, str]


_PANELS = (
    _Panel(
        "A search, ms of processor time",
        {name: f"search, {name} [ms of CPU]" for name in _RANGES},
    ),
    _Panel(
        "Opening, adding, deleting: s of processor time",
        {name: f"{name} [s of CPU]" for name in ("open", "add 100", "delete 1000")},
    ),
    _Panel(
        "Peak of memory, MB",
        {name: f"peak memory, {name} (MB)" for name in ("asking", "changing")},
    ),
    _Panel(
        "On disk, kB a paper",
        {
            name: f"on disk, {name} (kB a paper)"
            for name in ("catalog", "chunk vectors", "words", "sentence vectors")
        },
    ),
)


def draw(figures: Figures) -> str:
    """The panels, two a row, over the number of papers on a logarithmic scale."""
    rows = math.ceil(len(_PANELS) / _ACROSS)
    parts = [_panel(panel, figures, at) for at, panel in enumerate(_PANELS)]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" '
        'aria-label="What Ragbot costs as a collection grows">\n<style>{}</style>\n{}\n</svg>\n'
    ).format(_ACROSS * _WIDTH, rows * _HEIGHT, Markup(_STYLE), Markup("\n").join(parts))


def _panel(panel: _Panel, figures: Figures, at: int) -> Markup:
    sizes = sorted(figures)
    series = {
        label: [(size, figures[size].get(name) or 0.0) for size in sizes]
        for label, name in panel.names.items()
    }
    top = _round_up(max(value for points in series.values() for _, value in points))
    low, span = math.log(sizes[0]), math.log(sizes[-1] / sizes[0]) or 1.0

    def x(size: int) -> float:
        share = (math.log(size) - low) / span
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM)

    def tick(size: int) -> Markup:
        return _text(x(size), _HEIGHT - _BOTTOM + 18, f"{size:,}", "middle")

    def level(value: float) -> Markup:
        line = Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(
            _LEFT, y(value), _WIDTH - _RIGHT
        )
        return line + _text(_LEFT - 6, y(value) + 4, f"{value:g}", "end")

    def curve(number: int, points: list[tuple[int, float]]) -> Markup:
        path = "L".join(f"{x(size):.1f} {y(value):.1f}" for size, value in points)
        return Markup('<path class="line s{}" d="M{}"/>').format(number, path)

    ends = {label: y(points[-1][1]) for label, points in series.items()}
    names = [
        _text(
            _WIDTH - _RIGHT + 6,
            height + 4,
            label,
            "start",
            f"t{[*series].index(label)}",
        )
        for label, height in _apart(ends).items()
    ]
    drawn = [
        _text(_LEFT, _TOP - 18, panel.title, "start", "title"),
        *map(level, (0.0, top / 2, top)),
        *map(tick, sizes),
        *starmap(curve, enumerate(series.values())),
        *names,
    ]
    row, column = divmod(at, _ACROSS)
    return Markup('<g transform="translate({} {})">{}</g>').format(
        column * _WIDTH, row * _HEIGHT, Markup("\n").join(drawn)
    )


def _text(x: float, y: float, text: str, anchor: str, style: str = "") -> Markup:
    return Markup(
        '<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>'
    ).format(style, x, y, anchor, text)


def _apart(heights: Mapping[str, float]) -> dict[str, float]:
    """Heights of labels, moved up where one would lie on another, the lowest first."""
    moved: dict[str, float] = {}
    free = float(_HEIGHT)
    for label in sorted(heights, key=heights.__getitem__, reverse=True):
        moved[label] = free = min(heights[label], free - _LINE)
    return moved


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 6, 8 times a power of ten."""
    unit = 10.0 ** math.floor(math.log10(value or 1.0))
    return next(m * unit for m in (1, 1.5, 2, 3, 4, 6, 8, 10) if m * unit >= value)
