"""Which sentences of a paper answer a question. Knows vectors and terms, no store and no model.

A sentence's score is linear in what it shares with the question and in what it shows by itself
(`ragbot.reading.abstracts`); the weights differ by what kind of answer the question asks for. They
stand in ``sentence_weights.json``, fitted by listwise softmax regression on questions whose
answering sentences are known: see benchmarks/sentences.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.reading.abstracts import SHOWN, ReadSentences
from ragbot.retrieval.asking import ANSWERING, Asking
from ragbot.types import Kind, RankedSentence

__all__ = [
    "FEATURES",
    "best_texts",
    "features_of",
    "rank_sentences",
]

FEATURES = (
    "cosine",
    "overlap",
    *ANSWERING,
    *SHOWN,
)
"""What the columns of `features_of` are."""

# idf of three rare words: a question with less leaves more to the meaning.
_LEAST_WEIGHT = 15.0


def features_of(
    sentences: ReadSentences,
    vectors: Vectors,
    question: Vectors,
    weights: Mapping[str, float],
    asking: Asking,
) -> Vectors:
    """What the score of each sentence is made of (sentences, features), by `FEATURES`.

    ``vectors`` (sentences, dimension) stand in reading order, ``question`` (dimension,) is the
    question's; ``weights`` has the idf of each term that a sentence should repeat; ``asking`` is
    how it asks.
    """
    total = max(sum(weights.values()), _LEAST_WEIGHT)
    # In the question's order: a sum of floats must not hang on that of a set.
    shared = [filter(terms.__contains__, weights) for terms in sentences.terms]
    overlap = [sum(map(weights.__getitem__, terms)) / total for terms in shared]
    found = np.empty((len(sentences.texts), len(FEATURES)), np.float32)
    found[:, 0] = vectors @ question
    found[:, 1] = overlap
    found[:, 2 : -len(SHOWN)] = list(map(asking.answered_in, sentences.texts))
    found[:, -len(SHOWN) :] = sentences.shown
    return found


def rank_sentences(
    sentences: ReadSentences, features: Vectors, kind: Kind
) -> list[RankedSentence]:
    """The sentences of a paper, best first for a question of that kind.

    ``features`` are as `features_of` gives them.
    """
    scores = features @ _weights()[kind]
    ranked = [
        RankedSentence(text, position, cosine, score)
        for position, (text, cosine, score) in enumerate(
            zip(sentences.texts, features[:, 0].tolist(), scores.tolist(), strict=True)
        )
    ]
    return sorted(ranked, key=lambda s: -s.score)


@cache
def _weights() -> Mapping[Kind, Vectors]:
    """The weight of each feature for each kind of question."""
    path = Path(__file__).parent / "sentence_weights.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {
        kind: np.array([weights.get(name, 0.0) for name in FEATURES], np.float32)
        for kind, weights in stored["kinds"].items()
    }


def best_texts(ranked: Sequence[RankedSentence], n: int) -> tuple[str, ...]:
    """The first ``n`` texts."""
    return tuple(map(attrgetter("text"), ranked[:n]))
