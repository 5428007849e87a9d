"""When not to answer, by the rules of the design.

1. Nothing close: the papers are not close to what the question is about (`closeness`), none of them
   bears a rare name that it gives, and no title holds the words of its subject.
2. Not stated: the question is about a named work that is here, and asks for something of it (a
   metric, a data set, another system) that its abstract does not mention (`stated`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product, starmap
from operator import attrgetter

from ragbot.answer.closeness import TITLED, title_share
from ragbot.answer.stated import foreign, lacks
from ragbot.answer.works import BESIDE, is_own, names_borne, papers_called, works_of
from ragbot.retrieval.cues import CUES
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.names import names_in, stands_in
from ragbot.text.words import words
from ragbot.types import Asked, Filters, Kind, Paper, Reason

__all__ = ["OF_PAPERS", "is_named", "reason_to"]

OF_PAPERS: frozenset[Kind] = frozenset({"list", "count", "similar", "superlative"})
"""Kinds that ask for papers, not for what one of them says."""

# A topic of so few words is met by a paper that has them all.
_SHORT_TOPIC = 2
# Papers that are looked at for a name.
_LOOKED_AT = 3
# A word that two languages have in common is so long, and so many papers at most bear it.
_SHORTEST_COMMON, _FEW_BEARERS, _RARE_SHARE = 6, 5, 0.02

# Words in a row ask for a paper, as "is there …" does.
_ASKS = re.compile(
    r"^(?!\W*(?:is|are)\s+there\b).*\b(?:what|which|how|who|when|where|why|do|does|did|is|are|was|"
    r"were|can|could|has|have|will|would)\b",
    re.I | re.S,
)
# An abstract has an address, or says that something is to be had.
_OFFER = re.compile(
    "|".join(CUES[cue].pattern for cue in ("address", "available")), re.IGNORECASE
)
# No abstract names its authors.
_AUTHORS = re.compile(
    r"\bwho\s+(?:wrote|authored|(?:are|is|were|was)\s+the\s+(?:\w+\s+)?authors?)\b",
    re.I,
)


def reason_to(
    asked: Asked,
    query: Query,
    papers: Sequence[Paper],
    retriever: Retriever,
    close: float,
    threshold: float,
) -> Reason | None:
    """Why a question should not be answered from these papers, best first, or ``None``.

    ``query`` is the topic of the question made stand-alone, ``close`` how close the papers come to
    it.
    """
    if not papers or not any(map(str.isalnum, asked.question)):
        return "nothing_close"
    if close < threshold and not is_named(asked, query, papers, retriever):
        return "nothing_close"
    if _AUTHORS.search(asked.question):
        return "not_stated"
    return "not_stated" if _is_unstated(asked, papers, retriever) else None


def _is_unstated(asked: Asked, papers: Sequence[Paper], retriever: Retriever) -> bool:
    """Whether a question asks named works for what their abstracts do not state."""
    if asked.kind in OF_PAPERS and not asked.follow_up.about:
        return False
    works = works_of(asked, papers, retriever)
    if not (works.own and _asks(asked)):
        return False
    if asked.kind == "availability" and not any(map(_OFFER.search, works.texts)):
        return True
    question = asked.standalone if asked.follow_up.about else asked.follow_up.focus
    others = foreign(question, works, retriever)
    if asked.kind in BESIDE:
        return _any_is_nowhere(others, retriever)
    # "PSNR", "F1" are written as they are, if they are told.
    told = set(names_in(asked.fact)).isdisjoint(others)
    return not told or lacks(question, works, retriever)


def is_named(
    asked: Asked, query: Query, papers: Sequence[Paper], retriever: Retriever
) -> bool:
    """Whether a paper is close to a question by what it is called, whatever the vectors say."""
    return any(_ways_named(asked, query, papers, retriever))


def _ways_named(
    asked: Asked, query: Query, papers: Sequence[Paper], retriever: Retriever
) -> Iterator[bool]:
    """Whether it is close in each of these ways, the surest first."""
    yield bool(asked.follow_up.about)
    yield bool(names_borne(query.text, papers, retriever))
    yield bool(papers_called(query.text, papers, retriever))
    yield title_share(query.text, papers, retriever) >= TITLED
    if asked.language != "en":
        yield _has_in_title(asked.question, papers, retriever)
    else:
        yield _has_all_of(asked.on, papers, retriever)


def _has_in_title(question: str, papers: Sequence[Paper], retriever: Retriever) -> bool:
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


def _has_all_of(topic: str, papers: Sequence[Paper], retriever: Retriever) -> bool:
    """Whether a topic of a word or two stands in a paper as it is: then it is on it."""
    terms = set(retriever.terms(topic))
    if not 1 <= len(terms) <= _SHORT_TOPIC:
        return False
    texts = [f"{paper.title} {paper.abstract}" for paper in papers]
    return any(map(terms.issubset, map(retriever.terms, texts)))


def _asks(asked: Asked) -> bool:
    """Whether it is a question, in the language of the abstracts."""
    of_paper = asked.kind == "availability" or _ASKS.search(asked.question) is not None
    return asked.language == "en" and of_paper


def _any_is_nowhere(names: Sequence[str], retriever: Retriever) -> bool:
    """Whether a name is of no work of the collection."""
    return not all(_is_somewhere(name, retriever) for name in names)


def _is_somewhere(name: str, retriever: Retriever) -> bool:
    if not retriever.frequency(name):
        return False
    hits = retriever.find(retriever.prepare(name), _LOOKED_AT, Filters())
    return any(is_own(name, hit.paper) for hit in hits)
