"""One paper's own page on Hugging Face, saved as text or Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import takewhile
from operator import attrgetter

from ragbot.readers.formats import Format
from ragbot.readers.listing.capture import lines_of
from ragbot.readers.listing.furniture import FURNITURE
from ragbot.readers.record import known_by, record, web_address
from ragbot.readers.written_dates import written_date
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT", "is_paper_page", "read_paper_page"]

_LABEL = r"^(?:papers?\W*)?arxiv: ?"
_NUMBER = r"\d{4}\.\d{4,5}"
_ID = rf"{_LABEL}{_NUMBER}(?:v\d+)?$"
_RECOGNISED = re.compile(
    rf"{_ID}(?=(?:.*\n){{1,400}}?[^\w\n]{{0,5}}abstract:?$)",
    re.IGNORECASE | re.MULTILINE,
)
_FLAGS = re.IGNORECASE | re.MULTILINE
_FIELDS = {
    "arxiv": re.compile(rf"{_LABEL}({_NUMBER})(?:v\d+)?$", _FLAGS),
    # Up to what stands between a title and its abstract.
    "title": re.compile(
        rf"{_ID}\n((?:(?!published|submitted|upvote|authors?\b|"
        r"abstract$).+\n){1,5})",
        _FLAGS,
    ),
    "date": re.compile(r"^published(?: on)?:?\s([^·\n]{3,40}[^·\s])", _FLAGS),
    "authors": re.compile(r"^authors?:\s*((?:(?!abstract$).+\n){1,5000})", _FLAGS),
    "abstract": re.compile(
        r"^abstract:?\n(?:ai-generated summary\n.+\n)?([\s\S]+)", _FLAGS
    ),
}
_BETWEEN_NAMES = re.compile(r"\s*[,;·\n]\s*|\s+and\s+")


def read_paper_page(text: str, saved: date | None) -> Iterator[Paper | Skipped]:
    """The paper of a page, dated as far as it tells; ``saved`` is when the file was."""
    lines = map(attrgetter("text"), lines_of(text))
    text = "\n".join(filter(None, lines))
    fields = {name: form.findall(text) for name, form in _FIELDS.items()}
    told = {name: "".join(found[:1]).strip() for name, found in fields.items()}
    below = told["abstract"].split("\n")
    abstract = " ".join(takewhile(_is_prose, below))
    names = _BETWEEN_NAMES.split(told["authors"])
    authors = tuple(filter(None, names))
    ids = known_by(f"arxiv:{told['arxiv']}")
    written = written_date(told["date"])
    # The site leaves out the year of the current year only, in which the paper came out.
    day = written.iso(2000 + int(told["arxiv"][:2] or 0), saved)
    yield record(
        told["title"],
        abstract,
        "line 1",
        authors=authors,
        author_count=len(authors),
        date=day,
        date_inferred=day is not None and not written.year,
        url=web_address([], ids),
        **ids,
    )


def _is_prose(line: str) -> bool:
    return FURNITURE.fullmatch(line) is None


def is_paper_page(head: str) -> bool:
    """Whether a text has a paper's arXiv id and its abstract's heading as that page has them."""
    texts = map(attrgetter("text"), lines_of(head))
    lines = filter(None, texts)
    return _RECOGNISED.search("\n".join(lines)) is not None


FORMAT = Format(
    "paper-page",
    "a saved page of one paper on Hugging Face",
    (".txt", ".md"),
    is_paper_page,
    lambda document: read_paper_page(document.text(), document.saved),
)
