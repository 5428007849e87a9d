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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from heapq import nlargest
from itertools import repeat
from operator import attrgetter, itemgetter
from pathlib import Path

import numpy as np

from ragbot.answer.relevance import share_met
from ragbot.answer.subject import share_of_subject, subject_of, weights_of
from ragbot.answer.works import names_borne
from ragbot.embedding.embedder import Vectors
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.text.names import names_in
from ragbot.types import Filters, Paper

__all__ = ["ENOUGH", "closeness", "grown_by", "signals"]

ENOUGH = 0.418
"""The closeness below which one of twenty answerable questions lies; see `answer.abstain_below`."""

# Up to so many papers all weights stay as they are.
_SMALL = 450
# Papers whose nearest passages tell how much nearer than others the nearest is.
_BESIDE = 10
# Sentences in which the words of the subject are looked for.
_NEAREST = 8


@dataclass(frozen=True, slots=True)
class _Score:
    """A logistic score, less what it must be in a collection of so many papers.

    ``growth`` is what weights gain as the collection grows (`grown_by`). ``least`` has what the
    score must be by the logarithm of the papers' number; between them it is interpolated.
    """

    weights: Mapping[str, float]
    growth: Mapping[str, float]
    least: Sequence[tuple[float, float]]
    scale: float

    def over(self, measured: Mapping[str, float], papers: int) -> float:
        size = math.log(max(papers, 1))
        total = _weighted(self.weights, measured)
        total += float(grown_by(size)) * _weighted(self.growth, measured)
        logs, values = zip(*self.least, strict=True)
        return (total - float(np.interp(size, logs, values))) / self.scale


def grown_by(size: float | Vectors) -> Vectors:
    """How often a collection has grown by the factor e, from `_SMALL` papers on; ``size`` is the
    logarithm of its papers' number."""
    grown: Vectors = np.maximum(0.0, size - np.log(_SMALL))
    return grown


def _weighted(weights: Mapping[str, float], measured: Mapping[str, float]) -> float:
    return sum(weight * measured[name] for name, weight in weights.items())


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

    ``sentence``, ``passage``: the highest cosine of one, as they are stored, to the subject of the
    question; ``beside``: the mean cosine of the nearest passages of the next nine papers;
    ``overlap``: the share of the subject's words, by idf, in a near sentence or its paper's title;
    ``unmet``: the idf of the rarest that the paper with most of them lacks; ``unknown``: 1.0 where
    the question has a name that no paper has; ``usual``: the mean cosine of all sentences here,
    which tells the field; ``borne``: 1.0 where a paper bears a rare name that the question gives.
    """
    subject = subject_of(query.text)
    asked = query
    if subject != query.text:
        asked = replace(query, text=subject, vector=retriever.embed([subject])[0])
    passages = retriever.passages(asked, _BESIDE, filters) or [0.0]
    beside = passages[1:] or passages
    # A paper without an abstract has its title, which is a passage.
    near = _nearest(asked.vector, papers, retriever) or [
        (passages[0], paper.title, frozenset()) for paper in papers
    ]
    said = [terms.union(retriever.terms(title)) for _, title, terms in near]
    names = names_in(query.text)
    return {
        "sentence": max(map(itemgetter(0), near), default=-1.0),
        "passage": passages[0],
        "beside": sum(beside) / len(beside),
        "overlap": share_of_subject(subject, said, retriever),
        "unmet": _unmet(subject, papers, retriever),
        "unknown": float(not all(map(retriever.frequency, names))),
        "usual": retriever.usual(asked.vector),
        "borne": float(bool(names_borne(query.text, papers, retriever))),
    }


_Near = tuple[float, str, frozenset[str]]
"""The cosine of a sentence, the title over it, and its terms."""


def _nearest(
    vector: Vectors, papers: Sequence[Paper], retriever: Retriever
) -> list[_Near]:
    """The nearest sentences, best first."""
    stored = retriever.sentence_vectors(list(map(attrgetter("id"), papers)))
    found: list[_Near] = []
    for paper, sentences in zip(papers, retriever.sentences(papers), strict=True):
        cosines = (stored[paper.id] @ vector).tolist() if paper.id in stored else []
        # Of an abstract that an older version parted elsewhere the last ones may lack a vector.
        found += zip(cosines, repeat(paper.title), sentences.terms, strict=False)
    return nlargest(_NEAREST, found, itemgetter(0))


def _unmet(subject: str, papers: Sequence[Paper], retriever: Retriever) -> float:
    """The idf of the rarest term of the subject that the paper with most of them lacks."""
    asked = weights_of(subject, retriever)
    had = retriever.paper_terms(papers)
    best = max(had, key=partial(share_met, asked), default=frozenset())
    return max(map(asked.__getitem__, asked.keys() - best), default=0.0)


@cache
def _scores() -> tuple[_Score, ...]:
    path = Path(__file__).with_name("closeness.json")
    fitted = json.loads(path.read_text(encoding="utf-8"))
    return tuple(_Score(**score) for score in fitted.values())
