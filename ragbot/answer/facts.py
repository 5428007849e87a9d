"""Answers about the collection itself, out of its catalog: exact, complete, without a search.

One function a fact; each says what it could not consider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from ragbot.answer.catalog_page import page
from ragbot.answer.greetings import about_ragbot, goodbye, hello, thanks
from ragbot.answer.overview import topics
from ragbot.answer.paper_facts import (
    address,
    authors,
    date,
    held,
    identifier,
    organisation,
)
from ragbot.answer.selected import Selected, selected
from ragbot.index.catalog import Catalog
from ragbot.index.selection import Heading
from ragbot.papers.describe import author_count, dated, organisation_name
from ragbot.text.english import counted, plural
from ragbot.text.markdown import as_text
from ragbot.types import Asked, CatalogFact, CatalogQuestion, Draft, Paper

__all__ = ["fact_of"]

# A list of so many papers is whole; of a longer one its beginning is shown.
_WHOLE = 100
_BEGINNING = 20
# Papers that are new, where nobody said since when.
_NEW = 10
_REST = "{:,} more are not named here: an export, or 'ragbot papers', has them all"

Answers = Callable[[Asked, CatalogQuestion, Catalog], Draft | None]


def fact_of(asked: Asked, catalog: Catalog) -> Draft | None:
    """The answer to a question that the catalog settles; ``None`` to leave it to the abstracts."""
    question = asked.catalog
    if question is None:
        return None
    return _ANSWERS[question.asks](asked, question, catalog)


# -- papers with some traits -----------------------------------------------------------------


def _count(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    if not asked.filters and not question.traits.is_any:
        return page([_size(catalog)])
    found = selected(catalog, question.traits, asked.filters)
    if found is None:
        return None
    shown = found.headings[:_BEGINNING]
    behind = []
    if len(shown) < len(found.headings):
        behind = [_REST.format(len(found.headings) - len(shown)) + "."]
    return page(
        found.leads,
        _papers(catalog, shown),
        note=found.left_out,
        remark=found.remark,
        behind=behind,
    )


def _size(catalog: Catalog) -> str:
    total = catalog.count()
    first, last, undated = catalog.date_span()
    lead = f"There {'is' if total == 1 else 'are'} {counted(total, 'paper')}"
    if not first:
        return f"{lead}, none with a date."
    if not undated:
        return f"{lead}, dated {first} to {last}."
    return (
        f"{lead}: {counted(total - undated, 'paper')} dated {first} to {last}, "
        f"{counted(undated, 'paper')} without a date."
    )


def _list(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    if not asked.filters and not question.traits.is_any:
        return _all(catalog)
    found = selected(catalog, question.traits, asked.filters)
    if found is None:
        return None
    return _listed(catalog, found, found.headings)


def _all(catalog: Catalog) -> Draft:
    total = catalog.count()
    most = total if total <= _WHOLE else _BEGINNING
    lead = f"There are {counted(total, 'paper')}, the newest first:"
    behind = [_REST.format(total - most) + "."] if most < total else []
    return page([lead], catalog.papers(most=most), behind=behind)


def _listed(catalog: Catalog, found: Selected, headings: Sequence[Heading]) -> Draft:
    most = len(headings) if len(headings) <= _WHOLE else _BEGINNING
    rest = len(headings) - most
    return page(
        found.leads,
        _papers(catalog, headings[:most]),
        note=found.left_out,
        remark=found.remark,
        behind=[_REST.format(rest) + "."] if rest else [],
    )


def _recent(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    """What is new: all of the time that is named, or the newest few."""
    if asked.filters:
        return _list(asked, question, catalog)
    return _newest(asked, replace(question, first=question.first or _NEW), catalog)


def _newest(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    found = selected(catalog, question.traits, asked.filters)
    if found is None:
        return None
    in_turn = list(filter(attrgetter("date"), found.headings))
    return _first(catalog, found, in_turn, "newest", question.first)


def _oldest(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    found = selected(catalog, question.traits, asked.filters)
    if found is None:
        return None
    in_turn = list(filter(attrgetter("date"), found.headings))[::-1]
    return _first(catalog, found, in_turn, "oldest", question.first)


def _first(
    catalog: Catalog,
    found: Selected,
    in_turn: Sequence[Heading],
    kind: str,
    most: int | None,
) -> Draft:
    """So many papers of those in turn; without a number those of the first date."""
    if not in_turn:
        return page([f"No paper{found.among} has a date."])
    ends = filter(partial(_is_of, in_turn[0].date), in_turn)
    headings = in_turn[:most] if most else list(ends)
    papers = _papers(catalog, headings[:_WHOLE])
    which = plural(len(papers), f"{kind} paper")
    verb = "is" if len(papers) == 1 else "are"
    lead = f"The {which}{found.among} {verb} of {dated(papers[0])}:"
    if most:
        lead = f"The {len(papers)} {which}{found.among}:"
    undated = counted(len(found.headings) - len(in_turn), "paper")
    return page(
        [lead],
        papers,
        note=found.left_out or f"the {undated} without a date could not be considered",
        remark=found.remark,
    )


def _is_of(date: str | None, heading: Heading) -> bool:
    return heading.date == date


def _most_authors(
    asked: Asked, question: CatalogQuestion, catalog: Catalog
) -> Draft | None:
    return _by_authors(asked, question, catalog, "most", max)


def _fewest_authors(
    asked: Asked, question: CatalogQuestion, catalog: Catalog
) -> Draft | None:
    return _by_authors(asked, question, catalog, "fewest", min)


def _by_authors(
    asked: Asked,
    question: CatalogQuestion,
    catalog: Catalog,
    kind: str,
    choose: Callable[[Sequence[int]], int],
) -> Draft:
    headings = catalog.headings(asked.filters, question.traits)
    numbers = list(filter(None, map(attrgetter("author_count"), headings)))
    if not numbers:
        return page(["No paper of the collection states how many authors it has."])
    number = choose(numbers)
    held = [heading for heading in headings if heading.author_count == number]
    whose = f"{counted(len(held), 'paper')} of {counted(number, 'author')}"
    unknown = counted(len(headings) - len(numbers), "paper")
    return page(
        [f"The {kind} authors that a paper has: {whose}."],
        _papers(catalog, held[:_BEGINNING]),
        note=f"{unknown} do not state how many authors they have",
        remark=author_count,
    )


def _papers(catalog: Catalog, headings: Sequence[Heading]) -> list[Paper]:
    ids = list(map(attrgetter("id"), headings))
    return list(filter(None, map(catalog.get(ids).get, ids)))


# -- the collection ---------------------------------------------------------------------------


def _years(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    years = ", ".join(f"{year}: {number:,}" for year, number in catalog.years())
    leads = [_size(catalog)]
    return page([*leads, f"Papers by year: {years}."] if years else leads)


def _organisations(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    known = catalog.organisations()
    named = sum(number for _, number in known)
    without = f"{counted(catalog.count() - named, 'paper')} name no organisation"
    if not known:
        return page(["No paper of the collection names an organisation."])
    lines = [
        f"- {as_text(organisation_name(name))}: {counted(number, 'paper')}"
        for name, number in known[:_BEGINNING]
    ]
    lead = f"{counted(len(known), 'organisation')} {'is' if len(known) == 1 else 'are'} named:"
    return page([lead, "\n".join(lines)], note=without)


def _sources(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    known = catalog.sources()
    lines = [
        f"- {as_text(source)}: {counted(number, 'paper')}"
        for source, number in known[:_BEGINNING]
    ]
    rest = f", the first {_BEGINNING} of them" if len(known) > _BEGINNING else ""
    lead = f"The papers come from {counted(len(known), 'source')}{rest}:"
    return page([lead, "\n".join(lines)])


_ANSWERS: dict[CatalogFact, Answers] = {
    "hello": hello,
    "thanks": thanks,
    "goodbye": goodbye,
    "ragbot": about_ragbot,
    "topics": topics,
    "years": _years,
    "organisations": _organisations,
    "sources": _sources,
    "count": _count,
    "list": _list,
    "recent": _recent,
    "newest": _newest,
    "oldest": _oldest,
    "most authors": _most_authors,
    "fewest authors": _fewest_authors,
    "date": date,
    "authors": authors,
    "organisation": organisation,
    "address": address,
    "held": held,
    "identifier": identifier,
}
