"""A day as pages write it, on a line of its own: with or without year, or counted from today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ragbot.text.months import MONTH_WORDS

__all__ = ["WrittenDate", "written_date"]


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A day as far as a line tells it: its parts, or how long ``ago`` it was.

    ``ago`` is a number of ``unit``: "day", "month" or "year". ``count`` is a number behind it.
    """

    year: int | None = None
    month: int = 0
    day: int = 0
    ago: int | None = None
    unit: str = "day"
    count: int | None = None

    def iso(self, year: int, today: date | None) -> str | None:
        """As ``YYYY-MM-DD``, or ``YYYY-MM`` of months ago; ``None`` where that is not known.

        ``year`` is that of a date which states none, 0 if not known; ``today`` is when the page
        was saved.
        """
        if self.ago is not None:
            return _before(today, self.ago, self.unit) if today else None
        return _existing(self.year or year, self.month, self.day)


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

# Days in a unit, and the unit that remains.
_UNITS: tuple[tuple[str, int, str], ...] = (
    (
        r"seconds?|minutes?|mins?|hours?|hrs?|h|stunden?|minuten?|heures?|horas?|ore|"
        r"小时|分钟|時間|시간|час(?:а|ов)?",
        0,
        "day",
    ),
    (r"days?|d|tag(?:e|en)?|jours?|días?|dias?|giorn[io]|天|日|일|день|дн(?:я|ей)", 1, "day"),
    (r"weeks?|wochen?|semaines?|semanas?|settiman[ae]|周|星期|週間|주|недел[юиья]", 7, "day"),
    (r"months?|monat(?:e|en)?|mois|mes(?:es)?|mesi|个月|か月|개월|месяц(?:а|ев)?", 1, "month"),
    (r"years?|jahr(?:e|en)?|ans?|años?|anos?|anni|年|년|лет|года?", 1, "year"),
)  # fmt: skip
_AGO = tuple(
    (
        re.compile(
            rf"{_BEFORE}(?:about |almost |over |vor |il y a |hace |há )?"
            rf"(?P<number>\d{{1,3}}|an?|one|eine[mr]|une?|una?) ?(?:{words})"
            rf"(?: ?(?:ago|fa|atrás|前|전|назад))?",
            re.IGNORECASE,
        ),
        size,
        unit,
    )
    for words, size, unit in _UNITS
)
_SAYS_AGO = re.compile(
    r"\b(?:ago|vor|il y a|hace|há|fa|atrás|назад)\b|[前전]$", re.IGNORECASE
)
_NAMED_DAYS = {
    **dict.fromkeys("today heute aujourd'hui hoy oggi hoje 今天 今日 오늘 сегодня".split(), 0),
    **dict.fromkeys("yesterday gestern hier ayer ieri ontem 昨天 昨日 어제 вчера".split(), 1),
}  # fmt: skip
_LONGEST = 80


def written_date(text: str) -> WrittenDate | None:
    """The day that a line states, and perhaps a number behind it; ``None`` if it is no date."""
    if len(text) > _LONGEST:
        return None
    if (ago := _NAMED_DAYS.get(text.lower())) is not None:
        return WrittenDate(ago=ago)
    found = filter(None, (form.fullmatch(text) for form in _DATES))
    told = next(map(_parts, found), None)
    if _SAYS_AGO.search(text):
        told = told or _time_ago(text)
    return told


def _parts(found: re.Match[str]) -> WrittenDate | None:
    told = found.groupdict("")
    number = {name: int(text) for name, text in told.items() if text.isdecimal()}
    word = told.get("month", "").lower()
    month = number.get("number", MONTH_WORDS.get(word, 0))
    if not month:
        return None
    return WrittenDate(
        number.get("year"), month, number["day"], count=number.get("count")
    )


def _time_ago(text: str) -> WrittenDate | None:
    for form, size, unit in _AGO:
        if found := form.fullmatch(text):
            number = found["number"]
            times = int(number) if number.isdecimal() else 1
            return WrittenDate(ago=times * size, unit=unit)
    return None


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
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
