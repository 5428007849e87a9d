"""What the catalog knows of one paper that a question names: its date, authors, organisation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter

from ragbot.answer.called import called
from ragbot.answer.catalog_page import page, papers_of, quoted, unremarked
from ragbot.index.catalog import Catalog
from ragbot.papers.describe import author_count, dated, organisation_name
from ragbot.papers.identity import aliases, identified
from ragbot.question.turns import Turn, turns_of
from ragbot.text.english import agreeing, counted, framed
from ragbot.text.markdown import as_text
from ragbot.types import Asked, CatalogQuestion, Draft, Paper

__all__ = ["address", "authors", "date", "held", "identifier", "organisation"]

# More papers than these share no name: the question means something else.
_NAMESAKES = 5
_SEVERAL = "{} papers are called so:"
# "it", "that paper", "the second one": what a follow-up points at.
_BEFORE = re.compile(
    r"(?:it|its|this|that|these|those|they|them|both|(?:this|that|the|these|those)\s+"
    r"(?:(?:first|second|third|fourth|fifth|last|two|other|same|latter|former)\s*)?"
    r"(?:ones?|papers?|works?|articles?)?)\W*",
    re.I,
)

# What stands before an arXiv id, or would; a DOI begins with "10.".
_ARXIV = re.compile(r"^(?=\d)(?!10\.)|arXiv ")
# "When were X and Y published?"
_AND = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")

Says = Callable[[Paper], str]


def _of_paper(
    says: Says, remark: Says
) -> Callable[[Asked, CatalogQuestion, Catalog], Draft | None]:
    """Answers a question about one paper with what is said of it, or of each that is meant."""

    def answer(
        asked: Asked, question: CatalogQuestion, catalog: Catalog
    ) -> Draft | None:
        papers = _meant(asked, question, catalog)
        if not papers:
            return None
        if len(papers) > 1:
            lead = _SEVERAL.format(len(papers))
            if _BEFORE.fullmatch(question.about):
                lead = "Of these papers:"
            return page([lead], papers, remark=remark)
        (paper,) = papers
        return page([says(paper)], papers, remark=remark)

    return answer


def _meant(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> list[Paper]:
    """The papers that a question names or, as a follow-up, points at."""
    ids = catalog.known_by(identified(question.about))
    if ids:
        return list(catalog.get(ids).values())
    names: Sequence[str] = (question.about,)
    if _BEFORE.fullmatch(question.about):
        names = asked.follow_up.about or _shown_last(asked)
    readings = (names, _AND.split(question.about))
    papers = next(filter(None, map(partial(_called, catalog), readings)), [])
    return papers if len(papers) <= _NAMESAKES else []


def _shown_last(asked: Asked) -> Sequence[str]:
    """The titles of the last answer; none if the question points at what is not there."""
    turns = [Turn(""), *turns_of(asked.history)]
    return () if asked.follow_up.missing else turns[-1].main


def _called(catalog: Catalog, names: Sequence[str]) -> list[Paper]:
    """The papers that these names mean; none if one of the names means none."""
    found = list(map(partial(called, catalog), names))
    return papers_of(catalog, chain.from_iterable(found)) if all(found) else []


def _date(paper: Paper) -> str:
    if paper.date:
        return f"It is dated {dated(paper)}."
    return "It is undated: the collection has no date of it."


def _authors(paper: Paper) -> str:
    behind = f" It is from {_named(paper)}." if paper.organisation else ""
    return f"{_signed(paper)}{behind}"


def _signed(paper: Paper) -> str:
    """Who wrote a paper, or how many did."""
    if paper.authors:
        number = counted(len(paper.authors), "author")
        return f"It has {number}: {as_text(', '.join(paper.authors))}."
    if paper.author_count:
        whom = agreeing(paper.author_count, "that one", "them")
        return f"It has {author_count(paper)}; the collection does not name {whom}."
    return (
        "The collection does not name its authors, nor does it say how many there are."
    )


def _number(paper: Paper) -> str:
    named = as_text(", ".join(paper.authors))
    return named or author_count(paper) or "number of authors not stated"


def _organisation(paper: Paper) -> str:
    if paper.organisation:
        return f"It is from {_named(paper)}."
    known = framed("; {} wrote it", author_count(paper))
    return f"The collection does not say which organisation it is from{known}."


def _named(paper: Paper) -> str:
    name = paper.organisation or "no organisation named"
    return as_text(organisation_name(name))


def _address(paper: Paper) -> str:
    if paper.url:
        return f"It is at {as_text(paper.url)}."
    return "The collection does not give an address of it."


date = _of_paper(_date, unremarked)
authors = _of_paper(_authors, _number)
organisation = _of_paper(_organisation, _named)
address = _of_paper(_address, lambda paper: as_text(paper.url or "no address"))


def held(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft | None:
    """Whether there is a paper of that name; left to the search if it may be a topic."""
    papers = _meant(asked, question, catalog)
    if papers:
        return page(["Yes, the collection has:"], papers)
    if question.about[:1] in "\"“'":
        return page(
            [f"No paper of the collection is called {quoted(question.about[1:-1])}."]
        )
    return None


def identifier(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    """The paper that an arXiv id, a DOI or an address names."""
    text = question.about
    known = aliases(Paper("", "", "", url=_spelled(text)))
    ids = catalog.known_by(list(filter(attrgetter("identifies"), known)))
    with_address = list(filter(attrgetter("url"), catalog.papers()))
    at_address = filter(lambda paper: paper.url == text, with_address)
    papers = list(catalog.get(ids).values() or at_address)
    if papers:
        return page(["That is:"], papers)
    total = counted(catalog.count(), "paper")
    return page(
        [f"No paper of the collection is known by {as_text(text)}."],
        note=f"{len(with_address):,} of {total} state an address or identifier",
    )


def _spelled(text: str) -> str:
    """An identifier as an address has it."""
    return _ARXIV.sub("arxiv:", text).replace("doi ", "doi:")
