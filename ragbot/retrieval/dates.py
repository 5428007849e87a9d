"""Dates in a question's own words: "since September 2024", "2022 or earlier". Knows no store."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ragbot.types import Filters

__all__ = ["read_dates"]

_MONTHS = {m.lower(): i for i, m in enumerate(calendar.month_name) if m}
_MONTHS |= {m.lower(): i for i, m in enumerate(calendar.month_abbr) if m} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_PART = r"first|second|third|fourth|last|1st|2nd|3rd|4th"
_PERIOD = re.compile(
    rf"""(?:the\s+)?(?P<part>{_PART})\s+(?P<unit>half|quarter)\s+(?:of\s+)?(?P<y1>{_YEAR})
    |\b(?P<short>[QH])(?P<nth>[1-4])\s+(?:of\s+)?(?P<y2>{_YEAR})
    |\b(?P<y3>{_YEAR})-(?P<m3>0[1-9]|1[0-2])(?:-(?P<d3>0[1-9]|[12]\d|3[01]))?
    |\b(?:(?P<d4>[0-3]?\d)(?:st|nd|rd|th)?\s+)?(?P<m4>{_MONTH})
        (?:\s+(?P<d5>[0-3]?\d)(?:st|nd|rd|th)?,?)?,?\s+(?:of\s+)?(?P<y4>{_YEAR})
    |\b(?P<y5>{_YEAR})""",
    re.I | re.X,
)
# "2024" in "BraTS-2024" or "2024.1" is part of a name.
_NOT_INSIDE = re.compile(r"[\w.-]$")
_NOT_BEFORE = re.compile(r"^(?:[\w]|[-.]\w)")
# But "2022-2024" is a range of years.
_YEARS_AFTER = re.compile(rf"[-–]{_YEAR}\b")
_YEARS_BEFORE = re.compile(rf"\b{_YEAR}[-–]$")

_ABOUT_TIME = (
    r"(?:(?:that|which)\s+(?:are|were|is|was|have|has)\s+)?"
    r"(?:(?:been\s+)?(?:dated|published|released|written|posted|submitted)|(?:with\s+)?(?:a\s+)?dates?(?:\s+of)?)?\s*"
)
_FROM = re.compile(_ABOUT_TIME + r"\b(?:since|starting(?:\s+(?:in|from))?|from)\s+$", re.I)
_AFTER = re.compile(_ABOUT_TIME + r"\b(?:after|later\s+than|newer\s+than)\s+$", re.I)
_UNTIL = re.compile(
    _ABOUT_TIME
    + r"\b(?:until|till|up\s+to|through|no\s+later\s+than|by(?:\s+the\s+end\s+of)?)\s+$",
    re.I,
)
_BEFORE = re.compile(_ABOUT_TIME + r"\b(?:before|earlier\s+than|older\s+than|prior\s+to)\s+$", re.I)
_BETWEEN = re.compile(_ABOUT_TIME + r"\b(?:between|from)\s+$", re.I)
_WITHIN = re.compile(_ABOUT_TIME + r"(?:\b(?:in|during|from|of|within)\s+)?$", re.I)
_DATED = re.compile(
    r"\b(?:dated|published|released|written|posted|submitted|dates?(?:\s+of)?)\s+(?:in\s+|from\s+)?$",
    re.I,
)
_JOIN = re.compile(r"^\s*(?:and|to|until|till|through|-|–)\s*$", re.I)
_OR_EARLIER = re.compile(r"^\s*,?\s*(?:or|and)\s+(?:earlier|before|older)\b", re.I)
_OR_LATER = re.compile(
    r"^\s*,?\s*(?:(?:or|and)\s+(?:later|after|newer|since|onwards?)\b|onwards?\b|on(?=\s*[?.!,]|$))",
    re.I,
)
_BARE_MONTH = re.compile(
    rf"\b(between|from)\s+({_MONTH})\s+(and|to|until|through|-|–)\s+({_MONTH})\s+({_YEAR})\b", re.I
)
# A date restricts only a question about papers: "who won in 2018?" and "how many cases are
# predicted by 2030?" ask for something else.
_ABOUT_PAPERS = re.compile(
    r"\b(?:papers?|works?|articles?|research|studies|publications?|literature|preprints?|abstracts?|"
    r"(?:come|came)\s+out|published|dated|appeared|released|anything)\b",
    re.I,
)
_ABOUT_MANY = re.compile(
    r"^\W*(?:show|list|find|give|name|any)\b|\b(?:which|what|any)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:methods|models|approaches|techniques|architectures|designs|systems|surveys|datasets)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Period:
    start: int
    end: int
    low: str
    high: str


def read_dates(question: str) -> tuple[str, Filters]:
    """The question without its dates, and the inclusive range they ask for.

    A question that asks for none, or for a range that is empty, comes back as it is.
    """
    if not (_ABOUT_PAPERS.search(question) or _ABOUT_MANY.search(question)):
        return question, Filters()
    text = _BARE_MONTH.sub(r"\1 \2 \5 \3 \4 \5", question)
    low, high, cuts = "", "9999", []
    periods = list(_periods(text))
    skip = -1
    for i, period in enumerate(periods):
        if i == skip:
            continue
        before, after = text[: period.start], text[period.end :]
        following = periods[i + 1] if i + 1 < len(periods) else None
        start, end, bounds = period.start, period.end, None
        if following and _JOIN.match(text[period.end : following.start]):
            joined = text[period.end : following.start].strip()
            opened = _BETWEEN.search(before)
            if opened or joined in "-–":
                start = opened.start() if opened else _start(_WITHIN, before, period.start)
                end, bounds, skip = following.end, (period.low, following.high), i + 1
        if bounds is None:
            start, end, bounds = _alone(period, before, after)
        if bounds is not None:
            low, high = max(low, bounds[0]), min(high, bounds[1])
            cuts.append((start, end))
    if not cuts or low > high:
        return question, Filters()
    for start, end in reversed(cuts):
        text = text[:start] + " " + text[end:]
    text = re.sub(r"\s+([?.!,;])", r"\1", " ".join(text.split()))
    return text, Filters(low or None, high if high != "9999" else None)


def _alone(period: _Period, before: str, after: str) -> tuple[int, int, tuple[str, str] | None]:
    """Where a period that is no part of a range begins and ends with its words, and its bounds."""
    if match := _OR_EARLIER.match(after):
        start = _start(_WITHIN, before, period.start)
        return start, period.end + match.end(), ("", period.high)
    if match := _OR_LATER.match(after):
        start = _start(_FROM, before, _start(_WITHIN, before, period.start))
        return start, period.end + match.end(), (period.low, "9999")
    for pattern, bounds in (
        (_UNTIL, ("", period.high)),
        (_AFTER, (_day(period.high, 1), "9999")),
        (_BEFORE, ("", _day(period.low, -1))),
    ):
        if match := pattern.search(before):
            return match.start(), period.end, bounds
    if (match := _FROM.search(before)) and not re.search(r"\bfrom\s+$", before, re.I):
        return match.start(), period.end, (period.low, "9999")
    inside = re.search(r"\b(?:in|during|from|within)\s+$", before, re.I)
    adjective = re.match(rf"\s+{_ABOUT_PAPERS.pattern}", after, re.I)
    if inside or adjective or _DATED.search(before):
        return _start(_WITHIN, before, period.start), period.end, (period.low, period.high)
    return period.start, period.end, None


def _start(pattern: re.Pattern[str], before: str, otherwise: int) -> int:
    match = pattern.search(before)
    return match.start() if match else otherwise


def _periods(text: str) -> Iterator[_Period]:
    for m in _PERIOD.finditer(text):
        before, after = text[: m.start()], text[m.end() :]
        in_name = _NOT_INSIDE.search(before) or _NOT_BEFORE.match(after)
        if in_name and not (_YEARS_AFTER.match(after) or _YEARS_BEFORE.search(before)):
            continue
        year = int(m["y1"] or m["y2"] or m["y3"] or m["y4"] or m["y5"])
        first, last, day = 1, 12, 0
        if m["part"] or m["short"]:
            length = 6 if (m["unit"] or m["short"]).lower() in ("half", "h") else 3
            nth = int(m["nth"]) if m["nth"] else _nth(m["part"], 12 // length)
            if nth * length > 12:
                continue
            first, last = (nth - 1) * length + 1, nth * length
        elif m["m3"]:
            first = last = int(m["m3"])
            day = int(m["d3"] or 0)
        elif m["m4"]:
            first = last = _MONTHS[m["m4"].lower().rstrip(".")]
            day = int(m["d4"] or m["d5"] or 0)
        days = calendar.monthrange(year, last)[1]
        if day > days:
            continue
        yield _Period(
            m.start(),
            m.end(),
            f"{year}-{first:02}-{day or 1:02}",
            f"{year}-{last:02}-{day or days:02}",
        )


def _nth(word: str, parts: int) -> int:
    word = word.lower()
    if word == "last":
        return parts
    if word[0].isdigit():
        return int(word[0])
    return ("first", "second", "third", "fourth").index(word) + 1


def _day(date: str, days: int) -> str:
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days)).isoformat()
