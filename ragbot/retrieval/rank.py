"""Which sentences of a paper answer a question. Knows vectors and terms, no store and no model.

A sentence's score is linear in what it shares with the question and in what it shows by itself
(`ragbot.retrieval.cues`); the weights differ by what kind of answer the question asks for. They
stand in ``sentence_weights.json``, fitted by listwise softmax regression on questions whose
answering sentences are known: see benchmarks/sentences.py.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path

import numpy as np

from ragbot.embedding.embedder import Vectors
from ragbot.retrieval.asking import ANSWERING, Asking
from ragbot.retrieval.cues import CUES, cues_of
from ragbot.retrieval.roles import ROLES, role_scores
from ragbot.text.latex import readable
from ragbot.text.sentences import split_sentences
from ragbot.types import Kind, RankedSentence

__all__ = [
    "FEATURES",
    "ReadSentences",
    "best_texts",
    "features_of",
    "rank_sentences",
    "read_sentences",
]

FEATURES = (
    "cosine",
    "overlap",
    *ANSWERING,
    "length",
    "opening",
    "place",
    *CUES,
    *ROLES,
)
"""What the columns of `features_of` are."""

# How many of them a sentence shows whatever the question.
_SHOWN = len(CUES) + len(ROLES) + 3
# idf of three rare words: a question with less leaves more to the meaning.
_LEAST_WEIGHT = 15.0
# By its first letter, so that a text is quickly read.
_ADDRESS = re.compile(r"[HhWw](?:(?<=[Hh])(?i:ttps?://)|(?<=[Ww])(?i:ww\.))\S+")
# So many characters count as of no length.
_USUAL_LENGTH = 150


@dataclass(frozen=True, slots=True)
class ReadSentences:
    """The sentences of an abstract in reading order: their texts, the terms of each, and what each
    shows whatever the question (sentences, features)."""

    texts: tuple[str, ...]
    terms: tuple[frozenset[str], ...]
    shown: Vectors


def read_sentences(
    abstract: str, terms: Callable[[str], Iterable[str]]
) -> ReadSentences:
    """The sentences of an abstract, ready to be ranked for any question."""
    texts = split_sentences(abstract)
    last = max(1, len(texts) - 1)
    plain = list(map(readable, texts))
    roles = role_scores(plain)
    shown = [
        [
            math.log(len(text) / _USUAL_LENGTH),
            float(position == 0 < len(texts) - 1),
            position / last,
            *cues_of(plain[position]),
            *roles[position],
        ]
        for position, text in enumerate(texts)
    ]
    return ReadSentences(
        tuple(texts),
        # The words of a link say nothing.
        tuple(frozenset(terms(_ADDRESS.sub(" ", text))) for text in texts),
        np.array(shown, np.float32).reshape(len(texts), _SHOWN),
    )


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
    overlap = [
        sum(idf for term, idf in weights.items() if term in terms) / total
        for terms in sentences.terms
    ]
    answering = list(map(asking.answered_in, sentences.texts))
    columns = (vectors @ question, overlap, answering, sentences.shown)
    return np.column_stack(columns).astype(np.float32)


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
