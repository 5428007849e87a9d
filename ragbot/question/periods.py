"""Dates as they are written: "5 March 2024", "H1 2024", "March to June 2024", "late 2023".

Knows nothing of what they are said of.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex

from ragbot.text.english import MONTHS

__all__ = ["Span", "find_spans", "spelled_out"]

_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_NUMBER_OF_MONTH = MONTHS | {f"{number:02}": number for number in range(1, 13)}
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
_UNITS = {"half": 6, "h": 6, "quarter": 3, "q": 3}
# The months that loose words stand for: wide, since nobody draws the line at a day.
_LOOSE = {
    "early": (1, 6),
    "mid": (4, 9),
    "late": (7, 12),
    "start": (1, 1),
    "beginning": (1, 1),
    "end": (12, 12),
}
_PERIOD = regex.compile(
    rf"""\b(?:
    (?:the\s+)?(?P<nth>{"|".join(_NTH)}|last)\s+(?P<unit>half|quarter)\s+(?:of\s+)?(?:the\s+year\s+)?(?P<year>{_YEAR})
    |(?P<unit>[QH])(?P<n>[1-4])\s+(?:of\s+)?(?P<year>{_YEAR})
    |(?:(?P<loose>early|mid|late)[\s-]|(?:the\s+)?(?P<loose>start|beginning|end)\s+of\s+)(?P<year>{_YEAR})
    |(?P<year>{_YEAR})-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?
    |(?:(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})
        (?:\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)?,?)?,?\s+(?:of\s+)?(?P<year>{_YEAR})
    |(?:(?:the\s+)?year\s+)?(?P<year>{_YEAR}))""",
    regex.I | regex.X,
)
_DATE = "\0"  # stands for a date in the text around it
# "2024" in "BraTS-2024", "2024.1" or "2023/24" is part of a name; but "2022-2024" is a range.
_IN_NAME = regex.compile(
    rf"(?:(?<=[\w./-]){_DATE}|{_DATE}(?=\w|[-./–]\w))"
    rf"(?<!\b{_YEAR}[-–]{_DATE})(?![-–]{_YEAR}\b)"
)
# So many characters beside a date tell.
_NEAR = 6
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


def find_spans(text: str) -> list[Span]:
    """The dates in a text, those that "to", "and" or a comma joins as one."""
    spans: list[Span] = []
    for period in _periods(text):
        if not spans:
            spans.append(period)
            continue
        joined = _joined(text, spans[-1], period)
        if joined is None:
            spans.append(period)
        else:
            spans[-1] = joined
    return spans


def _joined(text: str, span: Span, period: Span) -> Span | None:
    """Two dates as one, if what stands between them joins them."""
    between = text[span.end : period.start]
    if _TO.fullmatch(between):
        return Span(span.start, period.end, span.low, period.high, period.bare, True)
    if _AND.fullmatch(between):
        low, high = min(span.low, period.low), max(span.high, period.high)
        return Span(span.start, period.end, low, high, period.bare)
    return None


def _periods(text: str) -> Iterator[Span]:
    for match in _PERIOD.finditer(text):
        months = _months(match)
        if months.last > 12:
            continue
        if _is_in_name(text, match.start(), match.end()):
            continue
        year = int(match["year"])
        days = calendar.monthrange(year, months.last)[1]
        if months.first_day > days:
            continue
        last_day = min(months.last_day, days)
        yield Span(
            match.start(),
            match.end(),
            f"{year}-{months.first:02}-{months.first_day:02}",
            f"{year}-{months.last:02}-{last_day:02}",
            match.group().isdecimal(),
        )


def _is_in_name(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _NEAR) : start]
    after = text[end : end + _NEAR]
    return _IN_NAME.search(f"{before}{_DATE}{after}") is not None


@dataclass(frozen=True, slots=True)
class _Months:
    """The months of a year that a date names, beyond the twelfth in "the third half", and the days
    of the first and the last of them, which may have fewer."""

    first: int = 1
    last: int = 12
    first_day: int = 1
    last_day: int = 31


def _months(match: regex.Match[str]) -> _Months:
    """What a date says beside its year."""
    for group, read in _READERS.items():
        if match[group]:
            return read(match)
    return _Months()


def _share(match: regex.Match[str]) -> _Months:
    length = _UNITS[match["unit"].lower()]
    nth = int(match["n"] or _NTH.get(match["nth"].lower(), 12 // length))
    return _Months((nth - 1) * length + 1, nth * length)


def _loosely(match: regex.Match[str]) -> _Months:
    first, last = _LOOSE[match["loose"].lower()]
    return _Months(first, last)


def _of_month(match: regex.Match[str]) -> _Months:
    month = _NUMBER_OF_MONTH[match["month"].lower().rstrip(".")]
    first_day = int(match.groupdict("1")["day"])
    last_day = int(match.groupdict("31")["day"])
    return _Months(month, month, first_day, last_day)


_READERS: dict[str, Callable[[regex.Match[str]], _Months]] = {
    "unit": _share,
    "loose": _loosely,
    "month": _of_month,
}
