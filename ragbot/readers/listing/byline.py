"""The lines under a paper: how many authors or which organisation, ``·``, a date, comments.

Captures set them on lines of their own or on one, in any order, between ``·``, ``•``, ``|``, ``*``
or dashes, and browsers translate them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import compress
from operator import attrgetter
from typing import Any

from ragbot.readers.written_dates import NO_DATE, WrittenDate, written_date

__all__ = ["Byline", "byline", "together", "without_account"]


@dataclass(frozen=True, slots=True)
class Byline:
    """What one line, or several together, tell of a paper; ``dot`` is whether a ``·`` is there."""

    author_count: int = 0
    organisation: str = ""
    date: WrittenDate = NO_DATE
    comments: int = 0
    dot: bool = False

    @property
    def signs(self) -> str:
        """Which of organisation, authors, dot and date it has, as letters: "oa·d"."""
        values = (self.organisation, self.author_count, self.dot, self.date)
        return "".join(compress("oa·d", values))


_NUMBER = r"\d{1,3}(?:[.,]?\d{3})*"
_NAMES = (
    r"(?:authors?|autor(?:en|in|innen|es|as|i|zy|ów)?|auteure?s?|autor[ei]|auteurs|forfattere?|"
    r"författare|yazar(?:lar)?|автор(?:а|ов|ы|ів|и)?|作者|著者|저자)"
)
_DOTS = "·∙・⋅"
_NO_WEEKDAY = r"(?<!day)(?<!\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))"
_BETWEEN_FACTS = re.compile(
    rf" ?[{_DOTS}•|] ?| [*–—-] |{_NO_WEEKDAY}, (?=\D*\d{{1,2}},? \d{{4}}$)"
)
_DOT_INSIDE = re.compile(rf"[{_DOTS}•|]")
_FACT = re.compile(
    # "9 authors", and what puts the number behind: "Authors: 9", "著者 9名".
    rf"(?P<author_count>[\W_]{{0,6}}(?:{_NUMBER}\+? ?(?:[位名个個]|[人名]?の|명?의? ?)?{_NAMES}|"
    rf"{_NAMES}\W{{0,3}}{_NUMBER} ?[名人位个명]?)[\W_]{{0,6}})|"
    r"(?P<comments>\W{0,3}\d{1,6}(?: (?:comments?|replies|kommentare?|commentaires?))?)|"
    # What is no fact, but may be a dot
    r"(?P<dot>(?:submitted by|eingereicht von|soumis par).*|"
    r"[\d.,]+[km]? (?:upvotes?|likes?|views?)|"
    rf"\W*[\d.,]+[km]?\W*upvotes?|upvotes?.*|arxiv\S*|github.*|[{_DOTS}]?)|"
    r"(?P<organisation>.*)",
    re.IGNORECASE,
)
_LONGEST = 200
# An account that no name begins with.
_ACCOUNT = re.compile(r"(?:[a-z]|\S*[-_])\S* ")


def byline(line: str) -> Byline | None:
    """What a line tells if it is one of those under a paper; ``None`` for any other."""
    if len(line) > _LONGEST:
        return None
    parts = [line] if written_date(line) else _BETWEEN_FACTS.split(line)
    told = list(map(_fact, parts))
    found = together(told)
    others = list(map(attrgetter("organisation"), told)).count("")
    # What is told by nothing but its place between dots is an organisation.
    allowed = len(_DOT_INSIDE.findall(line)[:1])
    if not found.signs.strip("o") or len(told) > others + allowed:
        return None
    return found


def _fact(part: str) -> Byline:
    """What a part of a line tells by itself; what is told by nothing is an organisation."""
    if day := written_date(part):
        return Byline(date=day, comments=day.count)
    found = _FACT.fullmatch(part)
    assert found is not None, "it matches everything"
    kind = str(found.lastgroup)
    value = _READ[kind](part)
    return Byline(**{kind: value})


def _number(part: str) -> int:
    digits = filter(str.isdecimal, part)
    return int("".join(digits))


_READ: dict[str, Callable[[str], Any]] = {
    "author_count": _number,
    "comments": _number,
    "dot": _DOTS.__contains__,
    "organisation": str,
}


_facts = attrgetter(*(field.name for field in fields(Byline)))


def together(bylines: Iterable[Byline]) -> Byline:
    """What several lines tell, the first of each kind."""
    told = zip(*map(_facts, bylines), strict=True)
    return Byline(*(next(filter(None, every), every[0]) for every in told))


def without_account(organisation: str, logos: bool) -> str:
    """The name of an organisation without the account in front of it, which is its logo's text.

    ``logos`` is whether the page has such texts: only then may an account be one that the name is
    not told by.
    """
    account, _, name = organisation.partition(" ")
    if _resembles(account, name) or (logos and _ACCOUNT.match(organisation)):
        return name
    return organisation


def _resembles(account: str, name: str) -> bool:
    """Whether an account and a name begin alike, or it is the name's initials."""
    short, long = _letters(account), _letters(name)
    initials = "".join(re.findall(r"\b\w", name.lower()))
    told = min(len(short), len(long), 3)
    return long != "" and short in {initials, long[:told] + short[told:]}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
