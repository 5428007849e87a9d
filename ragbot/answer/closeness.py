"""How close papers come to what a question is about: the number that abstention goes by.

Two logistic scores, fitted on questions that were made by the thousand
(`benchmarks/abstention.py`), each from a few signals. One tells questions of another field, the
other questions on the field that no paper here is about. A question is as close as the lower of
them says. The weights, and how the thresholds grow with the collection, stand in
``closeness.json``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from ragbot.answer.asked_words import FRAME
from ragbot.answer.relevance import share_met
from ragbot.embedding.embedder import Vectors
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.names import names_in
from ragbot.text.sentences import split_sentences
from ragbot.text.words import words
from ragbot.types import Filters, Paper

__all__ = ["ENOUGH", "TITLED", "closeness", "signals", "subject_of", "title_share"]

ENOUGH = 0.418
"""The closeness below which one of twenty answerable questions lies; see `answer.abstain_below`."""

TITLED = 0.6
"""A title with so much of a subject, by idf, is close to it whatever the vectors say."""

# Papers whose nearest passages tell how much nearer than others the nearest is.
_BESIDE = 10
# Sentences that are looked at alone, the nearest in their papers' light first.
_ALONE = 8
_EDGES = " \t\n?!.,;:\"'"
_PART = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Score:
    """A logistic score, less what it must be in a collection of so many papers.

    ``least`` has what it must be by the logarithm of their number; between them it is interpolated.
    """

    weights: Mapping[str, float]
    least: Sequence[tuple[float, float]]
    scale: float

    def over(self, measured: Mapping[str, float], papers: int) -> float:
        total = sum(weight * measured[name] for name, weight in self.weights.items())
        logs, values = zip(*self.least, strict=True)
        least = float(np.interp(math.log(max(papers, 1)), logs, values))
        return (total - least) / self.scale


def closeness(
    query: Query,
    papers: Sequence[Paper],
    retriever: Retriever,
    filters: Filters | None = None,
    *,
    english: bool = True,
) -> float:
    """How close the papers come to a question, on the scale of cosines; `ENOUGH` is close enough.

    ``query`` is the question, ``papers`` are those it found within ``filters``, best first. Of one
    that is not in ``english`` the words tell nothing, and its nearest sentence must do.
    """
    if not papers:
        return -1.0
    if not english:
        return retriever.nearest_sentence(papers, query)
    measured = signals(query, papers, retriever, filters or Filters())
    size = retriever.size()
    return ENOUGH + min(score.over(measured, size) for score in _scores())


def signals(
    query: Query, papers: Sequence[Paper], retriever: Retriever, filters: Filters
) -> dict[str, float]:
    """What closeness is made of, by name.

    ``sentence``, ``passage``: the highest cosine of one, to the subject of the question;
    ``beside``: the mean cosine of the nearest passages of the next nine papers; ``overlap``: the
    share of the subject's words, by idf, in a near sentence or its paper's title; ``unknown``: 1.0
    where the question has a name that no paper has.
    """
    subject = subject_of(query.text)
    asked = query
    if subject != query.text:
        asked = replace(query, text=subject, vector=retriever.embed([subject])[0])
    passages = retriever.passages(asked, _BESIDE, filters) or [0.0]
    beside = passages[1:] or passages
    sentence, near = _nearest(asked.vector, papers, retriever)
    names = names_in(query.text)
    return {
        "sentence": sentence,
        "passage": passages[0],
        "beside": sum(beside) / len(beside),
        "overlap": _overlap(subject, near, retriever),
        "unknown": float(any(not retriever.frequency(name) for name in names)),
    }


def title_share(text: str, papers: Sequence[Paper], retriever: Retriever) -> float:
    """The share of the subject's words, by idf, that stands in one title."""
    subject = subject_of(text)
    return _overlap(subject, [paper.title for paper in papers], retriever)


def subject_of(question: str) -> str:
    """The question without the words around its subject: "which papers study grokking?" is about
    "grokking"; a question of nothing else comes back as it is."""
    said = list(_PART.finditer(question))
    kept = [part for part in said if not FRAME.issuperset(words(part.group()))]
    if not kept:
        return question
    return question[kept[0].start() : kept[-1].end()].strip(_EDGES) or question


def _nearest(
    vector: Vectors, papers: Sequence[Paper], retriever: Retriever
) -> tuple[float, list[str]]:
    """The highest cosine of a sentence, alone or in its paper's light, and the nearest sentences,
    each with the title over it."""
    if not papers:
        return -1.0, []
    stored = retriever.sentence_vectors([paper.id for paper in papers])
    unknown = np.empty((0, len(vector)), np.float32)
    found: list[tuple[float, str, str]] = []
    for paper in papers:
        sentences = split_sentences(paper.abstract)
        cosines = (stored.get(paper.id, unknown) @ vector).tolist()
        if len(cosines) == len(sentences):
            titles = [paper.title] * len(sentences)
            found += zip(cosines, sentences, titles, strict=True)
    if not found:
        return _nearest_title(vector, papers, retriever)
    found = sorted(found, key=lambda one: -one[0])[:_ALONE]
    alone = retriever.embed([sentence for _, sentence, _ in found]) @ vector
    best = max(found[0][0], float(alone.max()))
    return best, [f"{title} {sentence}" for _, sentence, title in found]


def _nearest_title(
    vector: Vectors, papers: Sequence[Paper], retriever: Retriever
) -> tuple[float, list[str]]:
    """The same of papers without abstracts."""
    titles = [paper.title for paper in papers]
    return float((retriever.embed(titles) @ vector).max()), titles


def _overlap(subject: str, texts: Sequence[str], retriever: Retriever) -> float:
    """The share of the subject's terms, by idf, that the best of the texts has."""
    asked = {term: retriever.idf(term) for term in retriever.terms(subject)}
    met = [share_met(asked, retriever.terms(text)) for text in texts]
    return max(met, default=0.0)


@cache
def _scores() -> tuple[_Score, ...]:
    path = Path(__file__).with_name("closeness.json")
    fitted = json.loads(path.read_text(encoding="utf-8"))
    return tuple(_Score(**score) for score in fitted.values())
