"""When not to answer, by the rules of the design.

1. Nothing close: no sentence of the nearest papers is like the question, and none of them bears a
   rare name that the question gives.
2. Not stated: the question is about a named work that is here, and asks for something of it (a
   metric, a data set, another system) that its abstract does not mention.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

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
_MARKED = re.compile(r"\d|-|[a-z][A-Z]")
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
    if not papers or not any(map(str.isalnum, asked.question)):
        return "nothing_close"
    about = asked.follow_up.about
    if nearest < threshold and not (about or _named(query.text, papers, retriever)):
        return "nothing_close"
    if _AUTHORS.search(asked.question):
        return "not_stated"
    if asked.kind in ("list", "count"):
        return None
    if about:
        works = _Works(asked.standalone, about, papers, retriever)
    else:
        works = _called(asked, papers, retriever)
    return "not_stated" if works.lack(asked.fact) else None


def _called(asked: Asked, papers: Sequence[Paper], retriever: Retriever) -> _Works:
    """The works that a question calls by name."""
    named = _named(asked.question, papers, retriever)
    if asked.fact:
        # What is asked for is none of them: "F1" in "What F1 does X reach?".
        sought = names_in(asked.fact)
        named = [name for name in named if name not in sought]
    bearers = [p for p in papers if any(mentions(p, name) for name in named)]
    return _Works(asked.question, named, bearers, retriever)


def _named(question: str, papers: Sequence[Paper], retriever: Retriever) -> list[str]:
    """The rare names of the question that one of the papers bears."""
    # "CodeS: Natural Language to …" is called CodeS, common as the word "codes" is.
    before_colon = {p.title.partition(":")[0] for p in papers if ":" in p.title}
    rare = [n for n in rare_names(question, retriever) if _borne(n, papers)]
    titles = [name for name in names_in(question) if name in before_colon]
    phrases = [
        phrase
        for phrase in phrases_in(question)
        if any(stands_in(phrase, paper.title) for paper in papers)
    ]
    return rare + titles + phrases


def _borne(name: str, papers: Sequence[Paper]) -> bool:
    return any(mentions(paper, name) for paper in papers)


@dataclass(frozen=True, slots=True)
class _Works:
    """The works that a question is about: what it calls them, and the papers of that name."""

    question: str
    names: Sequence[str]
    papers: Sequence[Paper]
    retriever: Retriever

    def lack(self, fact: str | None) -> bool:
        """Whether their abstracts cannot state what is asked of them."""
        if not self.names:
            return False
        if self._unknown_name():
            return True
        return fact is not None and self._unmentioned(fact)

    def _unknown_name(self) -> bool:
        """Whether a designation stands beside the works that no paper knows."""
        known: set[str] = set()
        for paper in self.papers:
            known.update(names_in(f"{paper.title} {paper.abstract}"))
        for name in names_in(self.question):
            if name in self.names or not _is_designation(name):
                continue
            if self.retriever.frequency(name):
                continue
            if not difflib.get_close_matches(name, known, 1, _SAME_NAME):
                return True
        return False

    def _unmentioned(self, fact: str) -> bool:
        """Whether what is asked for is mentioned in none of the abstracts."""
        said = self._terms(f"{paper.title} {paper.abstract}" for paper in self.papers)
        for name in names_in(fact):
            # "PSNR", "F1" are written as they are; vectors know little of such names
            if said.isdisjoint(self._terms([name])):
                return True
        known = self._terms([*self.names, _ASKING])
        terms = self.retriever.terms(self.question)
        asked = {t: self.retriever.idf(t) for t in terms if t not in known}
        mentioned = sum(idf for term, idf in asked.items() if term in said)
        if not asked or mentioned >= _MENTIONED_SHARE * sum(asked.values()):
            return False
        cosine = self.retriever.nearest_sentence(
            self.papers, self.retriever.prepare(fact)
        )
        return cosine < _MENTIONED_COSINE

    def _terms(self, texts: Iterable[str]) -> set[str]:
        return set(chain.from_iterable(map(self.retriever.terms, texts)))


def _is_designation(name: str) -> bool:
    """Whether a name is marked as one by more than its capital: "GPT-4", "BitNet"."""
    return name[0].isupper() and _MARKED.search(name) is not None
