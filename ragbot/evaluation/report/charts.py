"""Inline SVG for reports: plain shapes whose colours come from the page's style. Knows no runs.

Every function returns markup that may stand in a page as it is; labels are escaped.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = ["Line", "Mark", "bar", "forest", "histogram", "lines"]

_WIDTH, _HEIGHT = 520, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 14, 12, 42


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled curve; ``style`` is its class in the page's style."""

    label: str
    points: Sequence[tuple[float, float]]
    style: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled vertical line at ``x``."""

    label: str
    x: float


def bar(value: float, low: float, high: float, *, style: str = "") -> Markup:
    """A bar from 0 to ``value`` on a scale to 1, with its interval as a whisker."""
    left, right = 100 * max(0.0, low), 100 * min(1.0, high)
    return Markup(
        '<svg class="bar {style}" viewBox="0 0 100 16" preserveAspectRatio="none">'
        '<rect class="track" x="0" y="3" width="100" height="10"/>'
        '<rect class="fill" x="0" y="3" width="{value:.2f}" height="10"/>'
        '<path class="whisker" d="M{left:.2f} 8H{right:.2f}M{left:.2f} 4V12M{right:.2f} 4V12"/>'
        "</svg>"
    ).format(style=style, value=100 * value, left=left, right=right)


def forest(
    value: float, low: float, high: float, *, reach: float, style: str = ""
) -> Markup:
    """A difference with its interval on a scale from ``-reach`` to ``reach``."""

    def x(v: float) -> float:
        return 50 + 48 * max(-1.0, min(1.0, v / reach))

    return Markup(
        '<svg class="forest {style}" viewBox="0 0 100 16" preserveAspectRatio="none">'
        '<path class="zero" d="M50 0V16"/><path class="whisker" d="M{low:.2f} 8H{high:.2f}"/>'
        '<path class="point" d="M{value:.2f} 3V13"/></svg>'
    ).format(style=style, low=x(low), high=x(high), value=x(value))


def lines(
    curves: Sequence[Line],
    *,
    title: str,
    x_label: str,
    x_ticks: Sequence[float],
    marks: Sequence[Mark] = (),
    log: bool = False,
) -> Markup:
    """Curves of shares, 0 to 1, over ``x_ticks``' span, the first one undermost; a legend below."""
    low, high = min(x_ticks), max(x_ticks)
    scale: Callable[[float], float] = float
    if log:
        scale = math.log

    def x(v: float) -> float:
        share = (scale(v) - scale(low)) / ((scale(high) - scale(low)) or 1.0)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(v: float) -> float:
        return _TOP + (1 - v) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_grid(y), *(_tick(x(t), f"{t:g}") for t in x_ticks), _caption(x_label)]
    parts += [_mark(x(m.x), m.label) for m in marks if low <= m.x <= high]
    for curve in curves:
        shown = [(a, b) for a, b in curve.points if low <= a <= high]
        path = "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in shown)
        parts.append(
            Markup('<path class="curve {}" d="M{}"><title>{}</title></path>').format(
                curve.style, path, curve.label
            )
        )
    legend = Markup("").join(
        Markup('<span class="key {}">{}</span>').format(c.style, c.label)
        for c in reversed(curves)
    )
    return _svg(title, parts) + Markup('<p class="legend">{}</p>').format(legend)


def histogram(
    values: Sequence[float],
    *,
    title: str,
    x_label: str,
    marks: Sequence[Mark],
    style: str,
) -> Markup:
    """Counts in thirty equal bins up to about the 99th percentile; the rest is in the last."""
    top = _round_up(sorted(values)[min(len(values) - 1, int(0.99 * len(values)))])
    bins = 30
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value / top * bins))] += 1
    width = (_WIDTH - _LEFT - _RIGHT) / bins
    most = max(counts)

    def x(v: float) -> float:
        return _LEFT + min(1.0, v / top) * (_WIDTH - _LEFT - _RIGHT)

    def y(n: float) -> float:  # below a band for the labels of the marks
        return _TOP + 36 + (1 - n / most) * (_HEIGHT - _TOP - 36 - _BOTTOM)

    parts = [
        Markup('<path class="axis" d="M{} {}H{}"/>').format(
            _LEFT, y(0), _WIDTH - _RIGHT
        )
    ]
    parts += [_tick(x(t * top), f"{t * top:g}") for t in (0, 0.25, 0.5, 0.75, 1)]
    parts.append(_caption(x_label))
    for i, n in enumerate(counts):
        if n:
            parts.append(
                Markup(
                    '<rect class="column {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" '
                    'rx="1.5"><title>{:g} to {:g} ms: {}</title></rect>'
                ).format(
                    style,
                    _LEFT + i * width + 1,
                    y(n),
                    width - 2,
                    y(0) - y(n),
                    i * top / bins,
                    (i + 1) * top / bins,
                    n,
                )
            )
    parts += [_mark(x(m.x), m.label, lift=16 * i) for i, m in enumerate(marks)]
    return _svg(title, parts)


def _svg(title: str, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(_WIDTH, _HEIGHT, title, Markup("").join(parts))


def _grid(y: Callable[[float], float]) -> Markup:
    return Markup("").join(
        Markup(
            '<path class="grid" d="M{} {:.1f}H{}"/><text x="{}" y="{:.1f}" class="y">{}</text>'
        ).format(_LEFT, y(v), _WIDTH - _RIGHT, _LEFT - 8, y(v) + 4, f"{v:.0%}")
        for v in (0, 0.25, 0.5, 0.75, 1)
    )


def _tick(x: float, label: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{}" class="x">{}</text>').format(
        x, _HEIGHT - 22, label
    )


def _caption(label: str) -> Markup:
    return Markup('<text x="{}" y="{}" class="x caption">{}</text>').format(
        (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 4, label
    )


def _mark(x: float, label: str, lift: float = 0) -> Markup:
    # Near the right edge the label stands on the left.
    anchor, shift = "start", 6
    if x > 0.72 * _WIDTH:
        anchor, shift = "end", -6
    return Markup(
        '<path class="mark" d="M{:.1f} {}V{}"/>'
        '<text class="mark" x="{:.1f}" y="{}" text-anchor="{}">{}</text>'
    ).format(
        x,
        _TOP,
        _HEIGHT - _BOTTOM,
        x + shift,
        _TOP + 10 + lift,
        anchor,
        escape(label),
    )


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 times a power of ten: its quarters are short numbers."""
    unit = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    steps = [m * unit for m in (1, 2, 4, 6, 8, 10)]
    return steps[bisect.bisect_left(steps, value)]
