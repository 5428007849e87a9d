"""Dates as they are written: "5 March 2024", "H1 2024", "March to June 2024", "late 2023".

Knows nothing of what they are said of.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ragbot.text.english import MONTHS

__all__ = ["Span", "find_spans", "spelled_out"]

_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_NTH = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
# The months that loose words stand for: wide, since nobody draws the line at a day.
_LOOSE = {
    "early": (1, 6),
    "mid": (4, 9),
    "late": (7, 12),
    "start": (1, 1),
    "beginning": (1, 1),
    "end": (12, 12),
}
_PERIOD = re.compile(
    rf"""\b(?:
    (?:the\s+)?(?P<nth>{"|".join(_NTH)}|last)\s+(?P<unit>half|quarter)\s+(?:of\s+)?(?:the\s+year\s+)?(?P<y1>{_YEAR})
    |(?P<short>[QH])(?P<n>[1-4])\s+(?:of\s+)?(?P<y2>{_YEAR})
    |(?:(?P<loose>early|mid|late)[\s-]|(?:the\s+)?(?P<edge>start|beginning|end)\s+of\s+)(?P<y3>{_YEAR})
    |(?P<y4>{_YEAR})-(?P<m4>0[1-9]|1[0-2])(?:-(?P<d4>0[1-9]|[12]\d|3[01]))?
    |(?:(?P<d5>[0-3]?\d)(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<m5>{_MONTH})
        (?:\s+(?P<d6>[0-3]?\d)(?:st|nd|rd|th)?,?)?,?\s+(?:of\s+)?(?P<y5>{_YEAR})
    |(?:(?:the\s+)?year\s+)?(?P<y6>{_YEAR}))""",
    re.I | re.X,
)
# "2024" in "BraTS-2024", "2024.1" or "2023/24" is part of a name.
_NOT_INSIDE = re.compile(r"[\w./-]$")
_NOT_BEFORE = re.compile(r"\w|[-./–]\w")
# But "2022-2024" is a range of years.
_YEARS_AFTER = re.compile(rf"[-–]{_YEAR}\b")
_YEARS_BEFORE = re.compile(rf"\b{_YEAR}[-–]$")
# "March to June 2024" has the year once.
_BARE_MONTH = re.compile(
    rf"\b({_MONTH})(\s+(?:and|or|to|until|till|through)\s+|\s*[-–]\s*)({_MONTH})\s+({_YEAR})\b",
    re.I,
)
_TO = re.compile(r"\s*(?:to|until|till|through|-|–)\s*", re.I)
_AND = re.compile(r"\s*(?:,|,?\s*(?:and|or|&))\s+", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """One date or several that were joined: where it stands in its text, its first and last day.

    ``ranged``: joined by "to" or the like; ``bare``: its end is a year and nothing else.
    """

    start: int
    end: int
    low: str
    high: str
    bare: bool
    ranged: bool = False


def spelled_out(text: str) -> str:
    """The text with each month's year beside it: "March 2024 to June 2024"."""
    return _BARE_MONTH.sub(r"\1 \4\2\3 \4", text)


def find_spans(text: str) -> Iterator[Span]:
    """The dates in a text, those that "to", "and" or a comma joins as one."""
    span = None
    for period in _periods(text):
        between = text[span.end : period.start] if span else ""
        if span and _TO.fullmatch(between):
            span = Span(
                span.start, period.end, span.low, period.high, period.bare, True
            )
        elif span and _AND.fullmatch(between):
            low, high = min(span.low, period.low), max(span.high, period.high)
            span = Span(span.start, period.end, low, high, period.bare)
        else:
            if span:
                yield span
            span = period
    if span:
        yield span


def _periods(text: str) -> Iterator[Span]:
    for m in _PERIOD.finditer(text):
        before, after = (
            text[max(0, m.start() - 6) : m.start()],
            text[m.end() : m.end() + 6],
        )
        in_name = _NOT_INSIDE.search(before) or _NOT_BEFORE.match(after)
        if in_name and not (_YEARS_AFTER.match(after) or _YEARS_BEFORE.search(before)):
            continue
        year = int(next(filter(None, m.group("y1", "y2", "y3", "y4", "y5", "y6"))))
        first, last, day = 1, 12, 0
        if m["nth"] or m["short"]:
            length = 6 if (m["unit"] or m["short"]).lower() in ("half", "h") else 3
            nth = int(m["n"] or _NTH.get(m["nth"].lower(), 12 // length))
            if nth * length > 12:
                continue
            first, last = (nth - 1) * length + 1, nth * length
        elif loose := m["loose"] or m["edge"]:
            first, last = _LOOSE[loose.lower()]
        elif m["m4"]:
            first = last = int(m["m4"])
            day = int(m["d4"] or 0)
        elif m["m5"]:
            first = last = MONTHS[m["m5"].lower().rstrip(".")]
            day = int(m["d5"] or m["d6"] or 0)
        days = calendar.monthrange(year, last)[1]
        if day > days:
            continue
        yield Span(
            m.start(),
            m.end(),
            f"{year}-{first:02}-{day or 1:02}",
            f"{year}-{last:02}-{day or days:02}",
            m.group().isdecimal(),
        )
