"""A day as pages write it, on a line of its own: with or without year, or counted from today."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from operator import methodcaller

from ragbot.text.months import MONTH_WORDS

__all__ = ["NO_DATE", "WrittenDate", "written_date"]


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A day as far as a line tells it: its parts, or how long ``ago`` it was; false if it is none.

    ``ago`` is a number of ``unit``: "day", "month" or "year". ``count`` is a number behind it.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    ago: int | None = None
    unit: str = "day"
    count: int = 0

    def __bool__(self) -> bool:
        return self.month > 0 or self.ago is not None

    def iso(self, year: int, today: date | None) -> str | None:
        """As ``YYYY-MM-DD``, or ``YYYY-MM`` of months ago; ``None`` where that is not known.

        ``year`` is that of a date which states none, 0 if not known; ``today`` is when the page
        was saved.
        """
        if self.ago is None:
            return _existing(self.year or year, self.month, self.day)
        if today is None:
            return None
        return _before(today, self.ago, self.unit)


NO_DATE = WrittenDate()

_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_OF = r"(?:de |of |d['’])?"
_FORMS = (
    rf"{_YEAR}[-/.](?P<number>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?:T[\d:.+Z-]*)?",
    rf"(?:{_YEAR} ?[年년] ?)?(?P<number>\d{{1,2}}) ?[月월] ?(?P<day>\d{{1,2}}) ?[日号일]",
    rf"{_MONTH} {_DAY}(?:,? {_YEAR})?",
    rf"{_DAY}[ -]{_OF}{_MONTH}(?:,?[ -](?:del? )?{_YEAR})?(?: (?:г|р)\.?)?",
    rf"(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.{_YEAR}",
    # Between strokes day and month are told apart only where one is no month.
    rf"(?P<day>1[3-9]|2\d|3[01])/(?P<number>\d{{1,2}})/{_YEAR}",
    rf"(?P<number>\d{{1,2}})/(?P<day>1[3-9]|2\d|3[01])/{_YEAR}",
)
# "Published on Thu," and the like.
_BEFORE = (
    r"(?:(?:published|posted|submitted|released|updated|veröffentlicht|publiée?|publicado|"
    r"pubblicato|gepubliceerd|опубликовано|published at|date|datum|发布于|发表于|公開日|게시일)"
    r"(?: on| am| le| el| em| il| op)?:? ?)?"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
)
_DATES = tuple(
    re.compile(rf"{_BEFORE}{form}(?: (?P<count>\d{{1,6}}))?", re.IGNORECASE)
    for form in _FORMS
)

_UNITS = (
    r"(?P<hours>seconds?|minutes?|mins?|hours?|hrs?|h|stunden?|minuten?|heures?|horas?|ore|"
    r"小时|分钟|時間|시간|час(?:а|ов)?)|"
    r"(?P<days>days?|d|tag(?:e|en)?|jours?|días?|dias?|giorn[io]|天|日|일|день|дн(?:я|ей))|"
    r"(?P<weeks>weeks?|wochen?|semaines?|semanas?|settiman[ae]|周|星期|週間|주|недел[юиья])|"
    r"(?P<months>months?|monat(?:e|en)?|mois|mes(?:es)?|mesi|个月|か月|개월|месяц(?:а|ев)?)|"
    r"(?P<years>years?|jahr(?:e|en)?|ans?|años?|anos?|anni|年|년|лет|года?)"
)
_SAYS_AGO = r"\b(?:ago|vor|il y a|hace|há|fa|atrás|назад)\b|[前전]$"
_AGO = re.compile(
    r"(?P<today>today|heute|aujourd'hui|hoy|oggi|hoje|今天|今日|오늘|сегодня)|"
    r"(?P<yesterday>yesterday|gestern|hier|ayer|ieri|ontem|昨天|昨日|어제|вчера)|"
    rf"(?=.*(?:{_SAYS_AGO})){_BEFORE}(?:about |almost |over |vor |il y a |hace |há )?"
    rf"(?:(?P<number>\d{{1,3}})|an?|one|eine[mr]|une?|una?) ?(?:{_UNITS})"
    r"(?: ?(?:ago|fa|atrás|前|전|назад))?",
    re.IGNORECASE,
)
# Of each way to count from today: days or months in one, and the unit that remains.
_COUNTED = {
    "today": (0, "day"),
    "yesterday": (1, "day"),
    "hours": (0, "day"),
    "days": (1, "day"),
    "weeks": (7, "day"),
    "months": (1, "month"),
    "years": (1, "year"),
}
_LONGEST = 80


def written_date(text: str) -> WrittenDate:
    """The day that a line states, and perhaps a number behind it; a false one if it is no date."""
    if len(text) > _LONGEST:
        return NO_DATE
    stated = filter(None, map(methodcaller("fullmatch", text), _DATES))
    told = next(map(_parts, stated), NO_DATE)
    return told or _time_ago(text)


def _parts(found: re.Match[str]) -> WrittenDate:
    told = {"month": "", "count": "0", **found.groupdict("0")}
    word = told["month"].lower()
    named = MONTH_WORDS.get(word, 0)
    return WrittenDate(
        int(told["year"]),
        int(told.get("number", named)),
        int(told["day"]),
        count=int(told["count"]),
    )


def _time_ago(text: str) -> WrittenDate:
    found = _AGO.fullmatch(text)
    if found is None:
        return NO_DATE
    size, unit = _COUNTED[str(found.lastgroup)]
    number = found.groupdict("1")["number"]
    return WrittenDate(ago=int(number) * size, unit=unit)


def _before(today: date, ago: int, unit: str) -> str:
    """A month or a year ago tells no day."""
    if unit == "day":
        day = today - timedelta(days=ago)
        return day.isoformat()
    if unit == "year":
        return str(today.year - ago)
    months = today.year * 12 + today.month - 1
    year, month = divmod(months - ago, 12)
    return f"{year}-{month + 1:02}"


def _existing(year: int, month: int, day: int) -> str | None:
    with suppress(ValueError):
        return date(year, month, day).isoformat()
    return None
