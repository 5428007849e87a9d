"""Whether papers are close to a question by what they are called, whatever the vectors say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product, starmap
from operator import attrgetter

from ragbot.answer.subject import subject_of, title_share
from ragbot.answer.works import papers_called
from ragbot.retrieval.retriever import Retriever
from ragbot.text.names import stands_in
from ragbot.text.words import words
from ragbot.types import Paper

__all__ = ["has_in_title", "is_named"]

# A title with so much of a subject, by idf, is close to it.
_TITLED = 0.6
# A topic of so few words is met by a paper that has them all.
_SHORT_TOPIC = 2
# A word that two languages have in common is so long, and so many papers at most bear it.
_SHORTEST_COMMON, _FEW_BEARERS, _RARE_SHARE = 6, 5, 0.02


def is_named(text: str, papers: Sequence[Paper], retriever: Retriever) -> bool:
    """Whether the own work of one of the papers is called by a question, its title has most of the
    subject, or the subject is a word or two that it has."""
    called = papers_called(text, papers, retriever)
    return (
        bool(called)
        or title_share(text, papers, retriever) >= _TITLED
        or _has_all_of(subject_of(text), papers, retriever)
    )


def has_in_title(question: str, papers: Sequence[Paper], retriever: Retriever) -> bool:
    """Whether a title has a rare word of a question in another language, which the two then have
    in common: "Qu'est-ce que le grokking ?"."""
    few = max(_FEW_BEARERS, _RARE_SHARE * retriever.size())
    rare = [
        word
        for word in words(question.replace("-", " "))
        if len(word) >= _SHORTEST_COMMON and 0 < retriever.frequency(word) <= few
    ]
    titles = map(attrgetter("title"), papers)
    stands_so = partial(stands_in, inflected=True)
    return any(starmap(stands_so, product(rare, titles)))


def _has_all_of(subject: str, papers: Sequence[Paper], retriever: Retriever) -> bool:
    """Whether a subject of a word or two stands in a paper as it is: then it is on it."""
    terms = set(retriever.terms(subject))
    short = 1 <= len(terms) <= _SHORT_TOPIC
    return short and any(map(terms.issubset, retriever.paper_terms(papers)))
