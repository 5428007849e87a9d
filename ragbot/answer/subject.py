"""What a question is about, in its own words, and how much of it others have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from operator import attrgetter

from ragbot.answer.asked_words import FRAME
from ragbot.answer.relevance import share_met
from ragbot.retrieval.retriever import Retriever
from ragbot.text.words import words
from ragbot.types import Paper

__all__ = ["share_of_subject", "subject_of", "title_share", "weights_of"]

_EDGES = " \t\n?!.,;:\"'"
_PART = re.compile(r"\S+")


def subject_of(question: str) -> str:
    """The question without the words around its subject: "which papers study grokking?" is about
    "grokking"; a question of nothing else comes back as it is."""
    said = list(_PART.finditer(question))
    kept = [part for part in said if not FRAME.issuperset(words(part.group()))]
    if not kept:
        return question
    return question[kept[0].start() : kept[-1].end()].strip(_EDGES) or question


def weights_of(subject: str, retriever: Retriever) -> dict[str, float]:
    """The idf of each term of a subject."""
    return {term: retriever.idf(term) for term in retriever.terms(subject)}


def share_of_subject(
    subject: str, said: Iterable[Collection[str]], retriever: Retriever
) -> float:
    """The share of the subject's terms, by idf, among the terms of the text that has most."""
    asked = weights_of(subject, retriever)
    return max(map(partial(share_met, asked), said), default=0.0)


def title_share(text: str, papers: Sequence[Paper], retriever: Retriever) -> float:
    """The share of the subject's words, by idf, that stands in one title."""
    titles = map(attrgetter("title"), papers)
    said = map(retriever.terms, titles)
    return share_of_subject(subject_of(text), said, retriever)
