"""Short replies to manners and to questions about Ragbot, with questions that work here.

The questions are made from the catalog: of papers that name a work and say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, starmap

from ragbot.answer.catalog_page import page, papers_of
from ragbot.answer.overview import topics_of
from ragbot.index.catalog import Catalog
from ragbot.text.english import counted
from ragbot.text.latex import readable
from ragbot.text.markdown import as_text
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import STOPWORDS, words
from ragbot.types import Asked, CatalogQuestion, Draft, Paper

__all__ = ["about_ragbot", "examples", "goodbye", "hello", "thanks"]

# "KAN: Kolmogorov-Arnold Networks"
_NAMED = re.compile(r"\s*([^\s:]{2,24})\s*:\s+(\S.*)", re.S)
_PRESENTS = re.compile(
    r"\b(?:we|this\s+(?:paper|work|article))\s+(?:\w+\s+){0,2}?(?:propose|present|introduce|"
    r"develop|describe|release)s?\b",
    re.I,
)
# Newest papers that are looked at for examples.
_LOOKED_AT = 150
_CALLED = 25


@dataclass(frozen=True, slots=True)
class _Work:
    """A work that a paper presents, and the words that its title says of it."""

    name: str
    telling: frozenset[str]


def hello(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    """A greeting, and what can be asked."""
    lead = f"Hello! Ask a question about {_papers(catalog)}, for example:"
    return page([lead, _bullets(catalog)], signed=False)


def thanks(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    """A word for a word."""
    return page(["You are welcome. Ask on whenever you like."], signed=False)


def goodbye(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    """A last word."""
    return page(["Goodbye. Your questions are welcome at any time."], signed=False)


def about_ragbot(asked: Asked, question: CatalogQuestion, catalog: Catalog) -> Draft:
    """What Ragbot is and does, and what can be asked."""
    first, last, undated = catalog.date_span()
    dates = ""
    if first:
        dates = f" {catalog.count() - undated:,} of them are dated, {first} to {last}."
    return page(
        [
            f"Ragbot answers questions from {_papers(catalog)} and from nothing else.{dates} "
            "It quotes them, or has a language model write from them where one is set up, "
            "cites every paper that it uses, and says so where they do not answer. English "
            "is the language to ask in.",
            "It can say what a work is and how it works, summarise and compare papers, find "
            "those on a topic, and tell what the collection holds. For example:",
            _bullets(catalog),
        ],
        signed=False,
    )


def _papers(catalog: Catalog) -> str:
    return f"the abstracts of {counted(catalog.count(), 'paper')}"


def _bullets(catalog: Catalog) -> str:
    return "\n".join(map("- {}".format, map(as_text, examples(catalog))))


def examples(catalog: Catalog) -> list[str]:
    """Questions that this collection answers."""
    works = _works(catalog)
    topics = topics_of(catalog, catalog.generation())
    return [
        *map("What is {0.name}?".format, works[:1]),
        *starmap("Compare {0.name} and {1.name}".format, _pairs(works)[:1]),
        *map("Which papers are about {}?".format, map(_plural, topics[:1])),
        *starmap("How many papers are from {0}?".format, catalog.years()[-1:]),
        "Which topics does this collection cover?",
    ]


def _works(catalog: Catalog) -> list[_Work]:
    """Works that papers name in front of a colon, whose abstracts say that they present them."""
    papers = papers_of(catalog, catalog.entitled([[": "]], _LOOKED_AT))
    presenting = filter(lambda paper: _PRESENTS.search(paper.abstract), papers)
    return list(filter(None, map(_work, presenting)))


def _work(paper: Paper) -> _Work | None:
    """The one word in front of a title's colon, if it is written as names are."""
    match = _NAMED.match(readable(paper.title))
    if match is None or names_in(f"the {match[1]}") != [match[1]]:
        return None
    if not stands_in(match[1], paper.abstract):
        return None
    return _Work(match[1], frozenset(words(match[2])) - STOPWORDS)


def _pairs(works: Sequence[_Work]) -> list[tuple[_Work, _Work]]:
    """Two works, those first whose titles have most in common: there is something to compare."""
    return sorted(combinations(works[:_CALLED], 2), key=_in_common, reverse=True)


def _in_common(pair: tuple[_Work, _Work]) -> int:
    one, other = pair
    return len(one.telling & other.telling)


def _plural(topic: str) -> str:
    """The topic as one asks for it: "vision transformers"."""
    last = topic.rsplit(" ", 1)[-1]
    nouns = ("transformer", "model", "network", "graph", "image", "agent", "system")
    return f"{topic}s" if last.lower() in nouns else topic
