"""One record of a source, whatever its format, as a paper: cleaned and dated, or skipped.

What formats have in common stands here: dates and names in every form, text from markup, and what
cannot be a paper.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import filterfalse, product
from operator import itemgetter
from typing import Any

import regex

from ragbot.papers.identity import PAGES, identifiers, paper_id
from ragbot.papers.person import SUFFIX
from ragbot.text.english import MONTHS
from ragbot.text.months import MONTH_WORDS
from ragbot.text.words import printable, whole
from ragbot.types import Paper, Skipped

__all__ = [
    "SAYING",
    "given_first",
    "iso_date",
    "known_by",
    "plain",
    "record",
    "unmarked",
    "web_address",
]

# Characters that are seen as others, or not at all, and mean nothing of their own.
_SEEN = str.maketrans(
    {
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
        **dict.fromkeys("\u00a0\u202f\u2007\u2009", " "),
        "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
    }
)  # fmt: skip
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]{0,200}|!--.{0,2000}?--)>", re.DOTALL)
_BLOCK_TAG = re.compile(
    r"</?(?:jats:)?(?:p|br|div|li|title|sec)\b[^<>]{0,100}>", re.IGNORECASE
)

_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_MONTH = r"(?:de )?(?P<month>[^\W\d_]{3,12})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
# Of a date that says its month in letters the first that fits counts.
_DATES = tuple(
    re.compile(rf"(?<!\w){form}(?!\w)")
    for form in (
        rf"{_YEAR}[-/.年](?P<number>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})(?:日|T[\d:.+Z-]*)?",
        rf"{_MONTH},? {_DAY},? {_YEAR}",
        rf"{_DAY}[ -]{_MONTH},?[ -](?:del? )?{_YEAR}",
        rf"{_YEAR}[ -]{_MONTH}[ -]{_DAY}",
        rf"{_YEAR}[-/](?P<number>\d{{1,2}})",
        rf"{_MONTH},? {_YEAR}",
        rf"{_YEAR}[ -]{_MONTH}",
        _YEAR,
    )
)
_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_WEB = re.compile(r"https?://", re.IGNORECASE)
_ELSEWHERE = re.compile(r"https?://(?!(?:export\.|www\.)?arxiv\.org/)", re.IGNORECASE)
_FIELDS = {"arxiv": "arxiv_id", "doi": "doi"}

SAYING = regex.compile(r"[\p{L}\p{N}[\p{Sm}\p{So}--\p{ASCII}]]", regex.VERSION1)
"""A letter, a digit, or a symbol such as "∞", which may be a whole title."""
_SUFFIX = re.compile(SUFFIX)
_VERSION = re.compile(r"(?<=\S) ?[(\[]v\d{1,2}[)\]]$")
# What stands where a title should, and is none; as much of it as tells that.
_SHOWN = 200
_SIGN = r"[^\p{L}\p{N}_]"
_NO_TITLE = regex.compile(
    rf"(?:(?!{SAYING.pattern}).)*+|{_SIGN}*+"
    r"(?:https?://\S+|www\.\S+|[\d\s.,:/–-]+|untitled|no title|abstract|title)"
    rf"{_SIGN}*",
    regex.IGNORECASE | regex.VERSION1,
)

# What stands where an abstract should, and is none.
_NO_ABSTRACT = re.compile(
    r"\W*+(?:(?:there is )?no abstract(?: (?:is )?(?:available|provided|found))?|"
    r"abstract (?:not |un)available|n/?a|none|null|nan)?\W*+",
    re.IGNORECASE,
)


def record(title: str, abstract: str, where: str = "", **facts: Any) -> Paper | Skipped:
    """A paper of what a source tells, cleaned; ``facts`` are other fields of `Paper`.

    ``where`` ("line 12", "entry key") is told of one that cannot be a paper: one without a title or
    without an abstract, in which nothing could be found.
    """
    title = _VERSION.sub("", plain(title))
    if _NO_TITLE.fullmatch(title[:_SHOWN]):
        shown = f"no title: “{title[:60]}”"
        return Skipped(where, shown.removesuffix(": “”"))
    abstract = plain(abstract)
    if _NO_ABSTRACT.fullmatch(abstract):
        return Skipped(where, f"no abstract: “{title[:60]}”")
    told = filter(itemgetter(1), facts.items())
    cleaned = [(name, _CLEANED.get(name, _as_it_is)(value)) for name, value in told]
    known = {"id": paper_id(title), **dict(filter(itemgetter(1), cleaned))}
    return Paper(title=title, abstract=abstract, **known)


def _plain_list(told: Iterable[str]) -> tuple[str, ...]:
    """Each that says something, once."""
    texts = filter(None, map(plain, told))
    return tuple(dict.fromkeys(texts))


def _as_it_is(told: Any) -> Any:
    return told


def plain(text: str) -> str:
    """Text on one line without what is not seen; ligatures as letters."""
    joined = " ".join(text.split())
    if joined.isascii() and joined.isprintable():
        return joined
    seen = whole(_decoded_once(text)).translate(_SEEN)
    composed = unicodedata.normalize("NFC", seen)
    return " ".join(printable(composed).split())


_CLEANED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("organisation", "venue", "url", "doi", "arxiv_id"), plain),
    **dict.fromkeys(("authors", "keywords"), _plain_list),
}
"""What is made of facts in text."""


def _decoded_once(text: str) -> str:
    """Text whose UTF-8 was taken for single bytes and encoded anew: "JosÃ©" is "José"."""
    for encoding in ("latin-1", "cp1252"):
        with suppress(UnicodeError):
            return text.encode(encoding).decode()
    return text


def unmarked(text: str) -> str:
    """The text of HTML, JATS or MathML: tags gone, entities as characters."""
    spaced = _BLOCK_TAG.sub(" ", text)
    return html.unescape(_TAG.sub("", spaced))


def iso_date(*told: str) -> str | None:
    """The first date, in any usual form, in texts: as ``YYYY-MM-DD``, or as far as it is told;
    ``None`` where there is none."""
    found = (form.search(text) for text, form in product(told, _DATES))
    dates = map(_dated, filter(None, found))
    return next(filter(None, dates), None)


def _dated(found: re.Match[str]) -> str | None:
    """The parts of a date put together; ``None`` if the month or the day is none."""
    told = {"month": "", "number": "0", "day": "0", **found.groupdict()}
    word = told["month"].lower()
    day = int(told["day"])
    named = MONTH_WORDS.get(word, MONTHS.get(word[:3], 0))
    month = int(told["number"]) or named
    possible = range(len(word[:1]), len(_DAYS))
    if month not in possible or day > _DAYS[month]:
        return None
    known = filter(None, (month, day))
    return "-".join([told["year"], *map("{:02}".format, known)])


def given_first(name: str) -> str:
    """A name as "Given Family": "King, Jr., Martin Luther" is "Martin Luther King, Jr."."""
    family, *rest = map(str.strip, name.split(","))
    if not rest:
        return family
    suffixes = filter(_SUFFIX.fullmatch, rest)
    given = filterfalse(_SUFFIX.fullmatch, rest)
    whole_name = " ".join(filter(None, [*given, family]))
    return ", ".join([whole_name, *suffixes])


def known_by(*told: str | None) -> dict[str, str]:
    """The ``arxiv_id`` and the ``doi`` that links or fields name, the first of each."""
    found = identifiers(filter(None, reversed(told)))
    return {_FIELDS[kind]: value for kind, value in found}


def web_address(links: Iterable[str], ids: Mapping[str, str]) -> str | None:
    """Where people read a paper: the first address among ``links``, else what `known_by` tells.

    On arXiv that is the abstract's page, not a file or a version.
    """
    web = list(filter(_WEB.match, links))[:1]
    elsewhere = filter(_ELSEWHERE.match, web)
    pages = {name: PAGES[name] + id_ for name, id_ in ids.items()}
    on_arxiv, by_doi = map(pages.get, ("arxiv_id", "doi"))
    known = filter(None, [*elsewhere, on_arxiv, *web, by_doi])
    return next(known, None)
