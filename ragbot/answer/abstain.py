"""When not to answer, by the rules of the design; and which papers a comparison is about.

1. Nothing close: no sentence of the nearest papers is like the question, and none of them bears a
   rare name that the question gives.
2. Not stated: the question is about a named work that is here, and asks for something of it (a
   metric, a data set, another system) that its abstract does not mention.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from ragbot.answer.extractive import Source
from ragbot.answer.questions import asked_fact, kind_of, names_in, phrases_in
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text import match_form, readable
from ragbot.types import Paper, Reason

__all__ = ["reason_to", "sides"]

# A name is rare when so few papers, or this share of the collection, bear it: then they are what
# the question is about. "GPU" is not, "KiloNeRF" is.
_RARE_COUNT = 3
_RARE_SHARE = 0.025
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


def reason_to(
    question: str,
    query: Query,
    papers: Sequence[Paper],
    retriever: Retriever,
    nearest: float,
    threshold: float,
) -> Reason | None:
    """Why a question should not be answered from these papers, best first, or ``None``.

    ``query`` is the question made stand-alone, ``nearest`` the highest cosine between it and a
    sentence of the papers.
    """
    if not papers or not any(c.isalnum() for c in question):
        return "nothing_close"
    named = _named(query.text, papers, retriever)
    if nearest < threshold and not named:
        return "nothing_close"
    if kind_of(question) != "list" and (named := _named(question, papers, retriever)):
        about = [p for p in papers if any(_mentions(p, n) for n in named)]
        if _unknown_name(question, named, about, retriever) or _unmentioned(
            question, named, about, retriever
        ):
            return "not_stated"
    return None


def _named(question: str, papers: Sequence[Paper], retriever: Retriever) -> list[str]:
    """The rare names of the question that one of the papers bears."""
    rare = _rare_names(question, retriever)
    named = [n for n in rare if any(_mentions(p, n) for p in papers)]
    # "CodeS: Natural Language to …" is called CodeS, common as the word "codes" is.
    named += [n for n in names_in(question) if any(p.title.startswith(f"{n}:") for p in papers)]
    return named + [p for p in phrases_in(question) if any(_in(p, x.title) for x in papers)]


def _rare_names(question: str, retriever: Retriever) -> list[str]:
    most = max(_RARE_COUNT, _RARE_SHARE * retriever.size())
    return [n for n in names_in(question) if retriever.frequency(n) <= most]


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
    question: str, named: Sequence[str], about: Sequence[Paper], retriever: Retriever
) -> bool:
    """Whether the question asks for a fact that the named works do not mention."""
    fact = asked_fact(question)
    if fact is None:
        return False
    known = {t for n in named for t in retriever.terms(n)} | set(retriever.terms(_ASKING))
    asked = {t: retriever.idf(t) for t in retriever.terms(question) if t not in known}
    said = {t for p in about for t in retriever.terms(f"{p.title} {p.abstract}")}
    mentioned = sum(w for t, w in asked.items() if t in said)
    if not asked or mentioned >= _MENTIONED_SHARE * sum(asked.values()):
        return False
    if fact in names_in(question):
        return True  # "PSNR" is written as it is; vectors know little of such names
    return retriever.nearest_sentence(about, retriever.prepare(fact)) < _MENTIONED_COSINE


def sides(sources: Sequence[Source], question: str, retriever: Retriever) -> list[Source]:
    """The papers a comparison sets side by side: for each rare name the best paper that bears it,
    in the order of the question; the two best papers if fewer than two are found."""
    chosen: list[Source] = []
    for name in _rare_names(question, retriever):
        titled = [s for s in sources if _in(name, s.hit.paper.title)]
        inside = [s for s in sources if _mentions(s.hit.paper, name)]
        best = next((s for s in [*titled, *inside] if s not in chosen), None)
        if best and not any(s in chosen for s in titled):
            chosen.append(best)
    rest = [s for s in sources if s not in chosen]
    return [*chosen, *rest[: max(0, 2 - len(chosen))]]


def _mentions(paper: Paper, name: str) -> bool:
    return _in(name, paper.title) or _in(name, paper.abstract)


def _in(name: str, text: str) -> bool:
    """Whether a name stands in a text as a word of its own, however it is spelled."""
    pattern = r"[\W_]*".join(map(re.escape, match_form(name)))
    return bool(re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", readable(text), re.I))
