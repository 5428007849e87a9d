"""Dates in a question's own words: "since September 2024", "2022 or earlier". Knows no store.

What is not plainly a date of papers is left alone: a filter that nobody asked for hides papers.
"""

from __future__ import annotations

import datetime
import re

from ragbot.question.periods import Span, find_spans, spelled_out
from ragbot.text.english import PAPERS
from ragbot.text.words import STOPWORDS, words
from ragbot.types import Filters

__all__ = ["read_dates"]

_NOUN = rf"(?:{PAPERS}|anything|everything)"
_THINGS = r"(?:methods|models|approaches|techniques|architectures|designs|systems|surveys|datasets)"
_DATING = r"(?:dated|published|released|written|posted|submitted|appeared|(?:come|came)\s+out)"
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
_OR_EARLIER = re.compile(
    r"\s*,?\s*(?:or|and)\s+(?:earlier|before|older)\b(?!\s+(?:\w+\s+)?\d)", re.I
)
_OR_LATER = re.compile(
    r"\s*,?\s*(?:(?:or|and)\s+(?:later|after|newer|since|onwards?)\b(?!\s+(?:\w+\s+)?\d)|"
    r"onwards?\b|on(?=\s*[?.!,]|$))",
    re.I,
)
_OF_PAPERS = re.compile(
    r"\s+(?:(?!(?:of|on|in|about|for|by|with|from|that|which|who|is|are|was|were|do|does|did)\b)"
    rf"[\w-]+\s+){{0,2}}?{_NOUN}\b",
    re.I,
)
_BEFORE_ADJECTIVE = re.compile(
    r"(?:^|\b(?:which|what|the|any|all|some|list|find|give|show|me|of|these|those|other|more|"
    r"recent|are|there)\s+)$",
    re.I,
)
# What happened then, rather than what was published then.
_EVENT = re.compile(
    r"\b(?:trained|collected|recorded|held|founded|born|won|measured|observed|captured|gathered|"
    r"acquired|sampled|predicted|expected|forecast|elected|diagnosed|taken|crawled|scraped|hosted|"
    r"organi[sz]ed|happened|occurred|(?:as|how|what|where)\s+(?:it|they|things)\s+(?:was|were))\s+$",
    re.I,
)
# "COCO 2017": a year behind a name is part of it.
_NAME = re.compile(r"\b[A-Z][\w-]*\s+$")
_NOT = re.compile(
    r"\b(?:not|except|excluding|excepting|besides|without|than|never)\s+"
    r"(?:(?:those|any|the|ones|papers|for)\s+)*$",
    re.I,
)
_COUNTED = re.compile(
    r"\s+(?:tokens|layers|samples|images|classes|parameters|neurons|nodes|steps|frames|words|"
    r"examples|points|epochs|features|dimensions|citations|hours|users|patients|participants|"
    r"questions|documents|categories|languages|videos|iterations|rounds|channels|tasks)\b",
    re.I,
)
# Characters around a date that are looked at: a pasted page is full of years.
_NEAR = 100
# A date restricts only a question about papers: "who won in 2018?" and "how many cases are
# predicted by 2030?" ask for something else.
_ABOUT_PAPERS = re.compile(rf"\b(?:{_NOUN}|{_DATING})\b", re.I)
_ABOUT_MANY = re.compile(
    r"^\W*(?:show|list|find|give|name|any)\b|"
    rf"\b(?:which|what|any)\s+(?:[\w-]+\s+){{0,3}}?{_THINGS}\b|\bwhat(?:['’]s|\s+is)\s+new\b",
    re.I,
)


def read_dates(question: str) -> tuple[str, Filters]:
    """The question without its dates, and the inclusive range they ask for.

    A question that asks for none, or for a range that is empty, comes back as it is; of one that
    is about nothing else "papers" is left. Several dates ("2022 or 2024") become the range that
    holds them.
    """
    if not (_ABOUT_PAPERS.search(question) or _ABOUT_MANY.search(question)):
        return question, Filters()
    text = spelled_out(question)
    low, high, cuts = "", "9999", []
    for span in find_spans(text):
        before = text[max(0, span.start - _NEAR) : span.start]
        if read := _read(span, before, text[span.end : span.end + _NEAR]):
            more_before, more_after, (least, most) = read
            low, high = max(low, least), min(high, most)
            cuts.append((span.start - more_before, span.end + more_after))
    if not cuts or low > high:
        return question, Filters()
    for start, end in reversed(cuts):
        text = text[:start] + " " + text[end:]
    text = re.sub(r"\s+([?.!,;])", r"\1", " ".join(text.split())).lstrip(",;: ")
    asks = set(words(text)) - STOPWORDS
    return text if asks else "papers", Filters(
        low or None, high if high != "9999" else None
    )


def _read(
    span: Span, before: str, after: str
) -> tuple[int, int, tuple[str, str]] | None:
    """How many characters before and after a date go with it, and its bounds; ``None`` if it is no
    filter."""
    if span.bare and _COUNTED.match(after):
        return None
    bounds, more = None, 0
    if match := _OR_EARLIER.match(after):
        bounds, more = ("", span.high), match.end()
    elif match := _OR_LATER.match(after):
        bounds, more = (span.low, "9999"), match.end()
    start, said = _opening(span, before)
    if start is None:
        open_ended = bounds is not None and not _NAME.search(before)
        if not open_ended and not (
            _BEFORE_ADJECTIVE.search(before) and _OF_PAPERS.match(after)
        ):
            return None
        start = len(before)
    if _EVENT.search(before[:start]) or _NOT.search(before[:start]):
        return None
    if "(" in before[start:] and after.startswith(")"):
        more += 1
    return len(before) - start, more, bounds or said


def _opening(span: Span, before: str) -> tuple[int | None, tuple[str, str]]:
    """Where the words before a date begin that make it a restriction, and the bounds they set."""
    inside = (span.low, span.high)
    for pattern, bounds in (
        (_SINCE, inside if span.ranged else (span.low, "9999")),
        (_UNTIL, ("", span.high)),
        (_AFTER, (_day(span.high, 1), "9999")),
        (_BEFORE, ("", _day(span.low, -1))),
        (_ON if span.low == span.high else _WITHIN, inside),
        (_WITHIN, inside),
    ):
        if match := pattern.search(before):
            return match.start(), bounds
    for pattern, bounds in ((_BY, ("", span.high)), (_OF, inside)):
        if match := pattern.search(before):
            if match.group().strip().lower() not in ("", "by", "of"):
                return match.start(), bounds
            if noun := _BEHIND_NOUN.search(before[: match.start()]):
                return noun.start("gap"), bounds
    return None, inside


def _day(date: str, days: int) -> str:
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days)).isoformat()
