"""JSON with papers in it: answers and dumps of the services that have papers, and any list of
objects with a title and an abstract.

What a service writes in a way of its own is first brought into common keys (`_SHAPES`); then every
object is read alike: the first of several names for a fact (`_NAMES`) that has a value counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain, repeat, starmap
from operator import itemgetter
from typing import Any

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, Records
from ragbot.readers.json_text import BEGINS, values
from ragbot.readers.kinds import first, of_kind, only
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
# What a text is is told by its type: JSON's true and false are numbers to Python.
_PLAIN = frozenset({str, int, float})
_HEAD = re.compile(
    rf"(?={BEGINS})"
    r'[\s\S]*?"(?i:(?:paper[ _]?|article[ _]?)?(?:title|display_name)|abstract|summary)"\s*:'
)
_NO_LETTER = re.compile(r"[\W_]+")
_ARXIV_ID = re.compile(
    r"(?:arxiv:)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.I
)
_SEPARATOR = re.compile(r"[;,|]")


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
    if isinstance(value, list):
        places = [f"{where} item {at}".strip() for at in range(1, len(value) + 1)]
        yield from _inside(zip(places, value, strict=True), depth)
    elif isinstance(value, Mapping):
        yield from _of_object(value, where, depth)


def _of_object(value: Entry, where: str, depth: int) -> Records:
    entry = _shaped(value)
    held = [value[key] for key in value if _folded(key) in _HOLDERS]
    inside = list(filter(_may_hold, held))
    if not inside and _fact(entry, "title"):
        yield _paper(entry, where)
    else:
        children = inside or map(_with_key, value.items())
        yield from _inside(zip(repeat(where), children), depth)


def _inside(told: Iterable[tuple[str, Any]], depth: int) -> Records:
    """The papers in values, each with where it stands; none below too many others."""
    for where, value in told:
        if depth:
            yield from _papers(value, where, depth - 1)


def _with_key(item: tuple[str, Any]) -> Any:
    """A value with the arXiv id under which it stands, if it is an object and has such a key."""
    key, value = item
    if isinstance(value, Mapping) and _ARXIV_ID.fullmatch(key):
        return {"id": key, **value}
    return value


def _may_hold(value: Any) -> bool:
    """Whether there can be an object in it."""
    kinds = set(map(type, of_kind(value, list)))
    return isinstance(value, dict) or not kinds.isdisjoint({dict, list})


def _paper(entry: Entry, where: str) -> Paper | Skipped:
    try:
        return _read_entry(entry, where)
    except RecursionError:
        return Skipped(where, "it is nested too deeply")


def _read_entry(entry: Entry, where: str) -> Paper | Skipped:
    links = _texts(_facts(entry, "url"))
    ids = known_by(*_identifying(entry), *links)
    return record(
        without_markup(_text(entry, "title")),
        without_markup(" ".join(_texts(_fact(entry, "abstract")))),
        where,
        authors=names(_fact(entry, "authors")),
        date=iso_date(*map(_date_text, _facts(entry, "date"))),
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
    return first(entry, _NAMES[fact])


def _texts(value: Any) -> list[str]:
    """The texts in a value: itself, its items, or what an object calls its value."""
    if isinstance(value, Mapping):
        return _texts(first(value, _TEXTS))
    if isinstance(value, list):
        return list(chain.from_iterable(map(_texts, value)))
    return [str(value)] if type(value) in _PLAIN else []


def _text(entry: Entry, fact: str) -> str:
    return next(iter(_texts(_fact(entry, fact))), "")


def _count(value: Any) -> int | None:
    return value if type(value) is int else None


def _keywords(entry: Entry) -> list[str]:
    told = _texts(_fact(entry, "keywords"))
    return list(chain.from_iterable(map(_SEPARATOR.split, told)))


def _date_text(value: Any) -> str:
    """A date, or the list of its numbers that Crossref and CSL write."""
    dates = of_kind(value, dict).get("date-parts") or value
    earliest = of_kind(dates, list)[:1] or dates
    return "-".join(_texts(earliest)[:3])


def _identifying(entry: Entry) -> list[str]:
    """What may tell an identifier, the surest first."""
    told = _texts(_facts(entry, "arxiv"))
    found = filter(None, map(_ARXIV_ID.fullmatch, told))
    ids = [f"arxiv:{id_[1]}" for id_ in found]
    return [*ids, *_texts(_fact(entry, "doi")), *told]


# -- what services write in a way of their own ----------------------------------------------------


def _shaped(entry: Entry) -> Entry:
    """An object with common keys in place of a service's own."""
    for needed, shape in _SHAPES:
        if entry.keys() >= needed:
            entry = shape(entry)
    return {_folded(key): value for key, value in entry.items()}


def _below(value: Any, *keys: str) -> Any:
    """What stands below keys, if every one is there."""
    for key in keys:
        value = of_kind(value, dict).get(key)
    return value


def _each(value: Any) -> list[Entry]:
    """The objects in a list, if it is one."""
    return only(dict, of_kind(value, list))


def _nested(entry: Entry) -> Entry:
    """Hugging Face's daily papers: the paper stands in an object of its own."""
    paper = of_kind(entry["paper"], dict)
    return {**entry, **dict(filter(itemgetter(1), paper.items()))}


def _hugging_face(entry: Entry) -> Entry:
    return {
        **entry,
        "url": f"https://huggingface.co/papers/{entry['id']}",
        "keywords": None,
    }


def _semantic_scholar(entry: Entry) -> Entry:
    ids = of_kind(entry["externalIds"], dict)
    arxiv = ids.get("ArXiv")
    doi = [ids.get("DOI"), entry.get("doi")]
    link = entry.get("url") if arxiv is None else None
    return {**entry, "arxiv_id": arxiv, "doi": doi, "url": link}


def _openalex(entry: Entry) -> Entry:
    primary = entry.get("primary_location")
    links = [_below(one, "landing_page_url") for one in _each(entry.get("locations"))]
    return {
        **entry,
        "abstract": _rebuilt(entry.get("abstract_inverted_index")),
        "authors": [
            _below(one, "author", "display_name") or one.get("raw_author_name")
            for one in _each(entry.get("authorships"))
        ],
        "url": [
            _below(primary, "landing_page_url"),
            entry.get("doi"),
            entry.get("id"),
            *links,
        ],
        "venue": [
            _below(primary, "source", "display_name"),
            _below(entry, "host_venue", "display_name"),
        ],
    }


def _rebuilt(index: Any) -> str:
    """The text of an index of where each of its words stands."""
    words = of_kind(index, dict)
    placed = chain.from_iterable(starmap(_placed, words.items()))
    return " ".join(map(itemgetter(1), sorted(placed)))


def _placed(word: str, places: Any) -> Iterable[tuple[int, str]]:
    return zip(only(int, of_kind(places, list)), repeat(word))


def _arxiv_metadata(entry: Entry) -> Entry:
    """The snapshot of arXiv's metadata. Without versions the id tells the month of the first."""
    parsed = of_kind(entry.get("authors_parsed"), list)
    people = list(map(_parsed_name, parsed))
    first = next(iter(_each(entry.get("versions"))), {})
    return {
        **entry,
        "authors": people or entry.get("authors"),
        "published": first.get("created") or _announced(entry),
        "categories": " ".join(_texts(entry.get("categories"))).split(),
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
    _HEAD.match,
    _read,
)
