"""CSL-JSON, as Zotero, Mendeley and pandoc write it: a list of items, or one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ragbot.readers.document import Document
from ragbot.readers.formats import Format, entry_by_entry
from ragbot.readers.json_text import Told, values
from ragbot.readers.kinds import first, of_kind, only
from ragbot.readers.record import given_first, iso_date
from ragbot.readers.reference import OURS, names, parted, reference
from ragbot.types import Paper, Skipped

__all__ = ["FORMAT"]

_TYPE = (
    r'"type"\s*:\s*"(?:article(?:-(?:journal|magazine|newspaper))?|paper-conference|chapter|book|'
    r"thesis|report|manuscript|dataset|software|webpage|post(?:-weblog)?|entry(?:-\w+)?|review|"
    r'document|preprint|speech|standard|periodical|collection)"'
)
# What others that have such types do not have, and what CSL does not have
_OWN = rf'"issued"\s*:\s*\{{|"container-title"\s*:\s*"|"literal"\s*:|"source"\s*:\s*"{OURS}"'
_OTHERS = (
    r'"(?:message-type|abstract_inverted_index|display_name|externalIds|paperId)"\s*:'
)
_ITEM = re.compile(
    rf"\s*[\[{{](?!.*(?:{_OTHERS}))(?=.*(?:{_TYPE}))(?=.*(?:{_OWN}))", re.DOTALL
)
_FAMILY = ("dropping-particle", "non-dropping-particle", "family")
_TOLD = ("number", "note", "archive_location", "publisher", "container-title", "id")


def _items(document: Document) -> Iterator[Told]:
    for where, value in values(document):
        for item in of_kind(value, dict).get("items", [value]):
            yield where, item


def _paper(item: Any, where: str) -> Paper | Skipped:
    if not isinstance(item, dict):
        return Skipped(where, "no item")
    ours = item.get("source") == OURS
    people = only(dict, of_kind(item.get("author"), list))
    return reference(
        ", ".join(filter(None, (where, _text(item, "id")))),
        _text(item, "title"),
        _text(item, "abstract"),
        ours=ours,
        notes=_text(item, "note").split("\n"),
        told=[_text(item, name) for name in _TOLD],
        doi=_text(item, "DOI"),
        url=_text(item, "URL"),
        authors=names(map(_author, people), literal=True),
        venue=_text(item, "container-title", "event-title"),
        date=_date(item.get("issued")),
        keywords=parted(_text(item, "keyword"), ";" if ours else ";,"),
    )


def _text(item: Mapping[str, Any], *names: str) -> str:
    """The first field that says something as text: lists with semicolons, numbers as digits."""
    value = first(item, names)
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value) if isinstance(value, str | int | float) else ""


def _author(told: Mapping[str, Any]) -> str:
    """ "Given Family" of the parts; a comma behind a literal keeps those in it."""
    text = partial(_text, told)
    if literal := text("literal", "name"):
        return f"{literal},"
    family = " ".join(filter(None, map(text, _FAMILY)))
    return given_first(", ".join(filter(None, (family, text("suffix"), text("given")))))


def _date(issued: object) -> str | None:
    """A date in parts, numbers or digits, or in words."""
    told = issued if isinstance(issued, dict) else {"raw": issued}
    parts = re.findall(r"\d+", str(told.get("date-parts")))[:3]
    words = map(partial(_text, told), ("raw", "literal"))
    return iso_date("-".join(parts), *words)


FORMAT = Format(
    "csl",
    "CSL-JSON",
    (".json",),
    _ITEM.match,
    entry_by_entry(_items, _paper),
)
