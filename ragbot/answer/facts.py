"""Answers about the collection itself, out of its catalog: exact, complete, without a search.

One function a fact; each says what it could not consider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, starmap, takewhile
from operator import attrgetter

from ragbot.answer.catalog_page import page, papers_of
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
from ragbot.papers.describe import author_count, dated, organisation_name
from ragbot.text.english import agreeing, counted, plural
from ragbot.text.markdown import as_text
from ragbot.types import Asked, CatalogFact, CatalogQuestion, Draft

__all__ = ["fact_of"]

# A list of so many papers is whole; of a longer one its beginning is shown.
_WHOLE = 100
_BEGINNING = 20
# Papers that are new, where nobody said since when.
_NEW = 10
_REST = "{:,} more are not named here: an export, or 'ragbot papers', has them all."

Answers = Callable[[Asked, CatalogQuestion, Catalog], Draft | None]


def fact_of(asked: Asked, catalog: Catalog) -> Draft | None:
    """The answer to a question that the catalog settles; ``None`` to leave it to the abstracts."""
    question = asked.catalog
    if question is None:
        return None
    return _ANSWERS[question.asks](asked, question, catalog)


# -- papers with some traits -----------------------------------------------------------------


def _of_selected(
    shown: Callable[[CatalogQuestion, Catalog, Selected], Draft],
) -> Answers:
    """Answers with the papers that are asked for, if it is plain which."""

    def answer(
        asked: Asked, question: CatalogQuestion, catalog: Catalog
    ) -> Draft | None:
        found = selected(catalog, question.traits, asked.filters)
        return None if found is None else shown(question, catalog, found)

    return answer


def _listed(
    question: CatalogQuestion, catalog: Catalog, found: Selected, whole: int
) -> Draft:
    """All papers, of more than are shown as a ``whole`` the beginning."""
    number = len(found.headings)
    most = number if number <= whole else _BEGINNING
    return page(
        found.leads,
        papers_of(catalog, found.headings[:most]),
        note=found.left_out,
        remark=found.remark,
        behind=[_REST.format(number - most)] if most < number else [],
    )


def _at_end(
    question: CatalogQuestion, catalog: Catalog, found: Selected, kind: str, step: int
) -> Draft:
    """So many papers from one end; without a number those of the first date."""
    in_turn = list(filter(attrgetter("date"), found.headings))[::step]
    if not in_turn:
        return page([f"No paper{found.among} has a date."])
    most = question.first
    of_first_date = takewhile(lambda h: h.date == in_turn[0].date, in_turn)
    chosen = in_turn[:most] if most else of_first_date
    papers = papers_of(catalog, islice(chosen, _WHOLE))
    which = plural(len(papers), f"{kind} paper")
    verb = agreeing(len(papers), "is", "are")
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


_list = _of_selected(partial(_listed, whole=_WHOLE))
_counted = _of_selected(partial(_listed, whole=_BEGINNING))
_newest = _of_selected(partial(_at_end, kind="newest", step=1))
_oldest = _of_selected(partial(_at_end, kind="oldest", step=-1))


def _count(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    if not asked.filters and not question.traits.is_any:
        return page([_size(catalog)])
    return _counted(asked, question, catalog)


def _size(catalog: Catalog) -> str:
    total = catalog.count()
    first, last, undated = catalog.date_span()
    lead = f"There {agreeing(total, 'is', 'are')} {counted(total, 'paper')}"
    if not first:
        return f"{lead}, none with a date."
    if not undated:
        return f"{lead}, dated {first} to {last}."
    return (
        f"{lead}: {counted(total - undated, 'paper')} dated {first} to {last}, "
        f"{counted(undated, 'paper')} without a date."
    )


def _recent(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    """What is new: all of the time that is named, or the newest few."""
    if asked.filters:
        return _list(asked, question, catalog)
    return _newest(asked, replace(question, first=question.first or _NEW), catalog)


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
    held = list(filter(lambda heading: heading.author_count == number, headings))
    whose = f"{counted(len(held), 'paper')} of {counted(number, 'author')}"
    unknown = counted(len(headings) - len(numbers), "paper")
    return page(
        [f"The {kind} authors that a paper has: {whose}."],
        papers_of(catalog, held[:_BEGINNING]),
        note=f"{unknown} do not state how many authors they have",
        remark=author_count,
    )


# -- the collection ---------------------------------------------------------------------------


def _years(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    years = ", ".join(starmap("{}: {:,}".format, catalog.years()))
    leads = [_size(catalog)]
    return page([*leads, f"Papers by year: {years}."] if years else leads)


def _organisations(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    known = catalog.organisations()
    named = sum(dict(known).values())
    without = f"{counted(catalog.count() - named, 'paper')} name no organisation"
    if not known:
        return page(["No paper of the collection names an organisation."])
    verb = agreeing(len(known), "is", "are")
    lead = f"{counted(len(known), 'organisation')} {verb} named:"
    return page([lead, _numbers(known, organisation_name)], note=without)


def _sources(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    known = catalog.sources()
    rest = f", the first {_BEGINNING} of them" if len(known) > _BEGINNING else ""
    lead = f"The papers come from {counted(len(known), 'source')}{rest}:"
    return page([lead, _numbers(known, str)])


def _numbers(known: Sequence[tuple[str, int]], named: Callable[[str], str]) -> str:
    """How many papers there are of each, a line each."""
    return "\n".join(
        f"- {as_text(named(name))}: {counted(number, 'paper')}"
        for name, number in known[:_BEGINNING]
    )


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
    "most authors": partial(_by_authors, kind="most", choose=max),
    "fewest authors": partial(_by_authors, kind="fewest", choose=min),
    "date": date,
    "authors": authors,
    "organisation": organisation,
    "address": address,
    "held": held,
    "identifier": identifier,
}
