"""When not to answer, by the rules of the design.

1. Nothing close: the papers are not close to what the question is about (`closeness`), none of them
   bears a rare name that it gives, and no title holds the words of its subject.
2. Not stated: the question is about a named work that is here, and asks for something of it (a
   metric, a data set, another system) that its abstract does not mention (`stated`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.answer.closeness import TITLED, title_share
from ragbot.answer.stated import Works, foreign, lacks
from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.names import names_in, phrases_in, stands_in
from ragbot.types import Asked, Filters, Hit, Kind, Paper, Reason

__all__ = ["BESIDE", "OF_PAPERS", "is_named", "reason_to", "works_of"]

OF_PAPERS: frozenset[Kind] = frozenset({"list", "count", "similar", "superlative"})
"""Kinds that ask for papers, not for what one of them says."""
BESIDE: frozenset[Kind] = frozenset({"comparison", "superiority"})
"""Kinds that set works beside each other."""

# A topic of so few words is met by a paper that has them all.
_SHORT_TOPIC = 2
# Papers that are looked at for a name.
_LOOKED_AT = 3
# The shortest name that is known in small letters, too.
_SHORTEST_SMALL = 4

_INTRODUCES = r"(?:propos|introduc|present|develop|describ|call|nam|dub|term|creat|design|buil)\w+"

# Words in a row ask for a paper, as "is there …" does.
_ASKS = re.compile(
    r"^(?!\W*(?:is|are)\s+there\b).*\b(?:what|which|how|who|when|where|why|do|does|did|is|are|was|"
    r"were|can|could|has|have|will|would)\b",
    re.I | re.S,
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
    if asked.kind in OF_PAPERS and not asked.follow_up.about:
        return None
    works = works_of(asked, papers, retriever)
    if not (works.papers and works.own and _asks(asked)):
        return None
    question = asked.standalone if asked.follow_up.about else asked.follow_up.focus
    others = foreign(question, works, retriever)
    if asked.kind in BESIDE:
        return "not_stated" if _any_is_nowhere(others, retriever) else None
    # "PSNR", "F1" are written as they are, if they are told.
    told = set(names_in(asked.fact or "")).isdisjoint(others)
    return None if told and not lacks(question, works, retriever) else "not_stated"


def is_named(
    asked: Asked, query: Query, papers: Sequence[Paper], retriever: Retriever
) -> bool:
    """Whether a paper is close to a question by what it is called, whatever the vectors say."""
    if asked.follow_up.about or _named(query.text, papers, retriever):
        return True
    hits = [Hit(paper, 0.0, 0.0, 0.0) for paper in papers]
    if retriever.called(query.text, hits):
        return True
    if title_share(query.text, papers, retriever) >= TITLED:
        return True
    return _has_all_of(asked.on, papers, retriever)


def _has_all_of(topic: str, papers: Sequence[Paper], retriever: Retriever) -> bool:
    """Whether a topic of a word or two stands in a paper as it is: then it is on it."""
    terms = set(retriever.terms(topic))
    if not 1 <= len(terms) <= _SHORT_TOPIC:
        return False
    texts = (f"{paper.title} {paper.abstract}" for paper in papers)
    return any(terms.issubset(retriever.terms(text)) for text in texts)


def _asks(asked: Asked) -> bool:
    """Whether it is a question, in the language of the abstracts."""
    return asked.language == "en" and _ASKS.search(asked.question) is not None


def _any_is_nowhere(names: Sequence[str], retriever: Retriever) -> bool:
    """Whether a name is of no work of the collection."""
    return not all(_is_somewhere(name, retriever) for name in names)


def _is_somewhere(name: str, retriever: Retriever) -> bool:
    if not retriever.frequency(name):
        return False
    hits = retriever.find(retriever.prepare(name), _LOOKED_AT, Filters())
    return any(_is_own(name, hit.paper) for hit in hits)


def works_of(asked: Asked, papers: Sequence[Paper], retriever: Retriever) -> Works:
    """The works that a question is about: those that it points at or calls by name.

    A name is of the papers that it titles; if there are none, of those that introduce their work
    by it or go by it in another spelling, else of all that bear it. Works that are set beside each
    other may be of either kind.
    """
    if asked.follow_up.about:
        return Works(asked.follow_up.about, papers)
    question = asked.follow_up.focus
    names = _named(question, papers, retriever)
    for is_its in (_is_own,) if asked.kind in BESIDE else (_titles, _is_own):
        own = [p for p in papers if any(is_its(name, p) for name in names)]
        if own:
            names = [name for name in names if any(is_its(name, p) for p in own)]
            return Works(names, own)
    hits = [Hit(paper, 0.0, 0.0, 0.0) for paper in papers]
    called = [hit.paper for hit in retriever.called(question, hits)]
    if called:
        return Works([paper.title for paper in called], called)
    bearers = [p for p in papers if any(mentions(p, name) for name in names)]
    return Works(names, bearers, own=False)


def _titles(name: str, paper: Paper) -> bool:
    return stands_in(name, paper.title)


def _is_own(name: str, paper: Paper) -> bool:
    """Whether a paper calls its own work so."""
    if stands_in(name, paper.title):
        return True
    introduced = (
        rf"\({re.escape(name)}\)|{_INTRODUCES}[^.]{{0,80}}\b{re.escape(name)}\b"
    )
    return re.search(introduced, paper.abstract) is not None


def _named(question: str, papers: Sequence[Paper], retriever: Retriever) -> list[str]:
    """The rare names of the question that one of the papers bears."""
    # "CodeS: Natural Language to …" is called CodeS, common as the word "codes" is.
    before_colon = [p.title.partition(":")[0] for p in papers if ":" in p.title]
    rare = [n for n in rare_names(question, retriever) if _borne(n, papers)]
    titles = [name for name in names_in(question) if name in before_colon]
    small = [
        head
        for head in before_colon
        if len(head) >= _SHORTEST_SMALL and names_in(head) and stands_in(head, question)
    ]
    phrases = [
        phrase
        for phrase in phrases_in(question)
        if any(stands_in(phrase, paper.title) for paper in papers)
    ]
    return list(dict.fromkeys(rare + titles + small + phrases))


def _borne(name: str, papers: Sequence[Paper]) -> bool:
    return any(mentions(paper, name) for paper in papers)
