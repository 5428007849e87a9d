"""Newsletters and reading lists in Markdown: titles that link to papers, each with a summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

from ragbot.readers.document import Document
from ragbot.readers.formats import Format
from ragbot.readers.people import split_names
from ragbot.readers.record import iso_date, known_by, plain, record, web_address
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_ITEM = re.compile(
    r"^[ \t>]{0,20}(?:#{1,6} +|(?P<listed>[-*+] +|\d{1,3}[.)] +)){0,3}(?:\*\*|__)?"
    r"\[(?P<title>[^\[\]\n]{8,400})\]\((?P<url>https?://[^()\s]{1,500})\)(?:\*\*|__)?",
    re.MULTILINE,
)
# What ends an item if no other begins.
_END = re.compile(r"^(?:#{1,6} |[-*_]{3,}$)", re.MULTILINE)
# What Markdown takes for no part of a list's item, if that has its summary already.
_OUTSIDE = re.compile(r"\n[ \t]*\n(?=\S)")
_FIELD = re.compile(
    r"^[^\w\n]{0,8}(?P<name>authors?|date|published|links?|code|github|upvotes?|tags|venue|pdf|"
    r"paper|arxiv)\b[^\w\n]{0,4}:[^\w\n]{0,4}(?P<value>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL = re.compile(
    r"^[^\w\n]{0,8}(?:summary|abstract|tl;?dr)\b[^\w\n]{0,8}",
    re.IGNORECASE | re.MULTILINE,
)
_LINK = re.compile(r"\[([^\[\]\n]{0,400})\]\([^()\s]{1,500}\)")
_MARKS = re.compile(r"^[ \t>]{0,20}[-*+–—:]{0,3}\s|\*\*|__", re.MULTILINE)
_BEFORE = " \t\n:—–-|"
_SHORTEST_SUMMARY = 40


def _items(text: str) -> list[re.Match[str]]:
    return [found for found in _ITEM.finditer(text) if known_by(found["url"])]


def _read(document: Document) -> Iterator[Paper | Skipped]:
    text = document.text()
    items = _items(text)
    starts = list(map(re.Match.start, items))
    ends = [*starts, len(text)][1:]
    breaks = (text.count("\n", *span) for span in pairwise([0, *starts]))
    records = [
        _record(item, text[item.end() : end], f"line {line + 1}")
        for item, end, line in zip(items, ends, accumulate(breaks), strict=True)
    ]
    yield from records
    if Paper not in set(map(type, records)):
        raise document.fault(
            "it lists titles without summaries",
            "take a list with summaries, or what the links lead to",
        )


def _record(item: re.Match[str], below: str, where: str) -> Paper | Skipped:
    """The paper that an item links to, of the text up to the next one."""
    body = _END.split(below, maxsplit=1)[0]
    fields = {name.lower(): value for name, value in _FIELD.findall(body)}
    inside = _OUTSIDE.split(body)[0] if item["listed"] else body
    long = filter(_is_summary, map(_summary, (inside, body)))
    summary = next(long, "")
    if not summary:
        return Skipped(where, "a title without a summary")
    links = [item["url"]]
    ids = known_by(item["url"])
    date = fields.get("date", fields.get("published", ""))
    authors = fields.get("authors", fields.get("author", ""))
    return record(
        item["title"].strip("*_ "),
        summary,
        where,
        date=iso_date(date),
        authors=split_names(authors),
        url=web_address(links, ids),
        **ids,
    )


def _summary(body: str) -> str:
    """What a text says beside its fields, without marks."""
    unlabelled = _LABEL.sub("", _FIELD.sub("", body))
    shown = _LINK.sub(r"\1", unlabelled)
    return plain(_MARKS.sub("", shown)).strip(_BEFORE)


def _is_summary(text: str) -> bool:
    return len(text.encode()) >= _SHORTEST_SUMMARY


FORMAT = Format(
    "link-list",
    "a newsletter or list in Markdown whose titles link to papers",
    (".md", ".txt"),
    _items,
    _read,
)
