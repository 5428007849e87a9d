"""Feeds and harvests in XML: Atom as arXiv's API answers it, RSS, and OAI-PMH of any repository."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain, filterfalse
from operator import methodcaller

from ragbot.readers.formats import Format, entry_by_entry
from ragbot.readers.markup import without_markup
from ragbot.readers.people import split_names
from ragbot.readers.record import iso_date, known_by, record, web_address
from ragbot.readers.xml_text import Element, elements, root_is, text_of, texts_of
from ragbot.types import Paper, Skipped

__all__ = ["ATOM", "OAI", "RSS"]

# What feeds put before an abstract and behind it.
_BEFORE = re.compile(
    r"\A(?:\s*arXiv:\S+\s+Announce Type:.{0,200}?Abstract:|.{0,500}?\bABSTRACT\b:?)",
    re.DOTALL,
)
_BEHIND = re.compile(r"\bPMID:\s?\d+.{0,200}\Z", re.DOTALL)
_MAIL = re.compile("@")
_VERSION = re.compile(r"\(arXiv:\S+(?: \[[\w.-]+\])?[^()]*\)$")


def _atom(entry: Element, where: str) -> Paper | Skipped:
    id_ = text_of(entry, "id")
    abstract = text_of(entry, "summary", "content")
    if "/api/errors" in id_:
        return Skipped(where, f"arXiv answered with an error: {abstract[:200]}")
    linking = entry.iterfind("{*}link[@rel='alternate']")
    links = list(map(methodcaller("get", "href", ""), linking))
    subjects = entry.iterfind("{*}category")
    ids = known_by(id_, text_of(entry, "doi"), *links)
    return record(
        without_markup(text_of(entry, "title")),
        without_markup(abstract),
        where,
        authors=texts_of(entry, "author/name"),
        date=iso_date(text_of(entry, "published", "updated")),
        url=web_address([*links, id_], ids),
        venue=text_of(entry, "journal_ref"),
        keywords=list(map(methodcaller("get", "term", ""), subjects)),
        **ids,
    )


def _rss(item: Element, where: str) -> Paper | Skipped:
    links = texts_of(item, "link", "guid")
    ids = known_by(*links, *texts_of(item, "doi", "identifier"))
    told = without_markup(
        max(texts_of(item, "description", "encoded"), key=len, default="")
    )
    abstract = _BEHIND.sub("", _BEFORE.sub("", told))
    return record(
        _VERSION.sub("", without_markup(text_of(item, "title"))),
        abstract,
        where,
        authors=_creators(item),
        date=iso_date(text_of(item, "pubDate", "date", "publicationDate")),
        url=web_address(links, ids),
        venue=text_of(item, "publicationName"),
        keywords=texts_of(item, "category", "subject"),
        **ids,
    )


def _creators(item: Element) -> list[str]:
    """Who is named, one or all in an element; a mail address is nobody."""
    told = map(without_markup, texts_of(item, "creator", "author"))
    people = filterfalse(_MAIL.search, told)
    return list(chain.from_iterable(map(split_names, people)))


def _oai(harvested: Element, where: str) -> Paper | Skipped:
    """A record in Dublin Core or in either of arXiv's own forms."""
    told = partial(texts_of, harvested)
    ids = known_by(
        *map("arxiv:{}".format, told(".//metadata/*/id")),
        *told(".//doi", ".//metadata//identifier", "header/identifier"),
    )
    return record(
        text_of(harvested, ".//title"),
        text_of(harvested, ".//abstract", ".//description"),
        where,
        authors=_harvested_names(harvested),
        date=iso_date(text_of(harvested, ".//created", ".//version/date", ".//date")),
        url=web_address(told(".//metadata//identifier"), ids),
        venue=text_of(harvested, ".//journal-ref"),
        keywords=[*text_of(harvested, ".//categories").split(), *told(".//subject")],
        **ids,
    )


def _harvested_names(harvested: Element) -> list[str]:
    people = [
        " ".join(texts_of(one, "forenames") + texts_of(one, "keyname", "suffix"))
        for one in harvested.iterfind(".//{*}author")
    ]
    listed = texts_of(harvested, ".//creator", ".//authors")
    return people or list(chain.from_iterable(map(split_names, listed)))


ATOM = Format(
    "atom",
    "Atom, as the API of arXiv answers",
    (".xml", ".atom"),
    root_is("feed"),
    entry_by_entry(partial(elements, name="entry"), _atom),
)
RSS = Format(
    "rss",
    "RSS, of Daily Papers, arXiv, PubMed or a journal",
    (".xml", ".rss", ".rdf"),
    root_is("rss", "RDF"),
    entry_by_entry(partial(elements, name="item"), _rss),
)
OAI = Format(
    "oai",
    "a harvest by OAI-PMH",
    (".xml",),
    root_is("OAI-PMH"),
    entry_by_entry(partial(elements, name="record"), _oai),
)
