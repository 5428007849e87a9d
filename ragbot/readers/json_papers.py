"""JSON with papers in it: answers and dumps of the services that have papers, and any list of
objects with a title and an abstract.

What a service writes in a way of its own is first brought into common keys (`_SHAPES`); then every
object is read alike: the first of several names for a fact (`_NAMES`) that has a value counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.json_text import looks_like_json, values
from ragbot.readers.markup import without_markup
from ragbot.readers.people import names
from ragbot.readers.record import iso_date, known_by, record, web_address
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

Entry = Mapping[str, Any]

# Names of a fact, as compared: in small letters, without what is no letter.
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "papertitle", "articletitle", "displayname", "name"),
    "abstract": (
        "abstract", "summary", "paperabstract", "abstracttext", "description", "abstractnote",
    ),
    "authors": ("authors", "author", "authorlist", "authornames", "creators", "creator"),
    "date": (
        "publishedat", "publicationdate", "publisheddate", "datepublished", "published", "issued",
        "publishedonline", "publishedprint", "posted",
        "submitteddate", "submitted", "pubdate", "coverdate", "date", "publicationyear",
        "pubyear", "year", "created", "createdat", "updated", "updatedate",
    ),
    "url": (
        "url", "link", "paperurl", "absurl", "arxivurl", "href", "entryid", "uri", "pdf",
        "pdfurl", "paperlink", "pdflink",
    ),
    "doi": ("doi",),
    "arxiv": ("arxivid", "arxiv", "eprint", "paperid", "id"),
    "venue": (
        "venue", "publicationvenue", "journal", "journalref", "containertitle", "journaltitle",
        "publicationtitle", "publicationname", "conference", "booktitle",
    ),
    "keywords": ("keywords", "categories", "tags", "fieldsofstudy", "subjects", "subject"),
    "comments": ("numcomments",),
    "organisation": ("organization", "organisation"),
}  # fmt: skip
# What holds papers where it is a list or an object.
_HOLDERS = frozenset(
    "data results items papers records message entries works articles publications documents docs "
    "response hits feed entry recommendedpapers".split()
)
_DEEPEST = 6
# Of an object that stands for a text, what the text is.
_TEXTS = (
    "value", "fullname", "name", "display_name", "term", "category", "text", "#text", "rendered",
    "title", "url", "href", "content",
)  # fmt: skip
_TITLED = re.compile(r'"(?:paper[ _]?|article[ _]?)?(?:title|display_name)"\s*:', re.I)
_NAMED = re.compile(r'"(?:abstract|summary)"\s*:', re.I)
_NO_LETTER = re.compile(r"[\W_]+")
_ARXIV_ID = re.compile(
    r"(?:arxiv:)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.I
)
_SEPARATOR = re.compile(r"[;,|]")


def _recognises(head: str) -> bool:
    told = _TITLED.search(head) or _NAMED.search(head)
    return told is not None and looks_like_json(head)


def _read(document: Document) -> Records:
    for where, value in values(document):
        if isinstance(value, Skipped):
            yield value
            continue
        found = _papers(value, where, _DEEPEST)
        none = Skipped(where or "file", "no object with a title and an abstract")
        yield next(found, none)
        yield from found


def _papers(value: Any, where: str, depth: int) -> Records:
    """The papers in a value: itself, or what it holds."""
    if isinstance(value, Mapping):
        entry = _shaped(value)
        held = [value[key] for key in value if _folded(key) in _HOLDERS]
        inside = list(filter(_may_hold, held))
        if not inside and _fact(entry, "title"):
            yield _paper(entry, where)
            return
        told = [(where, child) for child in inside or map(_with_key, value.items())]
    elif isinstance(value, list):
        told = [(f"{where} item {at}".strip(), one) for at, one in enumerate(value, 1)]
    else:
        return
    for at, child in told:
        if depth and _may_hold(child):
            yield from _papers(child, at, depth - 1)


def _with_key(item: tuple[str, Any]) -> Any:
    """A value with the arXiv id under which it stands, if it is an object and has such a key."""
    key, value = item
    if isinstance(value, Mapping) and _ARXIV_ID.fullmatch(key):
        return {"id": key, **value}
    return value


def _may_hold(value: Any) -> bool:
    """Whether there can be an object in it."""
    return isinstance(value, Mapping) or (
        isinstance(value, list)
        and any(isinstance(one, Mapping | list) for one in value)
    )


def _paper(entry: Entry, where: str) -> Paper | Skipped:
    try:
        return _read_entry(entry, where)
    except RecursionError:
        return Skipped(where, "it is nested too deeply")


def _read_entry(entry: Entry, where: str) -> Paper | Skipped:
    links = _links(entry)
    ids = known_by(*_identifying(entry), *links)
    return record(
        without_markup(_text(entry, "title")),
        without_markup(" ".join(_texts(_fact(entry, "abstract")))),
        where,
        authors=names(_fact(entry, "authors")),
        date=_date(entry),
        url=web_address(links, ids),
        venue=without_markup(_text(entry, "venue")),
        organisation=_text(entry, "organisation"),
        keywords=_keywords(entry),
        comments=_count(_fact(entry, "comments")),
        **ids,
    )


# -- values ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _folded(key: str) -> str:
    return _NO_LETTER.sub("", key.lower())


def _facts(entry: Entry, fact: str) -> list[Any]:
    """What an object has for a fact, the name that tells most first."""
    return list(filter(None, map(entry.get, _NAMES[fact])))


def _fact(entry: Entry, fact: str) -> Any:
    return next(iter(_facts(entry, fact)), None)


def _texts(value: Any) -> list[str]:
    """The texts in a value: itself, its items, or what an object calls its value."""
    if isinstance(value, Mapping):
        return _texts(next(filter(None, map(value.get, _TEXTS)), None))
    if isinstance(value, list):
        return list(chain.from_iterable(map(_texts, value)))
    known = value is not None and not isinstance(value, bool)
    return [str(value)] if known else []


def _text(entry: Entry, fact: str) -> str:
    return next(iter(_texts(_fact(entry, fact))), "")


def _count(value: Any) -> int | None:
    return value if type(value) is int else None


def _keywords(entry: Entry) -> list[str]:
    told = _texts(_fact(entry, "keywords"))
    return list(chain.from_iterable(map(_SEPARATOR.split, told)))


def _date(entry: Entry) -> str | None:
    dates = map(iso_date, map(_date_text, _facts(entry, "date")))
    return next(filter(None, dates), None)


def _date_text(value: Any) -> str:
    """A date, or the list of its numbers that Crossref and CSL write."""
    if isinstance(value, Mapping):
        value = value.get("date-parts") or [_texts(value)]
    if isinstance(value, list):
        return "-".join(_texts(value[:1])[:3])
    return str(value)


def _identifying(entry: Entry) -> list[str]:
    """What may tell an identifier, the surest first."""
    told = list(chain.from_iterable(map(_texts, _facts(entry, "arxiv"))))
    ids = [f"arxiv:{found[1]}" for found in map(_ARXIV_ID.fullmatch, told) if found]
    return [*ids, *_texts(_fact(entry, "doi")), *told]


def _links(entry: Entry) -> list[str]:
    return list(chain.from_iterable(map(_texts, _facts(entry, "url"))))


# -- what services write in a way of their own ----------------------------------------------------


def _shaped(entry: Entry) -> Entry:
    """An object with common keys in place of a service's own."""
    for needed, shape in _SHAPES:
        if entry.keys() >= needed:
            entry = shape(entry)
    return {_folded(key): value for key, value in entry.items()}


def _inside(value: Any, *keys: str) -> Any:
    """What stands below keys, if every one is there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _each(value: Any) -> list[Entry]:
    """The objects in a list, if it is one."""
    return (
        [one for one in value if isinstance(one, Mapping)]
        if isinstance(value, list)
        else []
    )


def _nested(entry: Entry) -> Entry:
    """Hugging Face's daily papers: the paper stands in an object of its own."""
    paper = entry["paper"]
    told = (
        {key: value for key, value in paper.items() if value}
        if isinstance(paper, Mapping)
        else {}
    )
    return {**entry, **told}


def _hugging_face(entry: Entry) -> Entry:
    return {
        **entry,
        "url": f"https://huggingface.co/papers/{entry['id']}",
        "keywords": None,
    }


def _semantic_scholar(entry: Entry) -> Entry:
    arxiv, doi = (_inside(entry, "externalIds", key) for key in ("ArXiv", "DOI"))
    link = entry.get("url") if arxiv is None else None
    return {**entry, "arxiv_id": arxiv, "doi": doi or entry.get("doi"), "url": link}


def _openalex(entry: Entry) -> Entry:
    primary = entry.get("primary_location")
    links = [_inside(one, "landing_page_url") for one in _each(entry.get("locations"))]
    return {
        "title": entry.get("title") or entry.get("display_name"),
        "abstract": _rebuilt(entry.get("abstract_inverted_index")),
        "authors": [
            _inside(one, "author", "display_name") or one.get("raw_author_name")
            for one in _each(entry.get("authorships"))
        ],
        "publication_date": entry.get("publication_date"),
        "year": entry.get("publication_year"),
        "doi": entry.get("doi"),
        "url": _inside(primary, "landing_page_url")
        or entry.get("doi")
        or entry.get("id"),
        "link": links,
        "venue": _inside(primary, "source", "display_name")
        or _inside(entry, "host_venue", "display_name"),
        "keywords": entry.get("keywords"),
    }


def _rebuilt(index: Any) -> str:
    """The text of an index of where each of its words stands."""
    places = [
        (place, word)
        for word, found in _items(index)
        for place in filter(_is_place, found)
    ]
    return " ".join(word for _, word in sorted(places))


def _items(index: Any) -> list[tuple[str, list[Any]]]:
    pairs = index.items() if isinstance(index, Mapping) else ()
    return [pair for pair in pairs if isinstance(pair[1], list)]


def _is_place(value: Any) -> bool:
    return isinstance(value, int)


def _arxiv_metadata(entry: Entry) -> Entry:
    """The snapshot of arXiv's metadata. Without versions the id tells the month of the first."""
    parsed = entry.get("authors_parsed")
    people = list(map(_parsed_name, parsed)) if isinstance(parsed, list) else []
    first = next(iter(_each(entry.get("versions"))), {})
    return {
        **entry,
        "authors": people or entry.get("authors"),
        "published": first.get("created") or _announced(entry),
        "categories": str(entry.get("categories") or "").split(),
    }


def _parsed_name(parts: Any) -> str:
    """["King", "Martin Luther", "Jr.", "MIT"] as "Martin Luther King Jr."."""
    family, given, suffix, *_ = [*_texts(parts), "", "", ""]
    return " ".join(filter(None, [given, family, suffix])).replace(". -", ".-")


def _announced(entry: Entry) -> str | None:
    """The day of a metadata update in the month of the id, else that month."""
    found = _MONTH_OF_ID.fullmatch(str(entry.get("id")))
    if found is None:
        return None
    century = "19" if found["year"] > "90" else "20"
    month = f"{century}{found['year']}-{found['month']}"
    updated = str(entry.get("update_date"))
    return updated if updated.startswith(month) else month


_MONTH_OF_ID = re.compile(
    r"(?:[a-z-]+(?:\.[A-Z]{2})?/)?(?P<year>\d\d)(?P<month>\d\d)\.?\d{3,5}"
)

_SHAPES: tuple[tuple[frozenset[str], Callable[[Entry], Entry]], ...] = (
    (frozenset({"paper"}), _nested),
    (frozenset({"id", "summary", "upvotes"}), _hugging_face),
    (frozenset({"externalIds"}), _semantic_scholar),
    (frozenset({"authorships"}), _openalex),
    (frozenset({"abstract_inverted_index"}), _openalex),
    (frozenset({"categories", "update_date"}), _arxiv_metadata),
)
"""What objects of a service have, and how they are brought into common keys."""

FORMAT = Format(
    "json",
    "JSON: Hugging Face, arXiv, Semantic Scholar, OpenAlex, Crossref, or any with abstracts",
    (".json", ".jsonl", ".ndjson"),
    _recognises,
    _read,
)
