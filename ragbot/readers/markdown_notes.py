"""Notes on a paper in Markdown, one a file, as vaults keep them: front matter, then text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter, methodcaller

from ragbot.readers.document import Document
from ragbot.readers.formats import Format
from ragbot.readers.kinds import first
from ragbot.readers.record import iso_date, known_by, record, web_address
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_FRONT = re.compile(
    r"\A\s*---[ \t]*\n(?P<front>(?:(?!---[ \t]*\n).*\n){1,500})---[ \t]*\n"
)
_FIELD = re.compile(
    r"^([A-Za-z][\w -]{0,40}):[ \t]*(.*(?:\n(?:[ \t]+|- ).*)*)", re.MULTILINE
)
# What a field is called, the first that there is.
_NAMES = {
    "title": ("title", "paper", "paper_title"),
    "abstract": ("abstract", "summary", "description"),
    "date": ("published", "publication_date", "date", "year", "created"),
    "authors": ("authors", "author"),
    "url": ("url", "link", "source_url", "paper_url", "pdf", "source"),
    "arxiv": ("arxiv_id", "arxiv", "arxivid", "id"),
    "doi": ("doi",),
    "venue": ("venue", "journal", "conference", "booktitle"),
    "keywords": ("keywords", "tags", "topics"),
}
_OF_A_PAPER = {"authors", "author", "abstract", "arxiv_id", "arxiv", "arxivid", "doi"}
_ITEMS = re.compile(r"(?:^|\n)\s*- |[,;\n]| and ")
_QUOTES = " \t\"'[]"
_HEADING = re.compile(r"^# +(.+?)[ #]*$", re.MULTILINE)
_SECTION = re.compile(
    r"^(?:#{1,6} +|\*\*|> ?\[!)[^\w\n]{0,10}(?:abstract|summary|tl;?dr)[^\w\n]{0,10}\n+"
    r"(?P<text>(?:(?!#{1,6} ).*\n?){1,200})",
    re.IGNORECASE | re.MULTILINE,
)
# Not what is headed, bold labels, lists, quotes, pictures, tables, code.
_PROSE = re.compile(
    r"(?:^|\n[ \t]*\n)(?![#*>!|`-]|\d+\.)(?P<text>(?:.+(?:\n|$)){1,200})"
)
_SHORTEST_ABSTRACT = 100


def _recognises(head: str) -> bool:
    return not _OF_A_PAPER.isdisjoint(_front(head))


def _front(text: str) -> dict[str, str]:
    """The fields of the front matter by their names in small letters; none without one."""
    fields = _FIELD.findall("".join(_FRONT.findall(text)))
    return {name.lower().replace(" ", "_"): value for name, value in reversed(fields)}


def _read(document: Document) -> Iterator[Paper | Skipped]:
    text = document.text()
    front = _front(text)
    body = _FRONT.sub("", text, count=1)
    told = {name: first(front, names) for name, names in _NAMES.items()}
    title = told["title"].strip(_QUOTES) or next(iter(_HEADING.findall(body)), "")
    links = [told["url"].strip(_QUOTES)]
    ids = known_by(*links, f"arxiv:{told['arxiv'].strip(_QUOTES)}", told["doi"])
    yield record(
        title,
        told["abstract"].strip(_QUOTES) or _abstract(body),
        "line 1",
        date=iso_date(told["date"]),
        authors=_items(told["authors"]),
        venue=told["venue"].strip(_QUOTES),
        keywords=_items(told["keywords"]),
        url=web_address(links, ids),
        **ids,
    )


def _items(text: str) -> tuple[str, ...]:
    """A list of YAML in either of its forms, or names between commas."""
    items = map(methodcaller("strip", _QUOTES), _ITEMS.split(text))
    return tuple(filter(None, items))


def _abstract(body: str) -> str:
    """The section that is headed so, else the first longer paragraph of prose."""
    found = chain(_SECTION.finditer(body), _PROSE.finditer(body))
    long = filter(_is_long, map(str.strip, map(itemgetter("text"), found)))
    return next(long, "")


def _is_long(text: str) -> bool:
    return len(text.encode()) >= _SHORTEST_ABSTRACT


FORMAT = Format(
    "note",
    "a note on a paper, in Markdown with front matter",
    (".md",),
    _recognises,
    _read,
)
