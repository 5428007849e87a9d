"""Saved HTML pages: a list of papers or the page of one, read as the text that they show.

What a page says of itself to indexers (``citation_title`` and the like) goes before what it shows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urljoin

from ragbot.readers.document import Document
from ragbot.readers.formats import Format
from ragbot.readers.kinds import first
from ragbot.readers.listing import read_page
from ragbot.readers.paper_pages import is_paper_page, read_paper_page
from ragbot.readers.people import names
from ragbot.readers.record import iso_date, known_by, record, web_address
from ragbot.readers.tagged import first_of
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*|<!--(?:(?!-->)[\s\S]){0,500}-->\s*)?"
    r"<(?:!doctype\s+html|html)\b",
    re.IGNORECASE,
)
_SITE = "https://huggingface.co/papers"
_UNSEEN = frozenset("script style svg nav footer template noscript button form".split())
_INLINE = frozenset(
    "a b code em font i img mark math small span strong sub sup time u abbr".split()
)
_MARKS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### "}
_SPACE = re.compile(r"\s+")
# Some seconds of parsing; a page with a thousand papers has some ten thousand.
_MOST_TAGS = 1_000_000
# What pages call a fact, the surest first.
_FACTS = {
    "title": ("citation_title", "dc.title"),
    "abstract": ("citation_abstract", "dc.description"),
    "date": ("citation_publication_date", "citation_date", "citation_online_date"),
    "doi": ("citation_doi",),
    "arxiv": ("citation_arxiv_id",),
    "venue": ("citation_journal_title", "citation_conference_title"),
    "url": ("citation_abstract_html_url", "og:url"),
}


class _Shown(HTMLParser):
    """Collects the text that a page shows, as Markdown, and what it says of itself.

    It is never closed: an end that is not there is waited for, not searched again and again.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, list[str]] = defaultdict(list)
        self._text: list[str] = []
        self._links: list[str] = []
        self._unseen = 0

    @property
    def text(self) -> str:
        """What is shown, in blocks between blank lines."""
        return "".join(self._text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = defaultdict(str, filter(all, attrs))
        self._unseen += tag in _UNSEEN
        if tag == "meta":
            name = first(told, ("name", "property"))
            self.meta[str(name).lower()].append(str(told["content"]))
        elif tag == "a":
            self._links.append(str(told["href"]))
            self._text.append("[")
        elif tag not in _INLINE:
            mark = _MARKS.get(tag, "")
            self._text.append(f"\n\n{mark}")

    def handle_endtag(self, tag: str) -> None:
        closed = self._unseen - (tag in _UNSEEN)
        self._unseen = max(closed, 0)
        if tag == "a":
            links = [*self._links[-1:], ""]
            address = _address(links[0])
            del self._links[-1:]
            self._text.append(f"]({address})")
        elif tag not in _INLINE:
            self._text.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._unseen == 0:
            text = _SPACE.sub(" ", data)
            self._text.append(text)


def _address(link: str) -> str:
    """Where a link of the page leads to; one that is no address stays as it is."""
    with suppress(ValueError):
        return urljoin(_SITE, link)
    return link


def _read(document: Document) -> Iterator[Paper | Skipped]:
    page = _Shown()
    text = document.text()
    if text.count("<") > _MOST_TAGS:
        raise document.fault("it has more tags than pages have", "save a part of it")
    try:
        page.feed(text)
    except (
        AssertionError
    ) as error:  # what the parser raises for "<![a[", as if it were ours
        raise document.fault(f"no HTML: {error}", "save the page again") from None
    told = {fact: first_of(page.meta, *names) for fact, names in _FACTS.items()}
    if told["title"] and told["abstract"]:
        yield _of_itself(told, page.meta)
    elif is_paper_page(page.text):
        yield from read_paper_page(page.text, document.saved)
    else:
        yield from read_page(document, page.text)


def _of_itself(told: dict[str, str], meta: dict[str, list[str]]) -> Paper | Skipped:
    """The paper that a page says it is about."""
    links = [told["url"]]
    arxiv = f"arxiv:{told['arxiv']}"
    ids = known_by(told["url"], arxiv, told["doi"])
    people = meta.get("citation_author", [])
    return record(
        told["title"],
        told["abstract"],
        "line 1",
        date=iso_date(told["date"]),
        authors=names(people),
        venue=told["venue"],
        url=web_address(links, ids),
        **ids,
    )


FORMAT = Format(
    "html",
    "a saved HTML page of papers",
    (".html", ".htm"),
    _HTML.match,
    _read,
)
