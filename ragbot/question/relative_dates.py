"""Dates that are said from today: "last year", "in the past six months". Spells them out.

What is left to read is the same question with dates as they are written (`periods`).
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from functools import partial

from ragbot.text.english import MONTH_NAMES, MONTHS

__all__ = ["SAID_FROM_TODAY", "in_dates"]

_SMALL = (
    "one two three four five six seven eight nine ten eleven twelve eighteen twenty-four"
).split()
_NUMBERS: dict[str, int] = {
    **dict(zip(_SMALL, [*range(1, 13), 18, 24], strict=True)),
    "couple of": 2,
    "few": 3,
    "several": 3,
    "half a": 0,
    "half": 0,
    "a": 1,
    "": 1,
}
_AMOUNT = rf"(?:\d{{1,3}}|{'|'.join(filter(None, _NUMBERS))})"
_N = rf"(?P<n>{_AMOUNT})"
_N_TOO = rf"(?P<n2>{_AMOUNT})"
_DAYS = {"week": 7, "day": 1}
_MONTHS_OF = {"month": 1, "year": 12, "decade": 120}
_LAST = {"last", "previous", "the previous"}
_UNIT = r"(?P<unit>year|month|week|day|decade)s?\b"
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SEASON = rf"(?P<season>{'|'.join(_SEASONS)})"
# "may" and "march" are verbs, too, but not behind a preposition.
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_WHEN = "year month week day decade today yesterday".split()
SAID_FROM_TODAY = rf"(?:{'|'.join([*_WHEN, *_SEASONS])}|{_MONTH}\b)"
"""A pattern of the words of which each such date has one, unless it has a year."""

Spelled = Callable[["re.Match[str]", datetime.date], str]


def in_dates(text: str, today: datetime.date) -> str:
    """The text with the dates that are said from today as they are written: "from 2025"."""
    for pattern, spelled in _SAID:
        text = pattern.sub(lambda match, say=spelled: say(match, today), text)  # type: ignore[misc]
    return text


def _number(match: re.Match[str]) -> int:
    groups = match.groupdict("")
    said = " ".join(f"{groups['n']}{groups.get('n2', '')}".lower().split())
    if said.isdecimal():
        return int(said)
    return _NUMBERS[said]


def _days_ago(match: re.Match[str], today: datetime.date) -> datetime.date:
    """The day that so many years, months, weeks or days lie behind."""
    number, unit = _number(match), match["unit"].lower()
    if unit in _DAYS:
        return today - datetime.timedelta(number * _DAYS[unit])
    months = number * _MONTHS_OF[unit]
    if months == 0:  # half of one, in whole numbers
        months = _MONTHS_OF[unit] // 2
    return _months_before(today, months)


def _months_before(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    year = max(year, 1)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def _counted_back(form: str, match: re.Match[str], today: datetime.date) -> str:
    """ "in the past two years": since the ``day`` two years ago."""
    return form.format(day=_days_ago(match, today), today=today)


_since = partial(_counted_back, "since {day}")
_older = partial(_counted_back, "before {day}")
# "Over the past two years": of papers, if it stands beside them.
_over = partial(_counted_back, "of {day} to {today}")


def _ago(match: re.Match[str], today: datetime.date) -> str:
    """ "two years ago": that year, "two months ago": that month."""
    before = match.groupdict("in ")["before"]
    return f"{before}{_whole(match, _days_ago(match, today))}"


def _whole(match: re.Match[str], day: datetime.date) -> str:
    """The year or the month in which a day lies, whichever is said."""
    if match["unit"].lower() == "year":
        return f"{day.year}"
    return f"{MONTH_NAMES[day.month - 1]} {day.year}"


def _period(match: re.Match[str], today: datetime.date) -> str:
    """ "last year", "this month": the whole of it; "last year's papers": the 2024 papers."""
    is_over = match["which"].lower() in _LAST
    preposition = "in "
    if match["s"]:
        preposition = ""
    months = is_over * _MONTHS_OF[match["unit"].lower()]
    day = _months_before(today.replace(day=1), months)
    before = match.groupdict(preposition)["before"]
    return f"{before}{_whole(match, day)}"


def _week(match: re.Match[str], today: datetime.date) -> str:
    monday = today - datetime.timedelta(today.weekday())
    first, last = monday - datetime.timedelta(7), monday - datetime.timedelta(1)
    if match["which"].lower() == "this":
        return f"since {monday.isoformat()}"
    return f"between {first.isoformat()} and {last.isoformat()}"


def _day(match: re.Match[str], today: datetime.date) -> str:
    day = today - datetime.timedelta(match["day"].lower() == "yesterday")
    return f"{match['before']} on {day.isoformat()}"


def _season_of(match: re.Match[str], today: datetime.date) -> str:
    """ "summer 2024": June to August, as in the north; winter ends in the next year."""
    first = _SEASONS[match["season"].lower()]
    return _three_months(match, first, int(match["year"]))


def _last_season(match: re.Match[str], today: datetime.date) -> str:
    """ "last summer": the last that is over; "this summer": that of this year."""
    first = _SEASONS[match["season"].lower()]
    if match["which"].lower() == "this":
        return _three_months(match, first, today.year)
    over = _months_before(today.replace(day=1), 3)
    return _three_months(match, first, over.year - (over.month < first))


def _three_months(match: re.Match[str], first: int, year: int) -> str:
    later, last = divmod(first + 1, 12)
    months = f"{MONTH_NAMES[first - 1]} {year} to {MONTH_NAMES[last]} {year + later}"
    before = match.groupdict("in ")["before"]
    return f"{before}{months}"


def _decade(match: re.Match[str], today: datetime.date) -> str:
    first = int(match["decade"])
    return f"{match['before']}{first} to {first + 9}"


def _month_alone(match: re.Match[str], today: datetime.date) -> str:
    """ "since June": the last June that has begun."""
    month = MONTHS[match["month"].lower()]
    year = today.year - (month > today.month)
    return f"{match['before']}{MONTH_NAMES[month - 1]} {year}"


def _two_months(match: re.Match[str], today: datetime.date) -> str:
    """ "between January and March": the last such months that have begun."""
    first, last = MONTHS[match["month"].lower()], MONTHS[match["until"].lower()]
    year = today.year - (first > today.month)
    end = f"{MONTH_NAMES[last - 1]} {year + (last < first)}"
    return f"between {MONTH_NAMES[first - 1]} {year} and {end}"


_BEFORE = (
    r"\b(?P<before>(?:from|in|of|over|during|within|since|until|till|before|after|"
    r"published|released|written|posted)\s+)?"
)
_IN = r"\b(?:(?:from|in|of|within|since)\s+)?"
_PAST = r"(?:last|past|previous|preceding|most\s+recent)"
_ALL_PAST = rf"(?:(?:the|these)\s+(?:very\s+)?{_PAST}\s+(?:{_N}\s+)?|{_PAST}\s+{_N_TOO}\s+|past\s+)"
_NOT_ALONE = (
    r"(?!\.?,?\s+(?:of\s+)?\d|\s*[-–]|\s+(?:have|be|not|also)\b"
    r"|\s+(?:and|or|to|until|till|through)\s+[A-Z])"
)
_SAID: tuple[tuple[re.Pattern[str], Spelled], ...] = tuple(
    (re.compile(pattern, re.I), spelled)
    for pattern, spelled in (
        (
            rf"{_BEFORE}(?P<which>(?<!the )last|this|(?:the\s+)?(?:current|previous))\s+"
            r"(?P<unit>year|month)\b(?P<s>['’]s)?",
            _period,
        ),
        (rf"\b(?:over|during|for|throughout)\s+{_ALL_PAST}{_UNIT}", _over),
        (rf"{_IN}{_ALL_PAST}{_UNIT}", _since),
        (
            rf"\b(?:less|newer|younger|not\s+older)\s+than\s+{_N}\s+{_UNIT}(?:\s+(?:ago|old))?",
            _since,
        ),
        (rf"\b(?:more|older)\s+than\s+{_N}\s+{_UNIT}(?:\s+(?:ago|old))?", _older),
        (
            rf"(?P<before>\b(?:from|in|of|since|before|after)\s+)?\b{_N}\s+(?P<unit>year|month)s?\s+ago\b",
            _ago,
        ),
        (
            r"\b(?:(?:from|in|of|during)\s+)?(?P<which>last|this)\s+week\b(?:['’]s)?",
            _week,
        ),
        (
            r"(?P<before>\b(?:from|of|since|new|published|posted|released|out))\s+"
            r"(?P<day>today|yesterday)\b",
            _day,
        ),
        (
            rf"{_BEFORE}(?:the\s+)?\b{_SEASON}\s+(?:of\s+)?(?P<year>(?:19[5-9]|20[0-4])\d)\b",
            _season_of,
        ),
        (rf"{_BEFORE}\b(?P<which>last|this)\s+{_SEASON}\b", _last_season),
        (
            r"(?P<before>\b(?:from|in|of|during|within)\s+)the\s+"
            r"(?P<decade>(?:19|20)\d0)['’]?s\b",
            _decade,
        ),
        (
            rf"\b(?:between|from)\s+(?P<month>{_MONTH})\s+(?:and|to|until)\s+"
            rf"(?P<until>{_MONTH})\b{_NOT_ALONE}",
            _two_months,
        ),
        (
            r"(?P<before>\b(?:since|in|from|of|during|until|before|after)\s+)(?:last\s+)?"
            rf"(?P<month>{_MONTH})\b{_NOT_ALONE}",
            _month_alone,
        ),
    )
)
