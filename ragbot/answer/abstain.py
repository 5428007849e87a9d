"""When not to answer, by the rules of the design.

1. Nothing close: no sentence of the nearest papers is like the question, and none of them bears a
   rare name that the question gives.
2. Not stated: the question is about a named work that is here, and asks for something of it (a
   metric, a data set, another system) that its abstract does not mention.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from ragbot.question.subjects import mentions, rare_names
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.names import names_in, phrases_in, stands_in
from ragbot.types import Asked, Paper, Reason

__all__ = ["reason_to"]

# The asked fact counts as mentioned when this share of the question's other words, by idf, occurs
# in the named works, or a sentence of theirs is this close to its wording. Cut where the bundled
# questions, and two dozen more that were written for the purpose, part.
_MENTIONED_SHARE = 0.40
_MENTIONED_COSINE = 0.35
# Two spellings this alike are one name misspelt.
_SAME_NAME = 0.8
# Words of asking, which no abstract needs to repeat.
_ASKING = (
    "author paper report reach achieve get obtain need try work original method approach use show "
    "much many take evaluate test compare difference differ change result experiment exactly do "
    "well really equal run did"
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
    nearest: float,
    threshold: float,
) -> Reason | None:
    """Why a question should not be answered from these papers, best first, or ``None``.

    ``query`` is the topic of the question made stand-alone, ``nearest`` the highest cosine between
    it and a sentence of the papers.
    """
    question, fact = asked.question, asked.fact
    about = asked.follow_up.about
    if about:
        question = asked.standalone
    if not papers or not any(c.isalnum() for c in question):
        return "nothing_close"
    named = about or _named(query.text, papers, retriever)
    if nearest < threshold and not named:
        return "nothing_close"
    if _AUTHORS.search(question):
        return "not_stated"
    if asked.kind == "list":
        return None
    # What is asked for is none of the works that it is asked of: "F1" in "What F1 does X reach?".
    sought = names_in(fact) if fact else []
    works = about or [n for n in _named(question, papers, retriever) if n not in sought]
    if not works:
        return None
    bearers = papers if about else _bearers(works, papers)
    if _unknown_name(question, works, bearers, retriever):
        return "not_stated"
    if fact and _unmentioned(fact, question, works, bearers, retriever):
        return "not_stated"
    return None


def _bearers(names: Sequence[str], papers: Sequence[Paper]) -> list[Paper]:
    return [p for p in papers if any(mentions(p, n) for n in names)]


def _named(question: str, papers: Sequence[Paper], retriever: Retriever) -> list[str]:
    """The rare names of the question that one of the papers bears."""
    rare = rare_names(question, retriever)
    named = [n for n in rare if any(mentions(p, n) for p in papers)]
    # "CodeS: Natural Language to …" is called CodeS, common as the word "codes" is.
    named += [
        n
        for n in names_in(question)
        if any(p.title.startswith(f"{n}:") for p in papers)
    ]
    return named + [
        p for p in phrases_in(question) if any(stands_in(p, x.title) for x in papers)
    ]


def _unknown_name(
    question: str, named: Sequence[str], about: Sequence[Paper], retriever: Retriever
) -> bool:
    """Whether the question sets a designation beside the named works that no paper knows."""
    known = {n for p in about for n in names_in(f"{p.title} {p.abstract}")}
    for name in names_in(question):
        marked = re.search(r"\d|-|[a-z][A-Z]", name) and name[0].isupper()
        if name in named or not marked or retriever.frequency(name):
            continue
        if not difflib.get_close_matches(name, known, 1, _SAME_NAME):
            return True
    return False


def _unmentioned(
    fact: str,
    question: str,
    named: Sequence[str],
    about: Sequence[Paper],
    retriever: Retriever,
) -> bool:
    """Whether the question asks for a fact that the named works do not mention."""
    said = {t for p in about for t in retriever.terms(f"{p.title} {p.abstract}")}
    if any(said.isdisjoint(retriever.terms(n)) for n in names_in(fact)):
        return True  # "PSNR", "F1" are written as they are; vectors know little of such names
    known = {t for n in named for t in retriever.terms(n)} | set(
        retriever.terms(_ASKING)
    )
    asked = {t: retriever.idf(t) for t in retriever.terms(question) if t not in known}
    mentioned = sum(w for t, w in asked.items() if t in said)
    if not asked or mentioned >= _MENTIONED_SHARE * sum(asked.values()):
        return False
    return (
        retriever.nearest_sentence(about, retriever.prepare(fact)) < _MENTIONED_COSINE
    )
