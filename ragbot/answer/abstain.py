"""When not to answer, by the rules of the design.

1. Nothing close: the papers are not close to what the question is about (`closeness`), and none of
   them is called by it or has its subject in the title (`named`).
2. Not stated: the question is about a named work that is here, and asks for something of it (a
   metric, a data set, another system) that its abstract does not mention (`stated`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragbot.answer.named import has_in_title, is_named
from ragbot.answer.stated import foreign, lacks
from ragbot.answer.works import BESIDE, is_own, names_borne, works_of
from ragbot.reading.cues import CUES
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.names import names_in
from ragbot.types import Asked, Filters, Kind, Paper, Reason

__all__ = ["OF_PAPERS", "reason_to"]

OF_PAPERS: frozenset[Kind] = frozenset({"list", "count", "similar", "superlative"})
"""Kinds that ask for papers, not for what one of them says."""

# Papers that are looked at for a name.
_LOOKED_AT = 3

# Words in a row ask for a paper, as "is there …" does.
_ASKS = re.compile(
    r"^(?!\W*(?:is|are)\s+there\b).*\b(?:what|which|how|who|when|where|why|do|does|did|is|are|was|"
    r"were|can|could|has|have|will|would)\b",
    re.I | re.S,
)
# An abstract has an address, or says that something is to be had.
_OFFER = re.compile(
    "|".join(CUES[cue] for cue in ("address", "available")), re.IGNORECASE
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
    if close < threshold and not _is_named(asked, query, papers, retriever):
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


def _is_named(
    asked: Asked, query: Query, papers: Sequence[Paper], retriever: Retriever
) -> bool:
    """Whether papers are pointed at or named, whatever the vectors say."""
    if asked.follow_up.about or is_named(query.text, papers, retriever):
        return True
    # Of another language the vectors say little, and the names most.
    return asked.language != "en" and (
        bool(names_borne(query.text, papers, retriever))
        or has_in_title(asked.question, papers, retriever)
    )


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
