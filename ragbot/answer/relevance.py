"""Which of the papers found for a topic are on it: where a list ends.

A logistic regression on how close each comes beside the others and how many of the topic's words it
has. Fitted, and cross-validated by question, in benchmarks/lists.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial
from itertools import compress, repeat
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.retrieval.retriever import Query, Retriever
from ragbot.types import Hit, Paper

__all__ = ["FEATURES", "features_of", "relevant", "share_met"]

FEATURES = (
    "score",
    "dense",
    "sentence",
    "sentence_share",
    "lexical",
    "covered",
    "title_covered",
    "all_covered",
    "phrases",
    "title_phrases",
    "rank",
)
"""What the columns of `features_of` are."""


class _Weights(NamedTuple):
    """Of each feature, of none, and from which probability on a paper is relevant."""

    features: Vectors
    intercept: float
    threshold: float


def relevant(
    hits: Sequence[Hit], topic: Query, retriever: Retriever, *, share: float = 1.0
) -> list[Hit]:
    """The hits that are on the topic, best first, but always one; there are some to choose from.

    ``share`` of the usual probability is enough: the newest must not be missed.
    """
    weights = _weights()
    scores = features_of(hits, topic, retriever) @ weights.features + weights.intercept
    least = share * weights.threshold
    least = math.log(least / (1 - least))
    kept = list(compress(hits, scores >= least))
    return kept or [hits[int(scores.argmax())]]


def features_of(hits: Sequence[Hit], topic: Query, retriever: Retriever) -> Vectors:
    """What tells whether each hit is on the topic (hits, features), by `FEATURES`."""
    papers = list(map(attrgetter("paper"), hits))
    ids = list(map(attrgetter("id"), papers))
    vectors = retriever.sentence_vectors(ids)
    unknown = np.empty((0, len(topic.vector)), np.float32)
    own = list(map(vectors.get, ids, repeat(unknown)))
    nearest = [max((rows @ topic.vector).tolist(), default=0.0) for rows in own]
    best = hits[0].score or 1.0
    closest = max(max(nearest), 1e-9)
    most = max(*map(attrgetter("lexical"), hits), 1e-9)
    covered = partial(_covered, topic, set(retriever.pairs(topic.text)), retriever)
    shares = map(covered, papers, retriever.paper_terms(papers))
    rows = [
        [
            hit.score / best,
            hit.dense,
            near,
            near / closest,
            hit.lexical / most,
            *met,
            math.log(rank),
        ]
        for rank, (hit, near, met) in enumerate(
            zip(hits, nearest, shares, strict=True), 1
        )
    ]
    return np.array(rows, np.float32)


def _covered(
    topic: Query,
    pairs: set[str],
    retriever: Retriever,
    paper: Paper,
    terms: frozenset[str],
) -> list[float]:
    """Shares of the topic's words, by idf, and of its pairs of neighbours that a paper has, of
    which ``terms`` are the terms."""
    weights = topic.weights
    title = set(retriever.terms(paper.title))
    title_pairs = pairs.intersection(retriever.pairs(paper.title))
    own_pairs = set(title_pairs)
    # Few abstracts have both words of a pair.
    if any(terms.issuperset(pair.split("_")) for pair in pairs - title_pairs):
        own_pairs |= pairs.intersection(retriever.pairs(paper.abstract))
    return [
        share_met(weights, terms),
        share_met(weights, title),
        float(weights.keys() <= terms),
        len(own_pairs) / max(1, len(pairs)),
        float(bool(pairs) and pairs == title_pairs),
    ]


def share_met(weights: Mapping[str, float], terms: Collection[str]) -> float:
    """The share of weighted terms that is among others, 0 of none."""
    shared = filter(terms.__contains__, weights)
    met = sum(map(weights.__getitem__, shared))
    return met / max(sum(weights.values()), 1e-9)


@cache
def _weights() -> _Weights:
    path = Path(__file__).parent / "relevance_weights.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    features = np.array([stored["weights"][name] for name in FEATURES], np.float32)
    return _Weights(features, stored["intercept"], stored["threshold"])
