"""Dates in a question's own words: "since September 2024", "2022 or earlier". Knows no store.

What is not plainly a date of papers is left alone: a filter that nobody asked for hides papers.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

import regex

from ragbot.question.periods import Span, find_spans, spelled_out
from ragbot.question.relative_dates import SAID_FROM_TODAY, in_dates
from ragbot.text.english import PAPERS
from ragbot.text.words import content_words
from ragbot.types import Filters

__all__ = ["read_dates"]

_NOUN = (
    rf"(?:{PAPERS}|anything|everything|surveys?|reviews?|tutorials?|theses|preprints?|"
    r"titles|new\s+(?:work|results))"
)
_THINGS = (
    r"(?:methods|models|approaches|techniques|architectures|designs|systems|datasets|networks|"
    r"benchmarks|frameworks|algorithms|transformers)"
)
_DATING = (
    r"(?:dated|publish(?:ed)?|released|written|posted|submitted|appeared|proposed|introduced|"
    r"presented|(?:come|came)\s+out)"
)
# Stands in front of the words below and goes with them.
_LEAD = (
    r"(?:\b(?:that|which)\s+(?:are|were|is|was|have|has)\s+)?"
    rf"(?:(?:\bbeen\s+)?\b{_DATING}\s+|(?:\bwith\s+)?(?:\ban?\s+)?\bdates?\s+(?:of\s+)?|"
    r"\bwhose\s+date\s+is\s+)?"
)


def _said(words: str) -> re.Pattern[str]:
    return re.compile(rf"{_LEAD}(?:\bfrom\s+)?\b(?:{words})\s+$", re.I)


_SINCE = _said(
    r"since|(?:starting|beginning)(?:\s+(?:in|from|with))?|(?:in|on)\s+or\s+after|"
    r"(?:no|not)\s+(?:earlier|older)\s+than|not\s+before"
)
_UNTIL = _said(
    r"(?:up\s+)?(?:until|till)|up\s+to(?:\s+and\s+including)?|through|(?:in|on)\s+or\s+before|"
    r"(?:no|not)\s+(?:later|newer)\s+than|not\s+after"
)
_AFTER = _said(r"after|(?:later|newer)\s+than")
_BEFORE = _said(r"before|(?:earlier|older)\s+than|prior\s+to")
_WITHIN = _said(r"in|during|from|within|throughout|between")
_ON = _said("on")
# These say a date only behind what has one: not "predicted by 2030", "the best model of 2018".
_BY = re.compile(rf"{_LEAD}\bby\s+$", re.I)
_OF = re.compile(rf"{_LEAD}(?:\bof\s+)?$", re.I)
_BEHIND_NOUN = re.compile(rf"\b(?:{_NOUN}|{_THINGS})(?P<gap>[\s,(]+)$", re.I)
_OR_EARLIER = r"\s*,?\s*(?:or|and)\s+(?:earlier|before|older)\b(?!\s+(?:\w+\s+)?\d)"
_OR_LATER = (
    r"\s*,?\s*(?:(?:or|and)\s+(?:later|after|newer|since|onwards?)\b(?!\s+(?:\w+\s+)?\d)|"
    r"onwards?\b|on(?=\s*[?.!,]|$))"
)
_OPEN_EARLIER, _OPEN_LATER = (
    re.compile(words, re.I) for words in (_OR_EARLIER, _OR_LATER)
)
_OF_PAPERS = (
    r"\s+(?:(?!(?:of|on|in|about|for|by|with|from|that|which|who|is|are|was|were|do|does|did)\b)"
    rf"[\w-]+\s+){{0,2}}?{_NOUN}\b"
)
_BEFORE_ADJECTIVE = (
    r"(?:^|\b(?:which|what|the|any|all|some|list|find|give|show|me|of|these|those|other|more|"
    r"recent|are|there)\s+)"
)
# What happened then, rather than what was published then.
_EVENT = (
    r"\b(?:trained|collected|recorded|held|founded|born|won|measured|observed|captured|gathered|"
    r"acquired|sampled|predicted|expected|forecast|elected|diagnosed|taken|crawled|scraped|hosted|"
    r"organi[sz]ed|happened|occurred|(?:as|how|what|where)\s+(?:it|they|things)\s+(?:was|were))\s+$"
)
# "COCO 2017": a year behind a name is part of it.
_NAME = r"\b(?-i:[A-Z])[\w-]*\s+"
_DATE = "\0"  # stands for a date in the text around it
_UNSAID = regex.compile(
    rf"(?<!{_NAME})(?={_DATE}(?:{_OR_EARLIER}|{_OR_LATER}))|"
    rf"(?<={_BEFORE_ADJECTIVE})(?={_DATE}{_OF_PAPERS})",
    regex.I,
)
_IN_BRACKETS = re.compile(rf"\((?s:.*){_DATE}\)")
_NOT = (
    r"\b(?:not|except|excluding|excepting|besides|without|than|never)\s+"
    r"(?:(?:those|any|the|ones|papers|for)\s+)*$"
)
_NO_FILTER = re.compile(rf"{_EVENT}|{_NOT}", re.I)
_COUNTED = re.compile(
    r"\s+(?:tokens|layers|samples|images|classes|parameters|neurons|nodes|steps|frames|words|"
    r"examples|points|epochs|features|dimensions|citations|hours|users|patients|participants|"
    r"questions|documents|categories|languages|videos|iterations|rounds|channels|tasks)\b",
    re.I,
)
# Behind every date.
_NEVER = "9999"
# How filters write the ends of a range that has none.
_OPEN = {"": None, _NEVER: None}
# Characters around a date that are looked at: a pasted page is full of years.
_NEAR = 100
# A date has a year in digits, or is said from today in one of these words.
_MAY_BE_DATED = re.compile(rf"\d{{4}}|\b{SAID_FROM_TODAY}", re.I)
# A date restricts only a question about papers: "who won in 2018?" and "how many cases are
# predicted by 2030?" ask for something else.
_ABOUT_PAPERS = re.compile(
    rf"\b(?:{_NOUN}|{_DATING})\b|^\W*(?:show|list|find|give|name|any)\b|"
    rf"\b(?:which|what|any)\s+(?:[\w-]+\s+){{0,3}}?{_THINGS}\b|\bwhat(?:['’]s|\s+is)\s+new\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """An inclusive range, as far as one date says."""

    low: str = ""
    high: str = _NEVER


@dataclass(frozen=True, slots=True)
class _Restriction:
    """A date that restricts a question: where it and the words that go with it stand."""

    start: int
    end: int
    bounds: _Bounds


def read_dates(
    question: str, today: datetime.date | None = None
) -> tuple[str, Filters]:
    """The question without its dates, and the inclusive range they ask for.

    A question that asks for none, or for a range that is empty, comes back as it is; of one that
    is about nothing else "papers" is left. Several dates ("2022 or 2024") become the range that
    holds them. "Last year" is said from ``today``, this very day if it is not given.
    """
    if not _MAY_BE_DATED.search(question) or not _ABOUT_PAPERS.search(question):
        return question, Filters()
    text = spelled_out(in_dates(question, today or _this_day()))
    read = map(partial(_read, text=text), find_spans(text))
    found = list(filter(None, read))
    filters = _common_range(found)
    if not filters:
        return question, Filters()
    for restriction in reversed(found):
        text = f"{text[: restriction.start]} {text[restriction.end :]}"
    text = re.sub(r"\s+([?.!,;])", r"\1", " ".join(text.split())).lstrip(",;: ")
    if not content_words(text):
        return "papers", filters
    return text, filters


def _common_range(found: Sequence[_Restriction]) -> Filters:
    """What all restrictions leave; no filter if that is nothing."""
    low = max(map(attrgetter("bounds.low"), found), default="")
    high = min(map(attrgetter("bounds.high"), found), default=_NEVER)
    if low > high:
        return Filters()
    return Filters(_OPEN.get(low, low), _OPEN.get(high, high))


def _this_day() -> datetime.date:
    """Today where the asker is."""
    return datetime.date(*time.localtime()[:3])


def _read(span: Span, text: str) -> _Restriction | None:
    """A date with the words that go with it; ``None`` if it is no filter."""
    before = text[max(0, span.start - _NEAR) : span.start]
    after = text[span.end : span.end + _NEAR]
    if span.bare and _COUNTED.match(after):
        return None
    near = f"{before}{_DATE}{after}"
    ended = _ending(span, after)
    opened = _opening(span, before) or _unsaid(span, near)
    if opened is None:
        return None
    if _NO_FILTER.search(before[: opened.start]):
        return None
    start = span.start - (len(before) - opened.start)
    end = span.end + ended.end
    if _IN_BRACKETS.search(near, opened.start):
        end += 1
    bounds = opened.bounds
    if ended.end:
        bounds = ended.bounds
    return _Restriction(start, end, bounds)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words beside a date, where they begin before it or end behind it, and what they set."""

    start: int = 0
    end: int = 0
    bounds: _Bounds = _Bounds()


def _ending(span: Span, after: str) -> _Words:
    """ "… or earlier", "… onwards"; of no length if it is nothing of that."""
    for pattern, bounds in (
        (_OPEN_EARLIER, _Bounds(high=span.high)),
        (_OPEN_LATER, _Bounds(low=span.low)),
    ):
        match = pattern.match(after)
        if match:
            return _Words(end=match.end(), bounds=bounds)
    return _Words()


def _unsaid(span: Span, near: str) -> _Words | None:
    """A date that restricts without a word before it: "2022 or earlier", "the 2022 papers"."""
    date = _UNSAID.search(near)
    if date is None:
        return None
    return _Words(date.start(), bounds=_Bounds(span.low, span.high))


def _opening(span: Span, before: str) -> _Words | None:
    """The words before a date that make it a restriction."""
    inside = _Bounds(span.low, span.high)
    since = inside
    if not span.ranged:
        since = _Bounds(low=span.low)
    within = _WITHIN
    if span.low == span.high:
        within = _ON
    for pattern, bounds in (
        (_SINCE, since),
        (_UNTIL, _Bounds(high=span.high)),
        (_AFTER, _Bounds(low=_day(span.high, 1))),
        (_BEFORE, _Bounds(high=_day(span.low, -1))),
        (within, inside),
        (_WITHIN, inside),
        (_BY, _Bounds(high=span.high)),
        (_OF, inside),
    ):
        start = _start(pattern, before)
        if start is not None:
            return _Words(start, bounds=bounds)
    return None


def _start(pattern: re.Pattern[str], before: str) -> int | None:
    """Where such words begin at the end of a text; a mere "by" or "of" needs what has a date."""
    match = pattern.search(before)
    if match is None:
        return None
    if match.group().strip().lower() not in ("", "by", "of"):
        return match.start()
    noun = _BEHIND_NOUN.search(before[: match.start()])
    if noun is None:
        return None
    return noun.start("gap")


def _day(date: str, days: int) -> str:
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days)).isoformat()
