"""Answers about the collection itself, out of its catalog: exact, complete, without a search."""

from __future__ import annotations

from collections.abc import Sequence

from ragbot.index.catalog import Catalog
from ragbot.papers.describe import author_count, dated
from ragbot.papers.identity import aliases, title_key
from ragbot.text.english import counted
from ragbot.text.markdown import as_text
from ragbot.types import Asked, Citation, Draft, Filters, Paper, Sentence

__all__ = ["fact_of"]

_LISTED = 20  # papers that a list names; `ragbot papers` and the export have them all
_UNDATED = "the {} without a date could not be considered"


def fact_of(asked: Asked, catalog: Catalog) -> Draft | None:
    """The answer to a question that the catalog settles; ``None`` to leave it to the abstracts."""
    question = asked.catalog
    if question is None:
        return None
    filters = asked.filters
    if question.asks == "manners":
        return _draft([_manners(catalog)], [])
    if question.asks == "count":
        return _count(catalog, filters)
    if question.asks in ("newest", "oldest"):
        return _extreme(catalog, filters, newest=question.asks == "newest")
    if question.asks == "all":
        return _all(catalog, filters)
    if question.asks == "organisation":
        return _organisation(catalog, filters, question.about)
    if question.asks == "authors":
        return _authors(catalog, question.about)
    return _identifier(catalog, question.about)


def _manners(catalog: Catalog) -> str:
    first, last, _ = catalog.date_span()
    span = f", dated {first} to {last}" if first else ""
    return (
        f"Ragbot answers questions from {counted(catalog.count(), 'abstract')}{span}, and cites "
        "every one that it uses. Ask what a paper does, which papers are on a topic, or how two of "
        "them compare."
    )


def _count(catalog: Catalog, filters: Filters) -> Draft:
    total = catalog.count(filters)
    lead = f"There {'is' if total == 1 else 'are'} {counted(total, 'paper')}{_within(filters)}."
    if not filters:
        first, last, undated = catalog.date_span()
        dates = (
            f" {counted(undated, 'paper')} of them without a date" if undated else ""
        )
        span = (
            f"the others from {first} to {last}"
            if undated
            else f"dated {first} to {last}"
        )
        lead = f"{lead[:-1]}:{dates}, {span}." if first and undated else lead
    return _draft([lead], [], _left_out(catalog, filters))


def _extreme(catalog: Catalog, filters: Filters, *, newest: bool) -> Draft | None:
    papers = [paper for paper in catalog.papers(filters) if paper.date]
    if not papers:
        return None
    date = papers[0].date if newest else papers[-1].date
    found = [paper for paper in papers if paper.date == date]
    kind = "newest" if newest else "oldest"
    lead = f"The {kind} {'paper is' if len(found) == 1 else 'papers are'} of {dated(found[0])}:"
    return _draft([lead], found[:_LISTED], _left_out(catalog, Filters(date, None)))


def _all(catalog: Catalog, filters: Filters) -> Draft:
    total = catalog.count(filters)
    papers = catalog.papers(filters, _LISTED)
    lead = f"There are {counted(total, 'paper')}{_within(filters)}, the newest first:"
    rest = total - len(papers)
    more = (
        f"{rest:,} more are not named here: an export, or 'ragbot papers', has them all"
    )
    return _draft([lead], papers, more if rest > 0 else _left_out(catalog, filters))


def _organisation(catalog: Catalog, filters: Filters, name: str) -> Draft | None:
    """The papers of an organisation; ``None`` if none is called that, as "by hand" is not."""
    wanted = title_key(name)
    papers = catalog.papers(filters)
    found = [
        p for p in papers if p.organisation and wanted in title_key(p.organisation)
    ]
    if not found:
        return None
    unknown = sum(paper.organisation is None for paper in papers)
    lead = (
        f"{counted(len(found), 'paper')} of {as_text(found[0].organisation or name)}:"
    )
    note = f"{counted(unknown, 'paper')} name no organisation" if unknown else ""
    return _draft([lead], found[:_LISTED], note)


def _authors(catalog: Catalog, name: str) -> Draft | None:
    """How many authors the paper of that name has; ``None`` if it is not known which one it is."""
    wanted = title_key(name.strip("“”\"'"))
    found = []
    for paper in catalog.papers():
        called = paper.title.partition(":")[0]
        if wanted in (title_key(paper.title), title_key(called)):
            found.append(paper)
    if len(found) != 1:
        return None
    (paper,) = found
    if paper.authors:
        said = f"{counted(len(paper.authors), 'author')}: {', '.join(paper.authors)}"
    elif paper.author_count:
        said = f"{author_count(paper)}; their names are not in the collection"
    else:
        return None
    return _draft([f"It has {as_text(said)}."], [paper])


def _identifier(catalog: Catalog, text: str) -> Draft:
    """The paper that an arXiv id, a DOI or an address names."""
    known = [a for a in aliases(Paper("", "", "", url=_address(text))) if a.identifies]
    papers = list(catalog.get(catalog.known_by(known)).values())
    papers = papers or [p for p in catalog.papers() if p.url == text]
    if papers:
        return _draft(["That is:"], papers)
    with_address = sum(paper.url is not None for paper in catalog.papers())
    return _draft(
        [f"No paper of the collection is known by {as_text(text)}."],
        [],
        f"{with_address:,} of {counted(catalog.count(), 'paper')} state an address or identifier",
    )


def _address(text: str) -> str:
    """An identifier as an address has it."""
    if text[:1].isdigit() and not text.startswith("10."):
        return f"arxiv:{text}"
    return text.replace("arXiv ", "arxiv:").replace("doi ", "doi:")


def _within(filters: Filters) -> str:
    if not filters:
        return ""
    return (
        f" dated {filters.date_from or 'the first'} to {filters.date_to or 'the last'}"
    )


def _left_out(catalog: Catalog, filters: Filters) -> str:
    undated = catalog.date_span()[2] if filters else 0
    return _UNDATED.format(counted(undated, "paper")) if undated else ""


def _draft(leads: Sequence[str], papers: Sequence[Paper], note: str = "") -> Draft:
    """Lines, then papers with their numbers, then what could not be considered."""
    blocks = list(leads)
    sentences = [Sentence(lead, (), False, "not_checked") for lead in leads]
    for n, paper in enumerate(papers, 1):
        blocks.append(f"{n}. **{as_text(paper.title)}** [{n}] · {dated(paper)}")
        sentences.append(Sentence(paper.title, (n,), False, "not_checked"))
    end = f"; {note}" if note else ""
    blocks.append(f"*From the catalog{end}.*")
    cited = tuple(Citation(n, paper, 1.0) for n, paper in enumerate(papers, 1))
    return Draft("\n\n".join(blocks), tuple(sentences), (), cited)
